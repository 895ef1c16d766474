using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Mapping;

/// <summary>One row of a mapping's projection, on its way to an object.</summary>
/// <param name="Id">Its id: the key's values joined with '|'.</param>
/// <param name="Fields">Field values by name; key columns that are no fields among them.</param>
/// <param name="Error">Why there are none: the row could not be converted.</param>
sealed record MappedRow(string Id, JsonObject? Fields, string? Error = null);

/// <summary>What led to a record: goes into its envelope.</summary>
readonly record struct Cause(SourcePosition Version, DateTimeOffset CommittedAt, string CorrelationId);

/// <summary>Makes canonical objects of mapped rows.</summary>
static class ObjectBuilder
{
    /// <summary>The field names of an object, without its envelope.</summary>
    public static IReadOnlyList<string> Fields(CanonicalKind kind) =>
        [.. CanonicalJson.Default.GetTypeInfo(kind.Type)!.Properties.Select(p => p.Name).Where(n => n is not ("source" or "source_id" or "version" or "committed_at" or "correlation_id"))];

    /// <summary>The object of a row.</summary>
    /// <exception cref="FormatException">The row is no such object; the message says which field.</exception>
    public static CanonicalObject Build(ObjectMapping mapping, MappedRow row, Cause cause)
    {
        if (row.Fields is not { } fields) throw new FormatException(row.Error ?? "no fields");
        foreach (var column in mapping.KeyOnlyColumns) fields.Remove(column);
        foreach (var name in mapping.Fields)
            if (fields.TryGetPropertyValue(name, out var value) && value is null) fields.Remove(name);   // null is "not given": the field's default
        fields["source"] = mapping.Settings.Source;
        fields["source_id"] = row.Id;
        fields["version"] = cause.Version.ToString();
        fields["committed_at"] = cause.CommittedAt;
        fields["correlation_id"] = cause.CorrelationId;
        try
        {
            return (CanonicalObject)fields.Deserialize(mapping.Kind.Type, CanonicalJson.Reading)!;
        }
        catch (JsonException wrong)
        {
            throw new FormatException($"{wrong.Path?.TrimStart('$', '.')}: {wrong.Message.Split(". Path:")[0]}", wrong);
        }
    }
}
