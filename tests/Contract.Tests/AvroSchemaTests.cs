using System.Text.Json;
using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Tests;

public class AvroSchemaTests
{
    [Theory]
    [InlineData("""{"type":"record","name":"R","namespace":"a.b","doc":"d","aliases":["Old"],"fields":[{"name":"x","type":["null",{"type":"int","logicalType":"date"}],"doc":"f","default":null,"order":"ignore","aliases":["y"],"p":{"q":[1,2.50]}},{"name":"next","type":["null","R"],"default":null}],"z":1,"a":"2"}""")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A","B"],"default":"A","k":true}""")]
    [InlineData("""[{"type":"fixed","name":"F","namespace":"n","size":12,"logicalType":"duration"},"n.F2x","null"]""", """{"type":"fixed","name":"F2x","namespace":"n","size":1}""")]
    [InlineData("""{"type":"map","values":{"type":"array","items":"string","connect.name":"x"},"connect.doc":"m"}""")]
    [InlineData("""{"type":"error","name":"Err","fields":[]}""")]
    public void A_schema_is_written_as_it_was_read(string text, string? reference = null)
    {
        AvroSchema[] references = reference is null ? [] : [AvroSchema.Parse(reference)];
        Assert.Equal(text, AvroSchema.Parse(text, references).ToJson(references));
    }

    [Theory]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":{"type":"array","items":"nope"}}]}""", "/fields/1/type/items", "nope")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}""", "/fields/0/default", "int")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}""", "/fields/1", "'a'")]
    [InlineData("""["int",["null"]]""", "/1", "union")]
    [InlineData("""["int","int"]""", "/1", "twice")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A","A"]}""", "/symbols/1", "twice")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"],"default":"B"}""", "/default", "'B'")]
    [InlineData("""{"type":"fixed","name":"F","size":-1}""", "/size", "size")]
    [InlineData("""{"type":"record","name":"1R","fields":[]}""", "/name", "1R")]
    [InlineData("""{"type":"record","name":"R"}""", "", "fields")]
    [InlineData("""{"name":"R"}""", "", "type")]
    [InlineData("""{"type":"array"}""", "", "items")]
    [InlineData("12", "", "name")]
    [InlineData("{", "", "JSON")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"R","default":{}}]}""", "/fields/0/default", "R")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":["string","R"],"default":{}},{"name":"b","type":["R","int"],"default":{}}]}""", "/fields/0/default", "union")]
    public void A_wrong_schema_is_refused_with_its_place(string text, string path, string says)
    {
        var error = Assert.Throws<AvroSchemaException>(() => AvroSchema.Parse(text));
        Assert.Equal(path, error.Path);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 2000)) + "\"int\"" + new string('}', 2000);
        Assert.Throws<AvroSchemaException>(() => AvroSchema.Parse(deep));
        var unions = new string('[', 90) + "\"int\"" + new string(']', 90);
        Assert.Throws<AvroSchemaException>(() => AvroSchema.Parse(unions));
    }

    [Fact]
    public void Names_are_looked_for_in_the_enclosing_namespace_first()
    {
        var schema = (AvroRecordSchema)AvroSchema.Parse("""
            {"type":"record","name":"a.R","fields":[
              {"name":"x","type":{"type":"fixed","name":"F","size":1}},
              {"name":"y","type":{"type":"fixed","name":"b.F","size":2}},
              {"name":"z","type":"F"},{"name":"w","type":"b.F"},{"name":"self","type":["null","a.R"]}]}
            """);
        Assert.Same(schema.Fields[0].Schema, schema.Fields[2].Schema);
        Assert.Same(schema.Fields[1].Schema, schema.Fields[3].Schema);
        Assert.Same(schema, ((AvroUnionSchema)schema.Fields[4].Schema).Branches[1]);
        Assert.Equal(["a.R", "a.F", "b.F"], AvroNamesOf(schema));
    }

    static IEnumerable<string> AvroNamesOf(AvroRecordSchema schema) =>
        new[] { schema.FullName }.Concat(schema.Fields.Select(f => f.Schema).OfType<AvroNamedSchema>().Select(s => s.FullName).Distinct());

    [Theory]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}""", AvroLogicalKind.Decimal)]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":2,"scale":3}""", AvroLogicalKind.None)]
    [InlineData("""{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":4}""", AvroLogicalKind.Decimal)]
    [InlineData("""{"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":5}""", AvroLogicalKind.None)]
    [InlineData("""{"type":"string","logicalType":"date"}""", AvroLogicalKind.None)]
    [InlineData("""{"type":"long","logicalType":"local-timestamp-micros"}""", AvroLogicalKind.LocalTimestampMicros)]
    [InlineData("""{"type":"int","logicalType":"what-ever"}""", AvroLogicalKind.None)]
    public void A_logical_type_applies_only_where_it_fits(string text, AvroLogicalKind expected) => Assert.Equal(expected, AvroSchema.Parse(text).Logical.Kind);

    // Vectors of the specification's own test data (schema-tests.txt).
    [Theory]
    [InlineData("\"null\"", "\"null\"", 7195948357588979594)]
    [InlineData("""{"type":"boolean"}""", "\"boolean\"", -6970731678124411036)]
    [InlineData("\"int\"", "\"int\"", 8247732601305521295)]
    [InlineData("""{"fields":[], "type":"record", "name":"foo"}""", """{"name":"foo","type":"record","fields":[]}""", -4824392279771201922)]
    [InlineData("""{"namespace":"x.y","type":"record","name":"foo","fields":[{"name":"f1","type":"boolean","doc":"x"}]}""", """{"name":"x.y.foo","type":"record","fields":[{"name":"f1","type":"boolean"}]}""", null)]
    public void The_canonical_form_and_its_fingerprint(string text, string form, long? fingerprint)
    {
        var schema = AvroSchema.Parse(text);
        Assert.Equal(form, AvroCanonicalForm.Of(schema));
        if (fingerprint is { } expected) Assert.Equal(expected, unchecked((long)AvroCanonicalForm.Fingerprint(schema)));
    }

    [Theory]
    [InlineData("\"long\"", "\"int\"", "")]
    [InlineData("\"int\"", "\"long\"", "TYPE_MISMATCH /")]
    [InlineData("\"string\"", "\"bytes\"", "")]
    [InlineData("""["null","string"]""", "\"string\"", "")]
    [InlineData("\"string\"", """["null","string"]""", "TYPE_MISMATCH /")]
    [InlineData("""["null","string"]""", """["null","int"]""", "MISSING_UNION_BRANCH /1")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"]}""", """{"type":"enum","name":"E","symbols":["A","B"]}""", "MISSING_ENUM_SYMBOLS /symbols")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"],"default":"A"}""", """{"type":"enum","name":"E","symbols":["A","B"]}""", "")]
    [InlineData("""{"type":"fixed","name":"F","size":2}""", """{"type":"fixed","name":"F","size":3}""", "FIXED_SIZE_MISMATCH /size")]
    [InlineData("""{"type":"fixed","name":"F","size":2}""", """{"type":"fixed","name":"G","size":2}""", "NAME_MISMATCH /name")]
    [InlineData("""{"type":"fixed","name":"F","aliases":["G"],"size":2}""", """{"type":"fixed","name":"G","size":2}""", "")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"n","type":"int"}]}""",
        """{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}""", "TYPE_MISMATCH /fields/0/type;READER_FIELD_MISSING_DEFAULT_VALUE /fields/1")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"int","aliases":["old"]},{"name":"n","type":["null","R"],"default":null}]}""",
        """{"type":"record","name":"R","fields":[{"name":"old","type":"int"},{"name":"n","type":["null","R"]},{"name":"gone","type":"R"}]}""", "")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"n","type":["null","R"]},{"name":"a","type":"int"}]}""",
        """{"type":"record","name":"R","fields":[{"name":"n","type":["null","R"]},{"name":"a","type":"string"}]}""", "TYPE_MISMATCH /fields/1/type")]
    public void Incompatibilities_are_named_as_the_registries_name_them(string reader, string writer, string expected) =>
        Assert.Equal(expected, string.Join(';', AvroCompatibility.Check(AvroSchema.Parse(reader), AvroSchema.Parse(writer)).Select(i => $"{i.Type} {i.Path}")));

    [Fact]
    public void Properties_keep_their_order() =>
        Assert.Equal(["z", "a", "m"], AvroSchema.Parse("""{"z":1,"type":"int","a":2,"m":3}""").Properties.Keys);

    [Fact]
    public void A_default_may_fit_any_branch_of_a_union()
    {
        var schema = (AvroRecordSchema)AvroSchema.Parse("""{"type":"record","name":"R","fields":[{"name":"a","type":["null","int"],"default":5}]}""");
        Assert.Equal(JsonValueKind.Number, schema.Fields[0].Default!.Value.ValueKind);
    }
}
