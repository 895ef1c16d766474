namespace CdcSync.Mdm.Standardise;

/// <summary>A number of any register: letters and digits alone.</summary>
public sealed class IdentifierKind : IFieldKind
{
    public string Name => "identifier";

    public string Summary => "a number of any register (customer, passport, social security): letters and digits count";

    public string Comparison => "identifier";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        // A spreadsheet made a number of it: "4711.0".
        if (folded.EndsWith(".0", StringComparison.Ordinal) && !folded.AsSpan(0, folded.Length - 2).ContainsAnyExceptInRange('0', '9')) folded = folded[..^2];
        var bare = string.Concat(folded.Where(char.IsLetterOrDigit));
        return bare.Length == 0 || Placeholders.IsMissingFolded(bare) ? [] : [new FieldValue(bare, detail: new Identifier(true, null))];
    }
}
