using System.Diagnostics;
using CdcSync.Contract.Avro;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Contract.Tests;

/// <summary>Whatever the bytes: a value or an <see cref="AvroDataException"/> that names the place; no other exception, no large allocation, no hang.</summary>
public class AvroMalformedTests
{
    const long FewBytes = 32 << 20;

    [Fact]
    public void Every_truncation_and_random_changes_end_in_a_value_or_a_named_place() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var samples = new AvroSamples(random);
            var schema = samples.Schema();
            var bytes = AvroWriter.For(schema).ToBytes(samples.Value(schema));
            var reader = AvroReader.For(schema);
            var skipper = AvroReader.For(schema, AvroSchema.Parse($$"""{"type":"record","name":"{{schema.Name.Short}}","fields":[]}"""));
            for (var length = 0; length < bytes.Length; length++)
            {
                // All the bytes are needed, so fewer are never a whole value.
                if (ErrorOf(reader, bytes.AsSpan(0, length), schema) is null || ErrorOf(skipper, bytes.AsSpan(0, length), schema) is null) return false;
            }
            for (var i = 0; i < 40; i++)
            {
                var changed = Mutated(bytes, random);
                ErrorOf(skipper, changed, schema);
                if (ErrorOf(reader, changed, schema) is { Offset: null }) return false;
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    /// <summary>The error, checked to name schema and offset; null when the bytes are a value. Any other exception fails the test.</summary>
    static AvroDataException? ErrorOf(AvroReader reader, ReadOnlySpan<byte> bytes, AvroSchema schema)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            reader.Read(bytes);
            return null;
        }
        catch (AvroDataException e)
        {
            Assert.Equal(schema.FullName, e.Schema);
            Assert.InRange(e.Offset!.Value, 0, bytes.Length);
            Assert.Contains($"'{schema.FullName}' at byte {e.Offset}", e.Message, StringComparison.Ordinal);
            return e;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, FewBytes);
        }
    }

    static byte[] Mutated(byte[] bytes, Random random)
    {
        var changed = bytes.ToList();
        for (var i = random.Next(1, 4); i > 0 && changed.Count > 0; i--)
        {
            var at = random.Next(changed.Count);
            switch (random.Next(4))
            {
                case 0: changed[at] = (byte)random.Next(256); break;
                case 1: changed[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: changed.RemoveAt(at); break;
                default: changed.InsertRange(at, [0xFF, 0xFF, 0xFF, 0xFF, (byte)random.Next(256)]); break;
            }
        }
        return [.. changed];
    }

    [Theory]
    [InlineData("\"boolean\"", "02", 0, "boolean")]
    [InlineData("\"boolean\"", "", 0, "ends")]
    [InlineData("\"int\"", "8080808010", 0, "32 bits")]
    [InlineData("\"int\"", "80", 0, "ends")]
    [InlineData("\"long\"", "ffffffffffffffffff02", 0, "64 bits")]
    [InlineData("\"long\"", "8080808080808080808001", 0, "64 bits")]
    [InlineData("\"float\"", "000000", 0, "ends")]
    [InlineData("\"double\"", "00000000000000", 0, "ends")]
    [InlineData("\"string\"", "04c328", 0, "UTF-8")]
    [InlineData("\"string\"", "06eda080", 0, "UTF-8")]
    [InlineData("\"string\"", "0461", 0, "1 bytes left")]
    [InlineData("\"bytes\"", "01", 0, "length of -1")]
    [InlineData("\"bytes\"", "feffffffffffffffff01", 0, "length of 9223372036854775807")]
    [InlineData("\"null\"", "00", 0, "follow")]
    [InlineData("""["null","int"]""", "04", 0, "union branch 2 of 2")]
    [InlineData("""["null","int"]""", "01", 0, "union branch -1 of 2")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"]}""", "02", 0, "symbol 1 of 1")]
    [InlineData("""{"type":"fixed","name":"F","size":2}""", "00", 0, "fixed")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":3}""", "00", 0, "without bytes")]
    [InlineData("""{"type":"array","items":"null"}""", "feffffffffffffffff01", 10, "without a byte")]
    [InlineData("""{"type":"array","items":"int"}""", "ffffffffffffffffff01", 0, "2^63")]
    [InlineData("""{"type":"array","items":"int"}""", "0108", 0, "4 bytes")]
    [InlineData("""{"type":"array","items":"int"}""", "0104020000", 3, "by its size")]
    [InlineData("""{"type":"array","items":"int"}""", "feffffffffffffffff01", 10, "ends")]
    [InlineData("""{"type":"map","values":"int"}""", "0402610202610200", 4, "already")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"R"}]}""", "", 0, "inside each other")]
    public void Each_kind_of_broken_promise_has_its_words(string schema, string hex, int offset, string says)
    {
        var error = ErrorOf(AvroReader.For(AvroSchema.Parse(schema)), Convert.FromHexString(hex), AvroSchema.Parse(schema));
        Assert.NotNull(error);
        Assert.Equal(offset, error.Offset);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_path_leads_to_the_field()
    {
        var schema = AvroSchema.Parse("""
            {"type":"record","name":"a.R","fields":[{"name":"id","type":"int"},{"name":"list","type":{"type":"array","items":{"type":"record","name":"I",
              "fields":[{"name":"ok","type":"boolean"},{"name":"tags","type":{"type":"map","values":"string"}}]}}}]}
            """);
        var error = ErrorOf(AvroReader.For(schema), Convert.FromHexString("02" + "04" + "0100" + "01" + "02026b04c328"), schema)!;
        Assert.Equal("list[1].tags[0]", error.Path);
        Assert.Equal("Avro data of 'a.R' at byte 8, field 'list[1].tags[0]': the string is not valid UTF-8", error.Message);
    }

    [Fact]
    public void Deep_recursion_and_records_that_double_end_soon()
    {
        var list = AvroSchema.Parse("""{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]}]}""");
        var deep = Enumerable.Repeat((byte)2, 1_000_000).Append((byte)0).ToArray();
        Assert.Contains("inside each other", ErrorOf(AvroReader.For(list), deep, list)!.Message, StringComparison.Ordinal);

        var doubling = "\"null\"";
        for (var i = 0; i < 40; i++) doubling = $$"""{"type":"record","name":"L{{i}}","fields":[{"name":"a","type":{{doubling}}},{"name":"b","type":"{{(i == 0 ? "null" : $"L{i - 1}")}}"}]}""";
        var schema = AvroSchema.Parse(doubling);
        var clock = Stopwatch.StartNew();
        Assert.Contains("without a byte", ErrorOf(AvroReader.For(schema), [], schema)!.Message, StringComparison.Ordinal);
        Assert.Contains("without a byte", ErrorOf(AvroReader.For(schema, AvroSchema.Parse("""{"type":"record","name":"L39","fields":[]}""")), [], schema)!.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Noise_is_no_record_of_a_real_schema()
    {
        var schema = (AvroRecordSchema)AvroSchema.Parse(AvroRowTests.Orders);
        var (reader, row, random) = (AvroReader.For(schema), new AvroRow(schema), new Random(1));
        for (var i = 0; i < 5_000; i++)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            var generic = ErrorOf(reader, noise, schema);
            // The row path says the same of the same bytes.
            AvroDataException? flat = null;
            try
            {
                row.Read(noise);
            }
            catch (AvroDataException e)
            {
                flat = e;
            }
            Assert.Equal((generic is null, generic?.Path, generic?.Offset), (flat is null, flat?.Path, flat?.Offset));
        }
    }
}
