using System.Text;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.Mdm.Hierarchy;
using CdcSync.Mdm.Rules;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>The canonical records in the store and their match keys.</summary>
sealed class RecordTable(NpgsqlConnection connection, CanonicalKind kind, RuleBook rules)
{
    sealed record Stored(long Id, CanonicalKey Key, SourcePosition Version, long? GoldenId);

    /// <summary>Stores the newest record of each key, and its match keys; leaves out those that are older than what is stored.</summary>
    public async Task<(List<Changed> Changed, int Stale)> StoreAsync(IReadOnlyList<CanonicalRecord> arrived, CancellationToken stop)
    {
        var newest = new Dictionary<CanonicalKey, CanonicalRecord>();
        foreach (var record in arrived)
            if (!newest.TryGetValue(record.Key, out var other) || record.Version >= other.Version) newest[record.Key] = record;
        var stored = (await FindAsync(newest.Keys, stop)).ToDictionary(s => s.Key);
        var fresh = newest.Values.Where(r => !stored.TryGetValue(r.Key, out var s) || r.Version >= s.Version).ToList();
        if (fresh.Count == 0) return ([], arrived.Count);

        var bodies = fresh.Select(r => r.Object is null ? null : Sql.Json(r.Object)).ToArray();
        var ids = await WriteAsync(fresh, bodies, stop);
        var before = await KeysAsync(stored.Values.Select(s => s.Id), stop);
        var changed = new List<Changed>(fresh.Count);
        foreach (var (place, record) in fresh.Index())
        {
            var now = record.Object is null ? [] : rules.Keys(kind.Name, record.Object);
            var then = before.GetValueOrDefault(ids[record.Key], []);
            changed.Add(new Changed(ids[record.Key], record, bodies[place], [.. now.Except(then)], [.. then.Except(now)], stored.GetValueOrDefault(record.Key)?.GoldenId));
        }
        await WriteKeysAsync(changed, stop);
        return (changed, arrived.Count - fresh.Count);
    }

    Task<List<Stored>> FindAsync(IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop) => connection.ReadAsync(
        """
        select r.id, r.source, r.source_id, r.version, r.golden_id
        from unnest($2::text[], $3::text[]) as k(source, source_id)
        join mdm.record r on r.kind = $1 and r.source = k.source and r.source_id = k.source_id
        """,
        row => new Stored(row.GetInt64(0), new CanonicalKey(row.GetString(1), row.GetString(2)), SourcePosition.Parse(row.GetString(3)), row.IsDBNull(4) ? null : row.GetInt64(4)),
        stop, kind.Name, keys.Select(k => k.Source).ToArray(), keys.Select(k => k.Id).ToArray());

    async Task<Dictionary<CanonicalKey, long>> WriteAsync(List<CanonicalRecord> records, string?[] bodies, CancellationToken stop)
    {
        var rows = await connection.ReadAsync(
            """
            insert into mdm.record as r (kind, source, source_id, version, committed_at, label, body, parent_id, level, words)
            select $1, n.source, n.source_id, n.version, n.committed_at, n.label, n.body::json, n.parent_id, n.level, n.words
            from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]) as n(source, source_id, version, committed_at, label, body, parent_id, level, words)
            on conflict (kind, source, source_id) do update
            set version = excluded.version, committed_at = excluded.committed_at, label = excluded.label, body = excluded.body, parent_id = excluded.parent_id, level = excluded.level,
                words = excluded.words, changes = r.changes + 1
            returning r.source, r.source_id, r.id
            """,
            row => (Key: new CanonicalKey(row.GetString(0), row.GetString(1)), Id: row.GetInt64(2)), stop, kind.Name,
            records.Select(r => r.Key.Source).ToArray(), records.Select(r => r.Key.Id).ToArray(), records.Select(r => r.Version.ToString()).ToArray(),
            records.Select(r => r.CommittedAt.UtcDateTime).ToArray(), records.Select(r => Label(r.Object)).ToArray(),
            bodies, records.Select(r => r.Object is null ? null : Parent.Of(r.Object)).ToArray(),
            records.Select(r => r.Object is null ? null : Level.Of(r.Object)).ToArray(), records.Select(r => SearchWords.Of(r.Object)).ToArray());
        return rows.ToDictionary(r => r.Key, r => r.Id);
    }

    async Task WriteKeysAsync(List<Changed> changed, CancellationToken stop)
    {
        var removed = changed.SelectMany(c => c.Removed.Select(key => (Key: key, c.Id))).ToList();
        var writes = new List<Statement>();
        if (removed.Count > 0)
            writes.Add(new("delete from mdm.match_key m using unnest($2::text[], $3::bigint[]) as k(key, record_id) where m.kind = $1 and m.key = k.key and m.record_id = k.record_id", null,
                kind.Name, removed.Select(r => r.Key).ToArray(), removed.Select(r => r.Id).ToArray()));
        var added = changed.SelectMany(c => c.Added.Select(key => (Key: key, c.Id))).ToList();
        if (added.Count > 0)
            writes.Add(new("insert into mdm.match_key (kind, key, record_id) select $1, k.key, k.record_id from unnest($2::text[], $3::bigint[]) as k(key, record_id)", null,
                kind.Name, added.Select(r => r.Key).ToArray(), added.Select(r => r.Id).ToArray()));
        await connection.RunAsync(writes, stop);
    }

    async Task<Dictionary<long, List<string>>> KeysAsync(IEnumerable<long> records, CancellationToken stop)
    {
        var keys = await connection.ReadAsync("select record_id, key from mdm.match_key where record_id = any($1)",
            row => (Id: row.GetInt64(0), Key: row.GetString(1)), stop, records.ToArray());
        return keys.GroupBy(k => k.Id).ToDictionary(g => g.Key, g => g.Select(k => k.Key).ToList());
    }

    // What people call the record. PostgreSQL's text holds neither NUL nor half a surrogate pair.
    static string Label(CanonicalObject? value) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value switch
    {
        Customer customer => customer.Name,
        Item item => item.Name,
        Location location => location.Name,
        _ => "",
    })).Replace("\0", "", StringComparison.Ordinal);
}
