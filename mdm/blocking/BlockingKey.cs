using CdcSync.Contract.Settings;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Blocking;

/// <summary>A key that brings records together to be compared: fields, each in a form.</summary>
/// <param name="Text">As the rule file writes it.</param>
/// <param name="Parts">Field and form; records share the key when they share all of them.</param>
public sealed record BlockingKey(string Text, IReadOnlyList<(string Field, KeyForm Form)> Parts)
{
    /// <summary>Reads <c>postcode + name.first5</c>.</summary>
    /// <exception cref="SettingsException">A field or a form is not known.</exception>
    public static BlockingKey Parse(string text, IReadOnlyDictionary<string, FieldRule> fields, string path)
    {
        var parts = new List<(string, KeyForm)>();
        foreach (var part in text.Split('+', StringSplitOptions.TrimEntries))
        {
            var (field, form) = part.IndexOf('.') is >= 0 and var dot ? (part[..dot], part[(dot + 1)..]) : (part, "all");
            if (!fields.ContainsKey(field)) throw new SettingsException(path, $"there is no field '{field}'{NearestName.Hint(field, fields.Keys)}");
            parts.Add((field, KeyForms.Get(form, path)));
        }
        return new BlockingKey(text, parts);
    }
}

/// <summary>A way to make key values of a field's value.</summary>
/// <param name="Name">As rule files write it.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Of">The key values; none when the value is too short for one.</param>
public sealed record KeyForm(string Name, string Summary, Func<FieldValue, Scoring.IWordFrequencies, IEnumerable<string>> Of)
{
    /// <summary>What a record's values of a field make, as numbers, each once.</summary>
    internal ulong[] Hashes(FieldValue[] values, Scoring.IWordFrequencies words) => [.. values.SelectMany(v => Of(v, words)).Where(t => t.Length > 0).Select(KeyHash.Of).Distinct()];
}
