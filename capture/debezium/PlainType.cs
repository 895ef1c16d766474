using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Debezium;

/// <summary>What a column of any SQL database can hold, as ADO.NET shows it.</summary>
enum PlainKind : byte
{
    Boolean, Int16, Int32, Int64, Single, Double, Decimal, AnyDecimal, Text, Json, Uuid, Bytes, Date, Time, Timestamp, ZonedTimestamp,
}

/// <summary>A column's type. A cell of it holds the Avro form of its value (<see cref="PlainValues"/>): written once when the row is read, and copied from there.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Precision">Digits of a decimal.</param>
/// <param name="Scale">Of these behind the point.</param>
sealed record PlainType(PlainKind Kind, int Precision = 0, int Scale = 0)
{
    const string VariableScale = "io.debezium.data.VariableScaleDecimal";

    /// <summary>Debezium's schema of the type, as Confluent's converter writes it. A record is spelled out once a schema (<paramref name="named"/>), then named.</summary>
    public string Json(HashSet<string> named) => Kind switch
    {
        PlainKind.Boolean => "\"boolean\"",
        PlainKind.Int16 => """{"type":"int","connect.type":"int16"}""",
        PlainKind.Int32 => "\"int\"",
        PlainKind.Int64 => "\"long\"",
        PlainKind.Single => "\"float\"",
        PlainKind.Double => "\"double\"",
        PlainKind.Decimal => $$"""{"type":"bytes","scale":{{Scale}},"precision":{{Precision}},"connect.version":1,"connect.parameters":{"scale":"{{Scale}}","connect.decimal.precision":"{{Precision}}"},"connect.name":"org.apache.kafka.connect.data.Decimal","logicalType":"decimal"}""",
        PlainKind.AnyDecimal when named.Add(VariableScale) => """{"type":"record","name":"VariableScaleDecimal","namespace":"io.debezium.data","fields":[{"name":"scale","type":"int"},{"name":"value","type":"bytes"}],"connect.doc":"Variable scaled decimal","connect.version":1,"connect.name":"io.debezium.data.VariableScaleDecimal"}""",
        PlainKind.AnyDecimal => $"\"{VariableScale}\"",
        PlainKind.Text => "\"string\"",
        PlainKind.Bytes => "\"bytes\"",
        PlainKind.Json => Named("string", "io.debezium.data.Json"),
        PlainKind.Uuid => Named("string", "io.debezium.data.Uuid"),
        PlainKind.Date => Named("int", "io.debezium.time.Date"),
        PlainKind.Time => Named("long", "io.debezium.time.MicroTime"),
        PlainKind.Timestamp => Named("long", "io.debezium.time.MicroTimestamp"),
        _ => Named("string", "io.debezium.time.ZonedTimestamp"),
    };

    static string Named(string avro, string name) => $$"""{"type":"{{avro}}","connect.version":1,"connect.name":"{{name}}"}""";

    /// <summary>What a required column shows where there is no value.</summary>
    public byte[] Zero => Kind switch
    {
        PlainKind.Single => new byte[4],
        PlainKind.Double => new byte[8],
        PlainKind.Decimal => [2, 0],
        PlainKind.AnyDecimal => [0, 2, 0],
        PlainKind.ZonedTimestamp => [40, .. "1970-01-01T00:00:00Z"u8],
        _ => [0],
    };

    /// <summary>The value of a cell, as <see cref="Column.Decode"/> promises.</summary>
    public object Decode(CellKind form, ReadOnlyMemory<byte> cell)
    {
        if (form == CellKind.Text) return Encoding.UTF8.GetString(cell.Span);
        var avro = cell.Span;
        switch (Kind)
        {
            case PlainKind.Boolean: return avro[0] != 0;
            case PlainKind.Int16 or PlainKind.Int32 or PlainKind.Int64: return AvroForm.Long(ref avro);
            case PlainKind.Single: return BinaryPrimitives.ReadSingleLittleEndian(avro);
            case PlainKind.Double: return BinaryPrimitives.ReadDoubleLittleEndian(avro);
            case PlainKind.Decimal: return Number(AvroForm.Bytes(ref avro), Scale);
            case PlainKind.AnyDecimal: return (int)AvroForm.Long(ref avro) is var scale ? Number(AvroForm.Bytes(ref avro), scale) : 0;
            case PlainKind.Bytes: return AvroForm.Bytes(ref avro).ToArray();
            case PlainKind.Uuid: return Guid.Parse(Encoding.UTF8.GetString(AvroForm.Bytes(ref avro)));
            case PlainKind.Date: return DateOnly.FromDayNumber((int)AvroForm.Long(ref avro) + PlainValues.EpochDay);
            case PlainKind.Time: return new TimeOnly(AvroForm.Long(ref avro) * TimeSpan.TicksPerMicrosecond);
            case PlainKind.Timestamp: return DateTime.SpecifyKind(DateTime.UnixEpoch.AddTicks(AvroForm.Long(ref avro) * TimeSpan.TicksPerMicrosecond), DateTimeKind.Unspecified);
            case PlainKind.ZonedTimestamp: return DateTimeOffset.Parse(Encoding.UTF8.GetString(AvroForm.Bytes(ref avro)), CultureInfo.InvariantCulture).UtcDateTime;
            default: return Encoding.UTF8.GetString(AvroForm.Bytes(ref avro));
        }
    }

    // More digits than a decimal holds stay text.
    static object Number(ReadOnlySpan<byte> unscaled, int scale)
    {
        var number = new BigInteger(unscaled, isBigEndian: true);
        var text = BigInteger.Abs(number).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var pointed = $"{(number.Sign < 0 ? "-" : "")}{text[..^scale]}{(scale > 0 ? "." : "")}{text[^scale..]}";
        return text.Length <= 28 && decimal.TryParse(pointed, NumberStyles.Number, CultureInfo.InvariantCulture, out var value) ? value : pointed;
    }
}
