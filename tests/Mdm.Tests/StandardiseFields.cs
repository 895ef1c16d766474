using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Tests;

/// <summary>Short ways to read a field in tests.</summary>
static class StandardiseFields
{
    /// <summary>The texts of the values, with " | " between them; empty when missing.</summary>
    public static string Text(string kind, string raw, string? country = null, string? part = null) =>
        string.Join(" | ", Values(kind, raw, country, part).Select(v => v.Text));

    public static List<FieldValue> Values(string kind, string raw, string? country = null, string? part = null) =>
        FieldKinds.Find(kind)!.Read(raw, new FieldReading(country, part)).ToList();

    public static T Detail<T>(string kind, string raw, string? country = null) => (T)Assert.Single(Values(kind, raw, country)).Detail!;
}
