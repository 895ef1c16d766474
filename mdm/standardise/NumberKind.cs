namespace CdcSync.Mdm.Standardise;

/// <summary>A number: price, quantity, weight.</summary>
public sealed class NumberKind : IFieldKind
{
    public string Name => "number";

    public string Summary => "a number: price, quantity, weight";

    public string Comparison => "number";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        return double.TryParse(folded.Trim('$', '€', ' '), System.Globalization.CultureInfo.InvariantCulture, out var number) ? [new FieldValue(number.ToString("R"), detail: number)] : [];
    }
}
