namespace CdcSync.Mdm.Standardise;

/// <summary>A street line in parts.</summary>
public sealed class StreetKind : IFieldKind
{
    public string Name => "street";

    public string Summary => "a street line: number, name, unit and P.O. box apart, usual abbreviations";

    public string Comparison => "street";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) =>
        CellText.Folded(Lines(raw), reading) is { } folded && StreetParser.Read(folded, reading) is { } value ? [value] : [];

    // Line breaks and wide gaps part what commas part.
    static string Lines(string raw)
    {
        if (raw.AsSpan().IndexOfAny('\n', '\r') < 0 && !raw.Contains("  ", StringComparison.Ordinal)) return raw;
        var lines = raw.Length > CellText.Longest ? raw[..(CellText.Longest + 1)] : raw;
        lines = lines.Replace('\n', ',').Replace('\r', ',');
        return lines.AsSpan().TrimEnd().IndexOf("  ") is > 5 and var gap && lines.AsSpan(0, gap).ContainsAnyInRange('0', '9') ? $"{lines[..gap]},{lines[gap..]}" : lines;
    }
}
