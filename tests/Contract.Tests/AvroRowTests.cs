using System.Buffers;
using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Tests;

public class AvroRowTests
{
    /// <summary>The order table of the benchmarks as Debezium encodes it.</summary>
    internal const string Orders = """
        {"type":"record","name":"Value","namespace":"erp.public.orders","fields":[
          {"name":"id","type":"long"},{"name":"customer_id","type":"int"},{"name":"status","type":"string"},
          {"name":"placed","type":{"type":"string","connect.version":1,"connect.name":"io.debezium.time.ZonedTimestamp"}},
          {"name":"ship_date","type":["null",{"type":"int","connect.version":1,"connect.name":"io.debezium.time.Date"}],"default":null},
          {"name":"currency","type":["null","string"],"default":null},
          {"name":"total","type":["null",{"type":"bytes","scale":2,"precision":14,"connect.version":1,"logicalType":"decimal"}],"default":null},
          {"name":"weight","type":["null","double"],"default":null},{"name":"lines","type":["null","int"],"default":null},
          {"name":"priority","type":["null","boolean"],"default":null},{"name":"note","type":["null","string"],"default":null},
          {"name":"updated","type":["null",{"type":"long","connect.version":1,"connect.name":"io.debezium.time.MicroTimestamp"}],"default":null},
          {"name":"external_ref","type":["null",{"type":"string","connect.version":1,"connect.name":"io.debezium.data.Uuid"}],"default":null}]}
        """;

    readonly AvroRecordSchema _schema = (AvroRecordSchema)AvroSchema.Parse(Orders);

    [Fact]
    public void A_row_is_written_and_read_as_the_generic_codec_does()
    {
        var values = new object?[]
        {
            77L, -5, "PICKED", "2026-11-04T11:51:30.123456Z", 20_000, null, new AvroDecimal(-1234, 2), 1.25, null, true, "é漢", -1L, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        };
        var bytes = AvroWriter.For(_schema).ToBytes(new AvroRecord(_schema, values));
        var row = new AvroRow(_schema);
        row.Read(bytes);
        Assert.Equal((77, -5, 20_000, -1), (row.GetLong(0), row.GetLong(1), row.GetLong(4), row.GetLong(11)));
        Assert.Equal(("PICKED", "é漢", null), (row.GetString(2), row.GetString(10), row.GetString(5)));
        Assert.True(row.TryGetDecimal(6, out var total));
        Assert.Equal(-12.34m, total);
        Assert.Equal((1.25, true, true, false), (row.GetDouble(7), row.GetBoolean(9), row.IsNull(8), row.IsNull(9)));
        Assert.Equal(bytes, Bytes(row));

        row.Clear();
        row.SetLong(0, 77);
        row.SetLong(1, -5);
        row.SetString(2, "PICKED");
        row.SetBytes(3, "2026-11-04T11:51:30.123456Z"u8);
        row.SetLong(4, 20_000);
        row.SetDecimal(6, -12.34m);
        row.SetDouble(7, 1.25);
        row.SetBoolean(9, true);
        row.SetString(10, "é漢");
        row.SetLong(11, -1);
        row.SetString(12, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        Assert.Equal(bytes, Bytes(row));
    }

    [Fact]
    public void Reading_and_writing_allocates_nothing_once_warm()
    {
        var row = new AvroRow(_schema);
        row.Clear();
        row.SetString(2, "NEW");
        row.SetString(3, "2026-11-04T11:51:30.123456Z");
        row.SetString(10, new string('n', 400));
        byte[] data = Bytes(row);
        var output = new ArrayBufferWriter<byte>(4096);
        for (var i = 0; i < 50; i++) Once();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) Once();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 9_999);

        void Once()
        {
            row.Read(data);
            row.SetString(5, "EUR");
            row.SetDecimal(6, 17.5m);
            output.ResetWrittenCount();
            row.Write(output);
        }
    }

    [Fact]
    public void Wrong_bytes_name_field_and_offset()
    {
        var row = new AvroRow(_schema);
        var error = Assert.Throws<AvroDataException>(() => row.Read(new byte[] { 2, 2, 4, 0xC3, 0x28 }));
        Assert.Equal(("erp.public.orders.Value", "status", 2), (error.Schema, error.Path, error.Offset));
        Assert.Contains("UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_values_are_refused()
    {
        var row = new AvroRow(_schema);
        row.Clear();
        row.SetNull(2);
        Assert.Equal("status", Assert.Throws<AvroDataException>(() => Bytes(row)).Path);
        Assert.Equal("lines", Assert.Throws<AvroDataException>(() => row.SetLong(8, 1L << 40)).Path);
        Assert.Equal("total", Assert.Throws<AvroDataException>(() => row.SetDecimal(6, 0.001m)).Path);
        Assert.Equal("note", Assert.Throws<AvroDataException>(() => row.SetString(10, "\ud800")).Path);
        Assert.Throws<InvalidOperationException>(() => row.GetLong(2));
        Assert.Throws<InvalidOperationException>(() => row.SetDouble(0, 1));
    }

    [Fact]
    public void A_record_that_is_not_flat_is_refused() => Assert.Equal(
        "/fields/0/type",
        Assert.Throws<AvroSchemaException>(() => new AvroRow((AvroRecordSchema)AvroSchema.Parse("""{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"int"}}]}"""))).Path);

    static byte[] Bytes(AvroRow row)
    {
        var output = new ArrayBufferWriter<byte>();
        row.Write(output);
        return output.WrittenSpan.ToArray();
    }
}
