namespace CdcSync.Mdm.Standardise;

/// <summary>Telephone numbers.</summary>
public sealed class PhoneKind : IFieldKind
{
    public string Name => "phone";

    public string Summary => "telephone numbers, one by one; national digits, extension apart";

    public string Comparison => "phone";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var digits = string.Concat(folded.Where(char.IsAsciiDigit)).TrimStart('0');
        if (digits.Length < 5) return [];
        return [new FieldValue(digits, [digits.Length > 9 ? digits[^9..] : digits], new Phone(digits, null, null))];
    }
}
