using System.Buffers;
using System.Collections;
using System.Reflection;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Canonical;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Contract.Tests;

public class AvroObjectTests
{
    [Fact]
    public void Random_canonical_objects_come_back_equal()
    {
        var codecs = CanonicalCatalog.All.Select(k => AvroObject.Codec(k.Type)).ToArray();
        var readers = codecs.Select(c => c.ReaderFor(c.Schema)).ToArray();
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            for (var i = 0; i < codecs.Length; i++)
            {
                var value = RandomObject(CanonicalCatalog.All[i].Type, random);
                var back = readers[i].Read(Bytes(codecs[i], value));
                if (!Same(value, back)) return false;
                // The generic codec sees the same bytes the same way.
                var record = AvroReader.For(codecs[i].Schema).Read(Bytes(codecs[i], value));
                if (!AvroWriter.For(codecs[i].Schema).ToBytes(record).AsSpan().SequenceEqual(Bytes(codecs[i], value))) return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void An_empty_object_is_made_of_defaults()
    {
        foreach (var kind in CanonicalCatalog.All)
        {
            var codec = AvroObject.Codec(kind.Type);
            var nothing = AvroSchema.Parse($$"""{"type":"record","name":"{{kind.Type.Name}}","fields":[]}""");
            Assert.True(Same(Activator.CreateInstance(kind.Type), codec.ReaderFor(nothing).Read([])), kind.Name);
            // What a generic reader makes of the defaults, written, is what the constructor gives.
            var record = AvroReader.For(nothing, codec.Schema).Read([]);
            Assert.Equal(Bytes(codec, Activator.CreateInstance(kind.Type)!), AvroWriter.For(codec.Schema).ToBytes(record));
        }
    }

    [Fact]
    public void An_older_reader_reads_newer_data_and_a_newer_one_older()
    {
        var codec = AvroObject.Codec<TaxId>();
        var newer = AvroSchema.Parse("""
            {"type":"record","name":"TaxId","namespace":"cdcsync.canonical","fields":[
              {"name":"issued","type":["null",{"type":"array","items":{"type":"record","name":"Extra","fields":[{"name":"x","type":"long"}]}}],"default":null},
              {"name":"value","type":["string","null"],"default":""},{"name":"scheme","type":"string","default":"vat"}]}
            """);
        var extra = ((AvroArraySchema)((AvroUnionSchema)((AvroRecordSchema)newer).Fields[0].Schema).Branches[1]).Items;
        var data = AvroWriter.For(newer).ToBytes(new AvroRecord((AvroRecordSchema)newer, [new List<object?> { new AvroRecord((AvroRecordSchema)extra, [5L]) }, "DE1", "ein"]));
        Assert.Equal(new TaxId { Scheme = "ein", Value = "DE1" }, codec.ReaderFor(newer).Read(data));

        var older = AvroSchema.Parse("""{"type":"record","name":"TaxId","fields":[{"name":"value","type":"bytes"}]}""");
        Assert.Equal(new TaxId { Scheme = "vat", Value = "é" }, codec.ReaderFor(older).Read([4, 0xC3, 0xA9]));

        var lost = AvroSchema.Parse("""{"type":"record","name":"TaxId","fields":[{"name":"value","type":["null","string"]}]}""");
        var error = Assert.Throws<AvroDataException>(() => codec.ReaderFor(lost).Read([0]));
        Assert.Equal(("value", 1), (error.Path, error.Offset));
    }

    [Theory]
    [InlineData("1.0000001")]
    [InlineData("1000000000000")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("-1000000000000")]
    public void A_decimal_that_does_not_fit_is_refused_and_its_field_named(string number)
    {
        var item = new Item { Units = [new UnitOfMeasure(), new UnitOfMeasure { Factor = decimal.Parse(number) }] };
        var error = Assert.Throws<AvroDataException>(() => Bytes(AvroObject.Codec<Item>(), item));
        Assert.Equal("units[1].factor", error.Path);
        Assert.Equal("cdcsync.canonical.Item", error.Schema);
        Assert.DoesNotContain(number, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.500000000", "1.5")]
    [InlineData("-999999999999.999999", "-999999999999.999999")]
    [InlineData("0.000", "0")]
    [InlineData("-0.000001", "-0.000001")]
    [InlineData("-128", "-128")]
    public void A_decimal_comes_back_as_the_same_number(string number, string expected)
    {
        var codec = AvroObject.Codec<UnitOfMeasure>();
        var back = (UnitOfMeasure)codec.ReaderFor(codec.Schema).Read(Bytes(codec, new UnitOfMeasure { Factor = decimal.Parse(number) }));
        Assert.Equal(expected, back.Factor.ToString());
    }

    [Fact]
    public void Half_a_surrogate_pair_and_null_are_refused()
    {
        Assert.Equal("name", Assert.Throws<AvroDataException>(() => Bytes(AvroObject.Codec<Customer>(), new Customer { Name = "a\ud800b" })).Path);
        Assert.Equal("source", Assert.Throws<AvroDataException>(() => Bytes(AvroObject.Codec<Customer>(), new Customer { Source = null! })).Path);
        Assert.Equal("name", Assert.Throws<AvroDataException>(() => Bytes(AvroObject.Codec<Customer>(), new Customer { Name = new string('x', 50) + '\udc00' })).Path);
    }

    [Fact]
    public void A_key_is_read_into_its_constructorless_record()
    {
        var codec = AvroObject.Codec<CanonicalKey>();
        Assert.Equal(new CanonicalKey("erp", "7|1"), codec.ReaderFor(codec.Schema).Read(Bytes(codec, new CanonicalKey("erp", "7|1"))));
    }

    [Fact]
    public void Writing_an_object_allocates_nothing_once_warm()
    {
        var codec = AvroObject.Codec<Inventory>();
        var value = new Inventory { Source = "wms", SourceId = "1|2", ItemNumber = "SKU-1", OnHand = 12.5m, Available = 3, CommittedAt = DateTimeOffset.UnixEpoch };
        var output = new ArrayBufferWriter<byte>(1024);
        for (var i = 0; i < 50; i++) Write();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Write();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);

        void Write()
        {
            output.ResetWrittenCount();
            codec.Write(value, output);
        }
    }

    static byte[] Bytes(AvroObjectCodec codec, object value)
    {
        var output = new ArrayBufferWriter<byte>();
        codec.Write(value, output);
        return output.WrittenSpan.ToArray();
    }

    static bool Same(object? left, object? right)
    {
        if (left is null || right is null || left is string || left.GetType().IsValueType) return Equals(left, right);
        if (left is IEnumerable a && right is IEnumerable b)
        {
            var (x, y) = (a.Cast<object?>().ToList(), b.Cast<object?>().ToList());
            return x.Count == y.Count && x.Zip(y).All(p => Same(p.First, p.Second));
        }
        return left.GetType() == right.GetType() && Settable(left.GetType()).All(p => Same(p.GetValue(left), p.GetValue(right)));
    }

    static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties().Where(p => p.CanWrite);

    static object RandomObject(Type type, Random random)
    {
        var value = Activator.CreateInstance(type)!;
        foreach (var property in Settable(type))
            if (random.Next(4) > 0) property.SetValue(value, RandomValue(property.PropertyType, property, random));
        return value;
    }

    static object? RandomValue(Type type, PropertyInfo property, Random random)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return random.Next(3) == 0 ? null : RandomValue(inner, property, random);
        if (type == typeof(bool)) return random.Next(2) == 0;
        if (type == typeof(DateOnly)) return DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber + 1));
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(random.NextInt64(DateTimeOffset.MaxValue.Ticks / 10) * 10, TimeSpan.Zero);
        if (type == typeof(string)) return new string([.. Enumerable.Range(0, random.Next(30)).Select(_ => "aZ é漢\n\0"[random.Next(7)])]);
        if (type == typeof(decimal))
        {
            var digits = property.GetCustomAttribute<AvroDecimalAttribute>()!;
            return new decimal(random.NextInt64((long)Math.Pow(10, Math.Min(digits.Precision, 18))) * (random.Next(2) * 2 - 1)) / (decimal)Math.Pow(10, digits.Scale);
        }
        if (!type.IsGenericType) return RandomObject(type, random);
        var item = type.GetGenericArguments()[0];
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        for (var i = random.Next(4); i > 0; i--) list.Add(RandomValue(item, property, random));
        return list;
    }
}
