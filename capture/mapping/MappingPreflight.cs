using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Mapping;

/// <summary>What <c>cdcsync check</c> says of mappings, as far as it is the same at every kind of source.</summary>
static class MappingPreflight
{
    /// <summary>Checks one mapping after the other; one that nothing is found of fits.</summary>
    /// <param name="mappings">All of the source.</param>
    /// <param name="fit">What fits, for the line of a mapping that does.</param>
    /// <param name="check">Adds what is found of one mapping.</param>
    public static async Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, string fit, Func<ObjectMapping, List<PreflightResult>, Task> check)
    {
        var found = new List<PreflightResult>();
        foreach (var mapping in mappings)
        {
            var before = found.Count;
            try
            {
                await check(mapping, found);
            }
            catch (MappingException wrong)
            {
                found.Add(new(PreflightLevel.Fail, wrong.Message));
            }
            if (found.Count == before) found.Add(new(PreflightLevel.Pass, $"Mapping {mapping.Settings.Name}: {fit}"));
        }
        return found;
    }

    /// <summary>Looks for the key's columns in a mapping's result, and for its columns or row among the object's fields.</summary>
    public static void CheckColumns(ObjectMapping mapping, IReadOnlyList<string> columns, List<PreflightResult> found)
    {
        foreach (var key in mapping.KeyColumns.Where(k => !columns.Contains(k)))
            found.Add(new(PreflightLevel.Fail, $"Mapping {mapping.Settings.Name}: the result has no key column '{key}'{NearestName.Hint(key, columns)}"));
        var given = mapping.Row.Count > 0 ? mapping.Row.Select(r => r.Field.Split('.')[0]).Distinct(StringComparer.Ordinal) : columns.Except(mapping.KeyOnlyColumns);
        foreach (var field in given.Except(mapping.Fields))
            found.Add(new(PreflightLevel.Fail, $"Mapping {mapping.Settings.Name}: a {mapping.Kind.Name} has no field '{field}'{NearestName.Hint(field, mapping.Fields)}"));
    }
}
