using System.Buffers.Binary;
using System.Text;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>hstore as JSON text or as a map, its keys in the order that Java's hash map gives them: Debezium's records show it.</summary>
static class HstoreValues
{
    public static bool Json(ReadOnlySpan<byte> cell, LogBatch output)
    {
        output.WriteString($"{{{string.Join(',', Pairs(cell).Select(p => $"{PgJson.Quote(p.Key)}:{(p.Value is null ? "null" : PgJson.Quote(p.Value))}"))}}}");
        return true;
    }

    public static bool Map(ReadOnlySpan<byte> cell, LogBatch output)
    {
        var pairs = Pairs(cell).ToList();
        if (pairs.Count > 0) output.WriteLong(pairs.Count);
        foreach (var (key, value) in pairs)
        {
            output.WriteString(key);
            output.WriteLong(value is null ? 0 : 1);
            if (value is not null) output.WriteString(value);
        }
        output.WriteLong(0);
        return true;
    }

    static IEnumerable<KeyValuePair<string, string?>> Pairs(ReadOnlySpan<byte> cell)
    {
        var pairs = new List<KeyValuePair<string, string?>>();
        var rest = cell[4..];
        for (var count = BinaryPrimitives.ReadInt32BigEndian(cell); count > 0; count--)
        {
            var key = PgText.Sized(ref rest)!;
            pairs.Add(new(key, PgText.Sized(ref rest)));
        }
        return JavaOrder.Of(pairs, p => p.Key);
    }
}

/// <summary>The order in which Java's hash map gives its keys back.</summary>
static class JavaOrder
{
    public static IEnumerable<T> Of<T>(IReadOnlyCollection<T> items, Func<T, string> key)
    {
        var buckets = 16;
        while (items.Count > buckets * 3 / 4) buckets *= 2;
        return items.OrderBy(i => Spread(key(i)) & (buckets - 1));
    }

    static int Spread(string text)
    {
        var hash = 0;
        foreach (var c in text) hash = unchecked(hash * 31 + c);
        return hash ^ (int)((uint)hash >> 16);
    }
}
