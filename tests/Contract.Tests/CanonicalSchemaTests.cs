using CdcSync.Contract.Avro;
using CdcSync.Contract.Canonical;
using CdcSync.Servers;

namespace CdcSync.Contract.Tests;

/// <summary>The schemas in contract/canonical/schemas are what the records say. <c>CDCSYNC_REWRITE_SCHEMAS=1</c> writes them anew, when the change is compatible.</summary>
public class CanonicalSchemaTests
{
    public static TheoryData<string, Type> Kinds => [.. CanonicalCatalog.All.Select(k => (k.Name, k.Type)), ("canonical_key", typeof(CanonicalKey)), ("cross_reference", typeof(CrossReference)), ("review", typeof(Review)), ("golden_move", typeof(GoldenMove))];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_checked_in_schema_is_the_derived_one(string name, Type type)
    {
        var file = Path.Combine(Needs.Root, "contract", "canonical", "schemas", $"{name}.avsc");
        var derived = AvroObject.SchemaOf(type).ToJson(indented: true) + "\n";
        if (Environment.GetEnvironmentVariable("CDCSYNC_REWRITE_SCHEMAS") == "1")
        {
            if (File.Exists(file)) RefuseIncompatible(type, file);
            File.WriteAllText(file, derived);
        }
        Assert.Equal(File.ReadAllText(file), derived);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_change_of_a_record_reads_what_was_written_before_it(string name, Type type) =>
        RefuseIncompatible(type, Path.Combine(Needs.Root, "contract", "canonical", "schemas", $"{name}.avsc"));

    static void RefuseIncompatible(Type type, string file)
    {
        var found = AvroCompatibility.Check(AvroObject.SchemaOf(type), AvroSchema.Parse(File.ReadAllText(file)));
        Assert.True(found.Count == 0, $"{type.Name} no longer reads what was written before: {string.Join("; ", found.Select(f => $"{f.Type} at {f.Path}: {f.Detail}"))}");
    }

    [Theory]
    [InlineData("customer", "CustomerId")]
    [InlineData("item", "ItemId")]
    [InlineData("location", "LocationId")]
    public void Whatever_names_a_golden_record_s_record_is_among_its_dependents(string kind, string names)
    {
        bool Names(Type type) => type.GetProperty(names) is not null || type.GetProperties().Any(p => p.PropertyType.IsGenericType && p.PropertyType.GetGenericArguments()[0] is { IsClass: true } part && part.GetProperty(names) is not null);
        Assert.Equal(CanonicalCatalog.All.Where(k => Names(k.Type)).Select(k => k.Name), CanonicalCatalog.Find(kind)!.Dependents);
    }

    [Fact]
    public void Every_field_of_a_canonical_object_has_a_default()
    {
        foreach (var kind in CanonicalCatalog.All)
            Assert.All(AvroObject.SchemaOf(kind.Type).Fields, f => Assert.True(f.Default is not null, $"{kind.Name}.{f.Name} has no default: it could never be added or removed"));
    }

    [Fact]
    public void A_removed_required_field_and_a_new_type_are_noticed()
    {
        var before = AvroSchema.Parse(AvroObject.SchemaOf(typeof(Price)).ToJson().Replace("\"name\":\"tax_included\",\"type\":\"boolean\"", "\"name\":\"tax_included\",\"type\":\"string\"", StringComparison.Ordinal)
            .Replace("\"type\":\"string\",\"default\":false", "\"type\":\"string\",\"default\":\"\"", StringComparison.Ordinal));
        Assert.Equal("TYPE_MISMATCH", Assert.Single(AvroCompatibility.Check(AvroObject.SchemaOf(typeof(Price)), before)).Type);
    }
}
