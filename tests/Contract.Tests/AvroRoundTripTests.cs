using CdcSync.Contract.Avro;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Contract.Tests;

public class AvroRoundTripTests
{
    static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(600);

    [Fact]
    public void Random_values_of_random_schemas_come_back_and_are_written_the_same_again() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var samples = new AvroSamples(new Random(seed));
            var schema = samples.Schema();
            var value = samples.Value(schema);
            var bytes = AvroWriter.For(schema).ToBytes(value);
            var back = AvroReader.For(schema).Read(bytes);
            // As read, unions are told only where they must be; what that means is told by writing it again, and by a schema parsed anew from its own text.
            var again = AvroSchema.Parse(schema.ToJson());
            return AvroWriter.For(schema).ToBytes(back).AsSpan().SequenceEqual(bytes)
                && AvroWriter.For(again).ToBytes(AvroReader.For(again).Read(bytes)).AsSpan().SequenceEqual(bytes)
                && AvroSame.As(Plain(value), Plain(back))
                && AvroCanonicalForm.Of(again) == AvroCanonicalForm.Of(schema)
                && AvroCompatibility.Check(again, schema).Count == 0;
        }).Check(Thorough);

    [Fact]
    public void Skipping_a_value_ends_where_reading_it_does() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var samples = new AvroSamples(new Random(seed));
            var schema = samples.Schema();
            var value = new AvroRecord(Around(schema), [samples.Value(schema), 7L]);
            var bytes = AvroWriter.For(value.Schema).ToBytes(value);
            var narrow = AvroSchema.Parse("""{"type":"record","name":"W","fields":[{"name":"tail","type":"double"}]}""");
            return ((AvroRecord)AvroReader.For(value.Schema, narrow).Read(bytes)!)["tail"] is 7d;
        }).Check(Thorough);

    [Fact]
    public void A_value_is_written_without_its_branch_told_where_it_tells_it_itself()
    {
        var schema = AvroSchema.Parse("""["null","boolean","int","long","float","double","string","bytes",{"type":"array","items":"int"},{"type":"map","values":"int"},{"type":"bytes","logicalType":"decimal","precision":5,"scale":1}]"""
            .Replace(",{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":5,\"scale\":1}", ",{\"type\":\"fixed\",\"name\":\"D\",\"size\":4,\"logicalType\":\"decimal\",\"precision\":5,\"scale\":1}", StringComparison.Ordinal));
        object?[] values = [null, true, 1, 1L, 1f, 1d, "x", new byte[] { 1 }, new List<object?> { 1 }, new Dictionary<string, object?> { ["a"] = 1 }, new AvroDecimal(12, 1)];
        for (var i = 0; i < values.Length; i++)
        {
            var bytes = AvroWriter.For(schema).ToBytes(values[i]);
            Assert.Equal(2 * i, bytes[0]);
            Assert.True(AvroSame.As(values[i], AvroReader.For(schema).Read(bytes)));
        }
    }

    [Fact]
    public void Text_that_could_be_string_or_symbol_comes_with_its_branch()
    {
        var schema = AvroSchema.Parse("""["string",{"type":"enum","name":"E","symbols":["A"]},"null"]""");
        Assert.Equal(new AvroBranch(1, "A"), AvroReader.For(schema).Read([2, 0]));
        Assert.Null(AvroReader.For(schema).Read([4]));
    }

    [Fact]
    public void Wrong_values_are_refused_with_their_field()
    {
        var schema = (AvroRecordSchema)AvroSchema.Parse("""
            {"type":"record","name":"n.R","fields":[{"name":"a","type":{"type":"array","items":{"type":"record","name":"I","fields":[
              {"name":"x","type":["null","int"]},{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":3,"scale":1}}]}}}]}
            """);
        var inner = (AvroRecordSchema)((AvroArraySchema)schema.Fields[0].Schema).Items;
        (object? X, object? D, string Path)[] wrong = [("text", 1m, "a[1].x"), (1, 1.25m, "a[1].d"), (1, 100m, "a[1].d"), (1, null, "a[1].d"), (2L, 1m, "a[1].x")];
        foreach (var (x, d, path) in wrong)
        {
            var value = new AvroRecord(schema, [new List<object?> { new AvroRecord(inner, [1, 1.5m]), new AvroRecord(inner, [x, d]) }]);
            var error = Assert.Throws<AvroDataException>(() => AvroWriter.For(schema).ToBytes(value));
            Assert.Equal(("n.R", path, null), (error.Schema, error.Path, error.Offset));
        }
    }

    [Fact]
    public void Text_of_any_length_and_width_has_its_length()
    {
        var (writer, reader) = (AvroWriter.For(AvroSchema.Parse("\"string\"")), AvroReader.For(AvroSchema.Parse("\"string\"")));
        foreach (var letter in (string[])["a", "é", "漢", "\U0001F600"])
            for (var count = 0; count < 300; count++)
            {
                var text = string.Concat(Enumerable.Repeat(letter, count));
                Assert.Equal(text, reader.Read(writer.ToBytes(text)));
            }
    }

    [Fact]
    public void A_value_that_contains_itself_is_refused()
    {
        var schema = (AvroRecordSchema)AvroSchema.Parse("""{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]}]}""");
        var value = new AvroRecord(schema);
        value[0] = value;
        Assert.Contains("records inside each other", Assert.Throws<AvroDataException>(() => AvroWriter.For(schema).ToBytes(value)).Message, StringComparison.Ordinal);
    }

    static AvroRecordSchema Around(AvroSchema inner) =>
        (AvroRecordSchema)AvroSchema.Parse($$"""{"type":"record","name":"W","fields":[{"name":"skipped","type":{{inner.ToJson()}}},{"name":"tail","type":"long"}]}""");

    static object? Plain(object? value) => value switch
    {
        AvroBranch branch => Plain(branch.Value),
        AvroRecord record => new AvroRecord(record.Schema, [.. record.Values.Select(Plain)]),
        List<object?> list => list.Select(Plain).ToList(),
        Dictionary<string, object?> map => map.ToDictionary(p => p.Key, p => Plain(p.Value)),
        _ => value,
    };
}
