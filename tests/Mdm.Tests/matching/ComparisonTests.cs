using CdcSync.Mdm.Scoring;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Tests.Matching;

/// <summary>Each comparison by the field kind it is made for: what people typed, and the level it comes to.</summary>
public sealed class ComparisonTests
{
    [Theory]
    [InlineData("company_name", "ACME Tools GmbH", "Acme Tools", "the same")]
    [InlineData("company_name", "Acme Tools", "Tools Acme", "the same words")]
    [InlineData("company_name", "Hingston Hydraulics", "Hinngston Hydraulics", "nearly the same")]
    [InlineData("company_name", "Hingston Hydraulics", "Hingston", "a part of the other")]
    [InlineData("company_name", "International Business Machines", "IBM", "a part of the other")]
    [InlineData("company_name", "Hingston Hydraulics", "Murray Textiles", "different")]
    [InlineData("person_name", "Bob Smith", "Robert Smith", "nearly the same")]
    [InlineData("person_name", "Patrick Smith", "Marsha Smith", "the surname, another given name")]
    [InlineData("party_name", "Robert Smith", "John Smith", "the surname, another given name")]
    [InlineData("party_name", "Robert Smith Jr", "Robert Smith Senior", "the surname, another given name")]
    [InlineData("given_name", "Robert", "Bob", "a short form")]
    [InlineData("given_name", "Catherine", "Cathrine", "a typing error")]
    [InlineData("given_name", "Robert", "R", "an initial")]
    [InlineData("given_name", "Robert", "Susan", "different")]
    [InlineData("surname", "Meier", "Mayer", "sounds the same")]
    [InlineData("surname", "Schulze", "Schulze-Bergmann", "a part of the other")]
    [InlineData("surname", "Allan", "Allen", "a typing error")]
    [InlineData("street", "12 Main Street", "12 Main St.", "the same")]
    [InlineData("street", "12 Main Street", "12 Main Street, Suite 4", "the same but for unit or direction")]
    [InlineData("street", "3130 Piedmont Rd", "3130 Piedmont Rd NE", "the same but for unit or direction")]
    [InlineData("street", "12 Main Street", "14 Main Street", "the street, another number")]
    [InlineData("street", "12 Main Street", "Main Street", "the street, one number missing")]
    [InlineData("street", "12 Main Street", "77 Ocean Drive", "different")]
    [InlineData("postcode", "4075", "4085", "one character differs")]
    [InlineData("postcode", "40754", "40199", "the same beginning")]
    [InlineData("phone", "+61 2 4312 5678", "0243125678", "the same")]
    [InlineData("phone", "0243125678", "0243125679", "a wrong digit")]
    [InlineData("email", "info@acme.example", "INFO@acme.example", "the same")]
    [InlineData("email", "john.smith@acme.example", "john.smith@gmail.com", "the same mailbox elsewhere")]
    [InlineData("email", "accounts@acme.example", "hana@acme.example", "the same domain")]
    [InlineData("identifier", "7535316", "7535361", "a typing error")]
    [InlineData("identifier", "7535316", "1112223", "different")]
    [InlineData("part_number", "AB-100 O", "AB1000", "the same to the eye")]
    [InlineData("part_number", "LM358", "LM358DR", "the same but for an end")]
    [InlineData("product_name", "sony turntable pslx350h", "Sony PS-LX350H belt drive", "a model number and most words")]
    [InlineData("product_name", "linksys etherfast switch ezxs88w", "linksys etherfast switch ezxs55w", "most words, other model numbers")]
    [InlineData("date", "1978-12-03", "1978-03-12", "day and month swapped")]
    [InlineData("date", "1943-03-22", "1946-03-22", "a wrong digit")]
    [InlineData("date", "1943-03-22", "1987-11-05", "different")]
    [InlineData("number", "100.00", "101", "within 2 %")]
    [InlineData("number", "100", "-100", "different")]
    [InlineData("coordinates", "40.7604 -73.9949", "40.7605 -73.9950", "within 30 m")]
    [InlineData("coordinates", "40.7604 -73.9949", "48.1371 11.5754", "farther")]
    [InlineData("town", "Graceville East", "Gracevile East", "a typing error")]
    public void What_people_type_comes_to_the_level_one_would_say(string kind, string one, string other, string level)
    {
        var fieldKind = FieldKinds.Get(kind, "kind");
        var comparison = ComparisonCatalog.Get(fieldKind.Comparison, "compare");
        var (left, right) = (fieldKind.Read(one, new FieldReading()).ToList(), fieldKind.Read(other, new FieldReading()).ToList());
        var best = left.SelectMany(l => right.Select(r => comparison.Compare(l, r, EqualWords.Instance))).Min();
        Assert.Equal(level, comparison.Levels[best]);
        Assert.Equal(best, right.SelectMany(r => left.Select(l => comparison.Compare(r, l, EqualWords.Instance))).Min());
    }

    [Fact]
    public void Every_kind_has_a_comparison_and_every_comparison_tells_equal_values_apart_from_others()
    {
        Assert.All(FieldKinds.All, kind => Assert.Contains(kind.Comparison, ComparisonCatalog.All.Select(c => c.Name)));
        Assert.All(ComparisonCatalog.All, comparison => Assert.InRange(comparison.Levels.Count, 2, 14));
    }

    /// <summary>All words equally rare.</summary>
    internal sealed class EqualWords : IWordFrequencies
    {
        public static EqualWords Instance { get; } = new();

        public double Bits(string word) => 10;
    }
}
