using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Tests;

/// <summary>Random schemas and values. <paramref name="forPeers"/> keeps to what python's and npm's Avro tell apart: no NaN, one kind of number a union, no time types.</summary>
sealed class AvroSamples(Random random, bool forPeers = false)
{
    static readonly string[] Letters = ["a", "Z", "é", "漢", "\U0001F600", "\n", "\"", "\\", " "];
    readonly List<string> _open = [];
    int _names;

    /// <summary>A record, so that every peer takes it at the top.</summary>
    public AvroRecordSchema Schema(int size = 4) => (AvroRecordSchema)AvroSchema.Parse(Record(size).ToJsonString());

    JsonObject Record(int size)
    {
        var name = $"R{_names++}";
        _open.Add(name);
        var fields = Enumerable.Range(0, random.Next(1, size + 2)).Select(i => (JsonNode)new JsonObject { ["name"] = $"f{i}", ["type"] = Type(size - 1) });
        var record = new JsonObject { ["type"] = "record", ["name"] = name, ["namespace"] = "t.n", ["fields"] = new JsonArray([.. fields]) };
        _open.Remove(name);
        return record;
    }

    JsonNode Type(int size) => random.Next(size > 0 ? 16 : 9) switch
    {
        0 => "boolean",
        1 => "int",
        2 => "long",
        3 => "float",
        4 => "double",
        5 => "bytes",
        6 => "string",
        7 => Named(),
        8 => Logical(),
        9 => Record(size - 1),
        10 or 11 => new JsonObject { ["type"] = "array", ["items"] = Type(size - 1) },
        12 => new JsonObject { ["type"] = "map", ["values"] = Type(size - 1) },
        13 when _open.Count > 0 => new JsonArray("null", _open[random.Next(_open.Count)]),
        _ => Union(size - 1),
    };

    JsonObject Named() => random.Next(2) == 0
        ? new JsonObject { ["type"] = "fixed", ["name"] = $"F{_names++}", ["size"] = random.Next(forPeers ? 1 : 0, 9) }
        : new JsonObject { ["type"] = "enum", ["name"] = $"E{_names++}", ["symbols"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 5)).Select(i => (JsonNode)$"S{i}")]) };

    JsonObject Logical() => random.Next(forPeers ? 1 : 5) switch
    {
        0 => new JsonObject { ["type"] = "bytes", ["logicalType"] = "decimal", ["precision"] = 20, ["scale"] = random.Next(8) },
        1 => new JsonObject { ["type"] = "fixed", ["name"] = $"D{_names++}", ["size"] = 6, ["logicalType"] = "decimal", ["precision"] = 14, ["scale"] = random.Next(8) },
        2 => new JsonObject { ["type"] = "int", ["logicalType"] = "date" },
        3 => new JsonObject { ["type"] = "long", ["logicalType"] = "timestamp-micros" },
        _ => new JsonObject { ["type"] = "string", ["logicalType"] = "uuid" },
    };

    JsonArray Union(int size)
    {
        var kinds = new HashSet<string>();
        var branches = new List<JsonNode>();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var branch = random.Next(3) == 0 ? "null" : Type(size);
            if (branch is not JsonArray && kinds.Add(Kind(branch))) branches.Add(branch);
        }
        return new JsonArray([.. branches.DefaultIfEmpty("null")]);
    }

    string Kind(JsonNode branch)
    {
        var word = branch is JsonObject complex ? complex["type"]!.GetValue<string>() : branch.GetValue<string>();
        if (!forPeers) return word is "record" or "enum" or "fixed" ? branch["name"]!.GetValue<string>() : word;
        return word switch
        {
            "boolean" or "int" or "long" or "float" or "double" => "number",
            // avsc reads bytes into an earlier branch of text; here, as in Java, the branch of the written type comes first.
            "string" or "enum" or "bytes" or "fixed" => "text",
            "record" or "map" => "object",
            _ => word,
        };
    }

    public object? Value(AvroSchema schema, int depth = 0)
    {
        switch (schema)
        {
            case { Logical.Kind: AvroLogicalKind.Decimal }:
                var limit = BigInteger.Pow(10, Math.Min(schema.Logical.Precision, 18));
                return new AvroDecimal((random.NextInt64() % limit) * (random.Next(2) * 2 - 1), schema.Logical.Scale);
            case AvroRecordSchema record: return new AvroRecord(record, [.. record.Fields.Select(f => Value(f.Schema, depth + 1))]);
            case AvroEnumSchema symbols: return symbols.Symbols[random.Next(symbols.Symbols.Count)];
            case AvroFixedSchema bytes: return Bytes(bytes.Size);
            case AvroArraySchema array: return Enumerable.Range(0, Count(depth)).Select(_ => Value(array.Items, depth + 1)).ToList();
            case AvroMapSchema map: return Enumerable.Range(0, Count(depth)).ToDictionary(i => Text(3) + i, _ => Value(map.Values, depth + 1));
            case AvroUnionSchema union:
                var index = depth > 8 && union.NullBranch >= 0 ? union.NullBranch : random.Next(union.Branches.Count);
                return new AvroBranch(index, Value(union.Branches[index], depth + 1));
            default: return Primitive(schema.Type);
        }
    }

    int Count(int depth) => depth > 8 ? 0 : random.Next(4);

    object? Primitive(AvroType type) => type switch
    {
        AvroType.Null => null,
        AvroType.Boolean => random.Next(2) == 0,
        AvroType.Int => random.Next(4) switch { 0 => int.MinValue, 1 => int.MaxValue, 2 => random.Next(-70, 70), _ => (int)random.NextInt64(int.MinValue, int.MaxValue) },
        AvroType.Long => random.Next(4) switch { 0 => long.MinValue, 1 => long.MaxValue, 2 => random.Next(-70, 70), _ => random.NextInt64(long.MinValue, long.MaxValue) },
        AvroType.Float => random.Next(5) switch { 0 => 0f, 1 => -0f, 2 => forPeers ? 1.5f : float.NaN, 3 => float.PositiveInfinity, _ => (float)(random.NextDouble() * 1e10 - 5e9) },
        AvroType.Double => random.Next(5) switch { 0 => 0d, 1 => -0d, 2 => forPeers ? 1.5 : double.NaN, 3 => double.NegativeInfinity, _ => random.NextDouble() * 1e10 - 5e9 },
        AvroType.Bytes => Bytes(random.Next(12)),
        _ => Text(random.Next(random.Next(10) == 0 ? 400 : 12)),
    };

    byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    string Text(int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++) text.Append(Letters[random.Next(Letters.Length)]);
        return text.ToString();
    }
}
