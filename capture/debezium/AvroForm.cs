using System.Buffers.Binary;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Reads what the cell writers wrote.</summary>
static class AvroForm
{
    public static long Long(ref ReadOnlySpan<byte> avro)
    {
        ulong bits = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = avro[0];
            avro = avro[1..];
            bits |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return (long)(bits >> 1) ^ -(long)(bits & 1);
        }
    }

    public static ReadOnlySpan<byte> Bytes(ref ReadOnlySpan<byte> avro)
    {
        var length = (int)Long(ref avro);
        var bytes = avro[..length];
        avro = avro[length..];
        return bytes;
    }

    public static float Float(ref ReadOnlySpan<byte> avro)
    {
        var value = BinaryPrimitives.ReadSingleLittleEndian(avro);
        avro = avro[4..];
        return value;
    }

    public static double Double(ref ReadOnlySpan<byte> avro)
    {
        var value = BinaryPrimitives.ReadDoubleLittleEndian(avro);
        avro = avro[8..];
        return value;
    }

    /// <summary>Passes over a value; returns its bytes, a union's index included.</summary>
    public static ReadOnlySpan<byte> Skip(ConnectSchema schema, ref ReadOnlySpan<byte> avro)
    {
        var start = avro;
        if (!schema.Optional || IsPresent(schema, ref avro)) SkipValue(schema, ref avro);
        return start[..(start.Length - avro.Length)];
    }

    /// <summary>Reads a union's index.</summary>
    public static bool IsPresent(ConnectSchema schema, ref ReadOnlySpan<byte> avro) => Long(ref avro) == (schema.Default is null ? 1 : 0);

    static void SkipValue(ConnectSchema schema, ref ReadOnlySpan<byte> avro)
    {
        switch (schema.Kind)
        {
            case ConnectKind.Boolean:
                avro = avro[1..];
                break;
            case ConnectKind.Int8 or ConnectKind.Int16 or ConnectKind.Int32 or ConnectKind.Int64:
                Long(ref avro);
                break;
            case ConnectKind.Float32:
                avro = avro[4..];
                break;
            case ConnectKind.Float64:
                avro = avro[8..];
                break;
            case ConnectKind.String or ConnectKind.Bytes:
                Bytes(ref avro);
                break;
            case ConnectKind.Struct:
                foreach (var field in schema.Fields) Skip(field.Schema, ref avro);
                break;
            default:
                for (var count = Long(ref avro); count != 0; count = Long(ref avro))
                {
                    for (; count > 0; count--)
                    {
                        if (schema.Kind == ConnectKind.Map) Bytes(ref avro);
                        Skip(schema.Items!, ref avro);
                    }
                }
                break;
        }
    }

    /// <summary>What is written, on its own.</summary>
    public static byte[] Of(Action<LogBatch> write)
    {
        var output = new LogBatch();
        output.Begin("", 0);
        write(output);
        output.BeginValue();
        output.End();
        return output.Key(output.Entries[0]).ToArray();
    }
}
