using System.Buffers.Binary;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using Npgsql;

namespace CdcSync.Capture.Tests.Exact;

/// <summary>
/// What a reader of the log is told, per table and key, in order; read on from where the last reading ended. It also finds transactions of the source that did not become visible all at once:
/// on Kafka the marker that ends a transaction takes an offset of its own, so the records of one transaction stand without a gap in each topic; in PostgreSQL they have one xmin, over all topics.
/// </summary>
sealed class LogStory(IEventLog log, string name, string schemas, NpgsqlDataSource? store)
{
    const long Deleted = -1;
    readonly Dictionary<string, long> _next = [];
    readonly Dictionary<int, AvroReader> _readers = [];
    readonly Dictionary<long, long> _seenWith = [];     // source's transaction -> the log's
    readonly HashSet<(string Topic, long Tx)> _seenIn = [];
    readonly Dictionary<string, (long Tx, long Offset)> _last = [];

    /// <summary>Per table and key.</summary>
    public Dictionary<(string Table, long Id), List<Deed>> Deeds { get; } = [];

    /// <summary>Transactions that were seen in halves, and records that make no sense.</summary>
    public List<string> Wrong { get; } = [];

    public int Count { get; private set; }

    public async Task ReadAsync(CancellationToken stop)
    {
        foreach (var table in (string[])["thing", "deal"])
        {
            var topic = $"{name}.public.{table}";
            var appends = await AppendsAsync(topic, _next.GetValueOrDefault(topic), stop);
            await foreach (var record in log.ReadTopicAsync(topic, [_next.GetValueOrDefault(topic)], follow: false, stop))
            {
                Take(table, record, appends);
                _next[topic] = record.Offset + 1;
            }
        }
    }

    void Take(string table, LogRecord record, Dictionary<long, long> appends)
    {
        var topic = record.Topic;
        var key = (AvroRecord)Read(record.Key!)!;
        var tx = _last.GetValueOrDefault(topic).Tx;
        if (record.Value is null)
        {
            var told = Deeds.GetValueOrDefault((table, (long)key["id"]!));
            if (told is null || told[^1].Op != 'd') Wrong.Add($"{topic}@{record.Offset}: a tombstone without a delete before it");
        }
        else
        {
            var envelope = (AvroRecord)Read(record.Value)!;
            var op = ((string)envelope["op"]!)[0];
            tx = op == 'r' ? 0 : (long)((AvroRecord)envelope["source"]!)["txId"]!;
            var id = (long)((AvroRecord)(envelope["after"] ?? envelope["before"])!)["id"]!;
            if (id != (long)key["id"]!) Wrong.Add($"{topic}@{record.Offset}: key {key["id"]} of row {id}");
            if (!Deeds.TryGetValue((table, id), out var deeds)) Deeds[(table, id)] = deeds = [];
            deeds.Add(Deed.Of(op, tx, (AvroRecord?)envelope["after"]));
            Count++;
        }
        if (tx != 0) Together(topic, tx, record.Offset, appends);
        _last[topic] = (tx, record.Offset);
    }

    void Together(string topic, long tx, long offset, Dictionary<long, long> appends)
    {
        if (store is null)
        {
            var (lastTx, lastOffset) = _last.GetValueOrDefault(topic, (0, -1));
            if (lastTx == tx ? lastOffset != offset - 1 : !_seenIn.Add((topic, tx))) Wrong.Add($"{topic}@{offset}: transaction {tx} was seen in halves");
        }
        else if (_seenWith.TryGetValue(tx, out var append) && append != appends[offset])
        {
            Wrong.Add($"{topic}@{offset}: transaction {tx} was seen in halves, {append} and {appends[offset]}");
        }
        else
        {
            _seenWith[tx] = appends[offset];
        }
    }

    async Task<Dictionary<long, long>> AppendsAsync(string topic, long from, CancellationToken stop)
    {
        var appends = new Dictionary<long, long>();
        if (store is null) return appends;
        await using var query = store.CreateCommand("""
            select r."offset", r.xmin::text::bigint from log.record r join log.partition p on p.id = r.partition join log.topic t on t.id = p.topic where t.name = $1 and r."offset" >= $2
            """);
        query.Parameters.Add(new() { Value = topic });
        query.Parameters.Add(new() { Value = from });
        query.CommandTimeout = 300;
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) appends[rows.GetInt64(0)] = rows.GetInt64(1);
        return appends;
    }

    object? Read(byte[] bytes)
    {
        var id = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1));
        if (!_readers.TryGetValue(id, out var reader)) _readers[id] = reader = AvroReader.For(AvroSchema.Parse(File.ReadAllText(Path.Combine(schemas, $"{id}"))));
        return reader.Read(bytes.AsSpan(5));
    }

    /// <summary>What differs from what happened.</summary>
    public IEnumerable<string> Compare(SourceHistory history)
    {
        foreach (var wrong in Wrong) yield return wrong;
        foreach (var key in history.Deeds.Keys.Concat(Deeds.Keys).Distinct())
        {
            var (happened, told) = (history.Deeds.GetValueOrDefault(key) ?? [], Deeds.GetValueOrDefault(key) ?? []);
            var changes = told.Where(t => t.Op != 'r').ToList();
            var at = Enumerable.Range(0, Math.Max(happened.Count, changes.Count)).FirstOrDefault(i => i >= happened.Count || i >= changes.Count || !changes[i].Tells(happened[i]), (int)Deleted);
            var read = told.FindIndex(t => t.Op == 'r');
            string? wrong = at >= 0 ? $"differs from change {at} on" : told.Count(t => t.Op == 'r') > 1 ? "read twice" : read > 0 && told[read].Version != told[read - 1].Version ? "read as it was not" : null;
            if (wrong is not null) yield return $"{key.Table} {key.Id}: {wrong}; happened {Some(happened, at)}, told {Some(told, at)}";
        }
    }

    static string Some(List<Deed> deeds, int at) => $"{deeds.Count}: {(at > 4 ? "... " : "")}{string.Join(' ', deeds.Skip(Math.Max(0, at - 4)).Take(12))}";
}
