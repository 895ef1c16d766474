using System.Text;

namespace CdcSync.Contract.Avro;

/// <summary>Parsing Canonical Form and the fingerprint over it: equal for schemas that read the same bytes the same way (specification, "schema fingerprints").</summary>
public static class AvroCanonicalForm
{
    const ulong Empty = 0xc15d213aa4d7a795;
    static readonly ulong[] Table = MakeTable();

    /// <summary>The schema in Parsing Canonical Form: full names, attributes that matter alone and in their order, no white space.</summary>
    public static string Of(AvroSchema schema)
    {
        var text = new StringBuilder();
        Write(schema, text, []);
        return text.ToString();
    }

    /// <summary>CRC-64-AVRO, the 64-bit Rabin fingerprint, of the canonical form.</summary>
    public static ulong Fingerprint(AvroSchema schema) => Fingerprint(Encoding.UTF8.GetBytes(Of(schema)));

    internal static ulong Fingerprint(ReadOnlySpan<byte> data)
    {
        var value = Empty;
        foreach (var b in data) value = (value >> 8) ^ Table[(byte)(value ^ b)];
        return value;
    }

    static ulong[] MakeTable()
    {
        var table = new ulong[256];
        for (var i = 0; i < 256; i++)
        {
            var value = (ulong)i;
            for (var bit = 0; bit < 8; bit++) value = (value >> 1) ^ (Empty & (0 - (value & 1)));
            table[i] = value;
        }
        return table;
    }

    static void Write(AvroSchema schema, StringBuilder text, HashSet<string> known)
    {
        switch (schema)
        {
            case AvroNamedSchema named when !known.Add(named.Name.Full):
                text.Append('"').Append(named.Name.Full).Append('"');
                break;
            case AvroRecordSchema record:
                StartNamed(record, text).Append(",\"fields\":[");
                Join(record.Fields, text, field =>
                {
                    text.Append("{\"name\":\"").Append(field.Name).Append("\",\"type\":");
                    Write(field.Schema, text, known);
                    text.Append('}');
                });
                text.Append("]}");
                break;
            case AvroEnumSchema symbols:
                StartNamed(symbols, text).Append(",\"symbols\":[");
                Join(symbols.Symbols, text, symbol => text.Append('"').Append(symbol).Append('"'));
                text.Append("]}");
                break;
            case AvroFixedSchema bytes:
                StartNamed(bytes, text).Append(",\"size\":").Append(bytes.Size).Append('}');
                break;
            case AvroArraySchema array:
                WritePart("array", "items", array.Items, text, known);
                break;
            case AvroMapSchema map:
                WritePart("map", "values", map.Values, text, known);
                break;
            case AvroUnionSchema union:
                text.Append('[');
                Join(union.Branches, text, branch => Write(branch, text, known));
                text.Append(']');
                break;
            default:
                text.Append('"').Append(AvroWords.Of(schema.Type)).Append('"');
                break;
        }
    }

    static StringBuilder StartNamed(AvroNamedSchema schema, StringBuilder text) =>
        text.Append("{\"name\":\"").Append(schema.Name.Full).Append("\",\"type\":\"")
            .Append(schema is AvroRecordSchema { IsError: true } ? "error" : AvroWords.Of(schema.Type)).Append('"');

    static void WritePart(string type, string name, AvroSchema part, StringBuilder text, HashSet<string> known)
    {
        text.Append("{\"type\":\"").Append(type).Append("\",\"").Append(name).Append("\":");
        Write(part, text, known);
        text.Append('}');
    }

    static void Join<T>(IReadOnlyList<T> items, StringBuilder text, Action<T> write)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) text.Append(',');
            write(items[i]);
        }
    }
}
