using System.Globalization;

namespace CdcSync.Mdm.Standardise;

/// <summary>A number: price, quantity, weight.</summary>
public sealed class NumberKind : IFieldKind
{
    public string Name => "number";

    public string Summary => "a number (price, quantity, weight): currency signs and both decimal styles";

    public string Comparison => "number";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        // "999" is a number here, not a placeholder.
        var bounded = raw.Length > CellText.Longest ? CellText.Folded(raw, reading) : Folding.Fold(raw);
        if (bounded is null || (Numbers.Read(bounded) is null && Placeholders.IsMissingFolded(bounded))) return [];
        if (Numbers.Read(bounded) is { } number && !IsNothing(bounded)) return [new FieldValue(number.ToString("0.##########", CultureInfo.InvariantCulture), detail: number)];
        if (reading.Notes is not null) reading.Note($"'{bounded}' is no number: missing");
        return [];
    }

    // "0", "0000": a price or weight of nothing was not known.
    static bool IsNothing(string folded) => !folded.AsSpan().ContainsAnyInRange('1', '9');
}
