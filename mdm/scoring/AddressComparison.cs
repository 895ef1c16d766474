using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Whole addresses in one text: the street line and where it is.</summary>
public sealed class AddressComparison : IComparison
{
    readonly StreetComparison _street = new();

    public string Name => "address";

    public int Cost => 8;

    public IReadOnlyList<string> Levels { get; } =
        ["the same", "the same street and place", "a street alike, the same place", "the same street, no place", "the same street elsewhere", "the same place", "mostly the same words", "different"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        var (shared, first, second) = WordOverlap.Of(one, other, words);
        var overlap = shared / Math.Max(1e-9, Math.Min(first, second));
        if (one.Detail is not FullAddress left || other.Detail is not FullAddress right) return overlap >= 0.9 ? 1 : overlap >= 0.7 ? 6 : 7;
        var street = left.Street is { } l && right.Street is { } r
            ? _street.Compare(new FieldValue(Text(l), l.Name.Split(' '), l), new FieldValue(Text(r), r.Name.Split(' '), r), words) : -1;
        var place = Place(left, right);
        return street switch
        {
            >= 0 and <= 2 when place is true => 1,
            >= 0 and <= 2 when place is null => 3,
            3 or 5 when place is true => 2,
            >= 0 and <= 2 => 4,
            _ when place is true => 5,
            _ => overlap >= 0.8 ? 6 : 7,
        };
    }

    static string Text(StreetAddress street) => $"{street.Number} {street.Name} {street.Unit} {street.PoBox}";

    static bool? Place(FullAddress one, FullAddress other)
    {
        if (one.Postcode is not null && one.Postcode == other.Postcode) return true;
        if (one.Town is null || other.Town is null) return one.Postcode is null || other.Postcode is null ? null : false;
        return one.Town == other.Town || Similarity.JaroWinkler(one.Town, other.Town) >= 0.92;
    }
}
