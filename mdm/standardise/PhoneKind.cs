namespace CdcSync.Mdm.Standardise;

/// <summary>Telephone numbers: the national number, so that all notations of one meet; calling code and extension in the detail.</summary>
public sealed class PhoneKind : IFieldKind
{
    public string Name => "phone";

    public string Summary => "telephone numbers, one by one: national digits, calling code and extension apart";

    public string Comparison => "phone";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) => CellText.Folded(raw, reading) is { } folded ? PhoneNumbers.Read(folded, reading) : [];
}
