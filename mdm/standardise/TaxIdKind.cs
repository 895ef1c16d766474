namespace CdcSync.Mdm.Standardise;

/// <summary>A tax number, a company number or a VAT number.</summary>
public sealed class TaxIdKind : IFieldKind
{
    public string Name => "tax_id";

    public string Summary => "a tax, company or VAT number; check digits are tested";

    public string Comparison => "identifier";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return TaxNumbers.Standard("vat", folded, reading.Country) is { } number ? [new FieldValue(number, detail: new Identifier(true, null))] : [];
    }
}
