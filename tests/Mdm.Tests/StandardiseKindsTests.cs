using CdcSync.Mdm.Standardise;
using CdcSync.Servers;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Mdm.Tests;

/// <summary>What holds for every kind of field, whatever people typed.</summary>
public sealed class StandardiseKindsTests
{
    static readonly string[] Pieces =
    [
        "Smith", "O'Brien", "GmbH & Co. KG", "12", "5a", "#", "/", "-", ",", "(", ")", ".", "@", "+49", "0", "St", "unit", "PO Box", "é", "ß", "ИП", "株式会社", "\ud83d\ude00", "\ud800", "\0", "\t", " ",
        "N/A", "c/o", "t/a", "DBA", "x", "ext", "16 GB", "1/2", "2020-02-30", "29.02.2019", "$1,234.56", "1.234,56 €", "NaN", "1e400", "Infinity", "-0", "91.0 181", "www.", "http://", "and", "The", "of",
        "von der", "Mc", "Jr", "DE123456789", "00012345600012", "between", "at", "23rd", "Straße", "rue", "calle", "via", "I", "V", "'", "\"", "&", "*", "ZZZ", "old", "use 12",
    ];

    static readonly Arbitrary<string> Texts = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""),
        Gen.Elements(Pieces).ListOf().Select(p => string.Join(' ', p)),
        Gen.Elements(Pieces).ListOf().Select(string.Concat)).ToArbitrary();

    public static TheoryData<string> Kinds => [.. FieldKinds.All.Select(k => k.Name)];

    [Fact]
    public void Every_kind_of_rule_files_is_there() => Assert.Equal(
        "address category company_name coordinates country date domain email gln given_name gtin identifier number pack part_number party_name person_name phone postcode product_name region street surname tax_id text town year".Split(' ').Order(StringComparer.Ordinal),
        FieldKinds.All.Select(k => k.Name));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_stands_in_the_guide_as_it_is(string kind)
    {
        var known = FieldKinds.Find(kind)!;
        Assert.Contains($"| `{kind}` | {known.Summary} | `{known.Comparison}` | {(known.Frequency ? "yes" : "")} |", File.ReadAllText(Path.Combine(Needs.Root, "docs/matching-fields.md")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Anything_can_be_read(string kind) => Prop.ForAll(Texts, text =>
    {
        foreach (var country in new[] { null, "DE", "US", "AU" })
            foreach (var value in FieldKinds.Find(kind)!.Read(text, new FieldReading(country)))
            {
                Assert.NotEmpty(value.Text);
                Assert.All(value.Words, Assert.NotEmpty);
                Assert.True(value.Text.Length <= 4000);
            }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Notes_change_nothing(string kind) => Prop.ForAll(Texts, text => Assert.Equal(
        Read(kind, text, new FieldReading("US")),
        Read(kind, text, new FieldReading("US", Notes: [])))).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    // A name's or an address's text is cut where people's habits say so, and a cut may show another: those are tested on what people write.
    public static TheoryData<string> StableKinds => [.. FieldKinds.All.Select(k => k.Name).Except(["company_name", "party_name", "person_name", "given_name", "surname", "address", "street", "town", "region", "product_name", "text", "pack", "phone"])];

    [Theory]
    [MemberData(nameof(StableKinds))]
    public void The_text_read_again_is_the_same(string kind) => Prop.ForAll(Texts, text =>
    {
        foreach (var value in FieldKinds.Find(kind)!.Read(text, new FieldReading()))
            if (Read(kind, value.Text, new FieldReading()) is var again && again != value.Text) Assert.Fail($"'{text}' is '{value.Text}', which is '{again}'");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_missing(string kind)
    {
        foreach (var nothing in new[] { "", "   ", "N/A", "TBD", "n. a.", "0000000", "xxxx", "--", "null", "unknown" })
            Assert.Empty(FieldKinds.Find(kind)!.Read(nothing, new FieldReading("DE")));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_document_in_a_cell_costs_no_more_than_a_name(string kind)
    {
        var notes = new List<string>();
        foreach (var document in new[] { string.Concat(Enumerable.Repeat("Acme 12 Street GmbH ", 52_429)), new string('7', 1 << 20), new string('a', 1 << 20) + "@b.example" })
        {
            var values = FieldKinds.Find(kind)!.Read(document, new FieldReading("DE", Notes: notes)).ToList();
            Assert.True(values.Sum(v => v.Text.Length + v.Words.Sum(w => w.Length)) < 50_000);
        }
        Assert.Contains(notes, n => n.Contains("characters are read", StringComparison.Ordinal));
    }

    static string Read(string kind, string text, FieldReading reading) => string.Join(" | ", FieldKinds.Find(kind)!.Read(text, reading).Select(v => v.Text));
}
