using System.Globalization;
using System.Numerics;
using System.Text.Json;
using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Tests;

/// <summary>Values of the reference files, in the notation their README tells, as the codec takes them.</summary>
static class AvroJson
{
    public static object? ToValue(JsonElement json, AvroSchema schema) => schema switch
    {
        AvroUnionSchema when json.ValueKind == JsonValueKind.Null => null,
        AvroUnionSchema union => ToValue(json, union.Branches.First(b => b.Type != AvroType.Null)),
        AvroRecordSchema record => new AvroRecord(record, [.. record.Fields.Select(f => ToValue(json.GetProperty(f.Name), f.Schema))]),
        AvroArraySchema array => json.EnumerateArray().Select(i => ToValue(i, array.Items)).ToList(),
        AvroMapSchema map => json.EnumerateObject().ToDictionary(p => p.Name, p => ToValue(p.Value, map.Values)),
        { Logical.Kind: AvroLogicalKind.Decimal } => Decimal(json.GetProperty("$decimal").GetString()!),
        _ => Primitive(json, schema.Type, schema.Logical.Kind),
    };

    static object? Primitive(JsonElement json, AvroType type, AvroLogicalKind logical)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            var (kind, value) = (json.EnumerateObject().First().Name, json.EnumerateObject().First().Value);
            return kind switch
            {
                "$hex" => Convert.FromHexString(value.GetString()!),
                "$decimal" => Decimal(value.GetString()!).Unscaled.ToByteArray(false, true),
                // Java's NaN has no sign bit, .NET's has.
                "$float" when value.GetString() == "NaN" => BitConverter.Int32BitsToSingle(0x7FC00000),
                "$double" when value.GetString() == "NaN" => BitConverter.Int64BitsToDouble(0x7FF8000000000000),
                "$float" => float.Parse(value.GetString()!, CultureInfo.InvariantCulture),
                "$double" => double.Parse(value.GetString()!, CultureInfo.InvariantCulture),
                "$date_epoch_ms" when logical == AvroLogicalKind.Date => (int)(value.GetInt64() / 86_400_000),
                "$date_epoch_ms" => type == AvroType.Int ? (object)(int)value.GetInt64() : value.GetInt64(),
                _ => throw new InvalidOperationException(kind),
            };
        }
        return type switch
        {
            AvroType.Null => null,
            AvroType.Boolean => json.GetBoolean(),
            AvroType.Int => json.GetInt32(),
            AvroType.Long => json.GetInt64(),
            AvroType.Float => json.GetSingle(),
            AvroType.Double => json.GetDouble(),
            _ => json.GetString(),
        };
    }

    static AvroDecimal Decimal(string text)
    {
        var number = text.Contains('E', StringComparison.OrdinalIgnoreCase)
            ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture) : text;
        var point = number.IndexOf('.');
        return new(BigInteger.Parse(number.Replace(".", ""), CultureInfo.InvariantCulture), point < 0 ? 0 : number.Length - point - 1);
    }
}
