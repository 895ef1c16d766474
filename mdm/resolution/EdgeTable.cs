using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Likeness;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>Keys and scores of records in the store: keeps them right for what changes, and tells clustering of them.</summary>
sealed class EdgeTable(NpgsqlConnection connection, CanonicalKind kind, LikenessSpace space) : ILikeness
{
    const string OfRecords = "select one, other, bits, levels from mdm.edge where one = any($1) union select one, other, bits, levels from mdm.edge where other = any($1)";

    readonly HashSet<Edge> _edges = [];

    public IReadOnlyCollection<Edge> Edges => _edges;

    public double MergeBits => space.Model.Weights.MergeBits;

    public bool OneToOne => space.Model.Rules.OneToOne;

    public float Bits(long one, long other) => space.Score(one, other).Bits;

    public bool AreKeptApart(long one, long other) => space.AreKeptApart(one, other);

    /// <summary>Brings keys and edges to what changed; returns the records on the other side of edges that came, went or changed.</summary>
    public async Task<IReadOnlyCollection<long>> ApplyAsync(IReadOnlyList<Changed> changed, CancellationToken stop)
    {
        foreach (var change in changed)
            if (change.Body is { } body) space.Put(change.Id, body);
            else space.Drop(change.Id);
        var now = changed.ToDictionary(c => c.Id, c => c.Record.Object is null ? [] : space.Keys(c.Id));
        var then = await KeysAsync(now.Keys, stop);
        await WriteKeysAsync(now, then, stop);

        var keys = now.Values.Concat(then.Values).SelectMany(k => k).ToHashSet();
        var holders = await HoldersAsync(keys, 1 + changed.Count, stop);
        await TurnedAsync(now, then, holders, stop);
        var pairs = new HashSet<(long, long)>();
        foreach (var (record, its) in now)
            foreach (var key in its)
                if (holders.TryGetValue(key, out var sharing) && IsUsed(key, sharing.Length))
                    foreach (var other in sharing)
                        if (other != record) pairs.Add((Math.Min(record, other), Math.Max(record, other)));
        await ReadAsync(pairs.SelectMany(p => new[] { p.Item1, p.Item2 }), stop);
        return await ReplaceAsync(now.Keys, pairs, stop);
    }

    /// <summary>Reads the edges of some records; they stay for <see cref="Edges"/>.</summary>
    public Statement EdgesOf(IReadOnlyCollection<long> records, Action<Edge> found) => new(
        OfRecords, row =>
        {
            var edge = Row(row);
            _edges.Add(edge);
            found(edge);
        }, records.ToArray());

    /// <summary>Reads values that are not in memory, so that any two of the records can be asked about.</summary>
    public async Task ReadAsync(IEnumerable<long> records, CancellationToken stop)
    {
        var unread = records.Where(r => !space.Has(r)).Distinct().ToArray();
        if (unread.Length == 0) return;
        foreach (var (id, body) in await connection.ReadAsync("select id, body::text from mdm.record where id = any($1) and body is not null", row => (row.GetInt64(0), row.GetString(1)), stop, unread))
            space.Put(id, body);
    }

    // A key that became too common, or is not any more, says another thing of all that have it: they are looked at as if they had changed.
    async Task TurnedAsync(Dictionary<long, long[]> now, Dictionary<long, long[]> then, Dictionary<long, long[]> holders, CancellationToken stop)
    {
        var growth = new Dictionary<long, int>();
        foreach (var (record, its) in now)
        {
            var before = then.GetValueOrDefault(record, []);
            foreach (var key in its.Except(before)) growth[key] = growth.GetValueOrDefault(key) + 1;
            foreach (var key in before.Except(its)) growth[key] = growth.GetValueOrDefault(key) - 1;
        }
        var turned = growth.Where(g => holders.TryGetValue(g.Key, out var sharing) && IsUsed(g.Key, sharing.Length) != IsUsed(g.Key, sharing.Length - g.Value)).SelectMany(g => holders[g.Key]);
        var others = turned.Where(r => !now.ContainsKey(r)).Distinct().ToList();
        if (others.Count == 0) return;
        foreach (var (record, its) in await KeysAsync(others, stop)) now.Add(record, its);
        foreach (var (key, sharing) in await HoldersAsync(others.SelectMany(o => now[o]).Where(k => !holders.ContainsKey(k)).ToHashSet(), 1, stop)) holders.Add(key, sharing);
    }

    async Task<IReadOnlyCollection<long>> ReplaceAsync(IReadOnlyCollection<long> of, HashSet<(long One, long Other)> pairs, CancellationToken stop)
    {
        var before = (await connection.ReadAsync(OfRecords, Row, stop, of.ToArray())).ToDictionary(e => (e.One, e.Other));
        var after = new Dictionary<(long, long), Edge>();
        foreach (var (one, other) in pairs)
            if (space.Noteworthy(one, other) is var (levels, bits)) after.Add((one, other), new Edge(one, other, bits, levels));
        var gone = before.Keys.Where(p => !after.ContainsKey(p)).ToList();
        var written = after.Where(e => !before.TryGetValue(e.Key, out var was) || was != e.Value).Select(e => e.Value).ToList();
        var writes = new List<Statement>();
        if (gone.Count > 0)
            writes.Add(new("delete from mdm.edge e using unnest($1::bigint[], $2::bigint[]) as g(one, other) where (e.one, e.other) = (g.one, g.other)", null,
                gone.Select(g => g.One).ToArray(), gone.Select(g => g.Other).ToArray()));
        if (written.Count > 0)
            writes.Add(new(
                """
                insert into mdm.edge (kind, one, other, bits, levels) select $1, * from unnest($2::bigint[], $3::bigint[], $4::real[], $5::bigint[])
                on conflict (one, other) do update set bits = excluded.bits, levels = excluded.levels
                """,
                null, kind.Name, written.Select(e => e.One).ToArray(), written.Select(e => e.Other).ToArray(), written.Select(e => e.Bits).ToArray(), written.Select(e => (long)e.Levels).ToArray()));
        await connection.RunAsync(writes, stop);
        return [.. gone.Concat(written.Select(e => (e.One, e.Other))).SelectMany(p => new[] { p.Item1, p.Item2 }).Distinct()];
    }

    static Edge Row(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetFloat(2), (ulong)row.GetInt64(3));

    async Task<Dictionary<long, long[]>> KeysAsync(IReadOnlyCollection<long> records, CancellationToken stop) =>
        (await connection.ReadAsync("select record_id, keys from mdm.record_keys where record_id = any($1)", row => (Id: row.GetInt64(0), Keys: row.GetFieldValue<long[]>(1)), stop, records.ToArray()))
        .ToDictionary(k => k.Id, k => k.Keys);

    bool IsUsed(long key, int holders) => holders <= space.Model.MostHolders(key);

    // So many more than make a key too common are read that it shows what it was before a batch.
    async Task<Dictionary<long, long[]>> HoldersAsync(HashSet<long> keys, int more, CancellationToken stop)
    {
        if (keys.Count == 0) return [];
        // One row a key: a row a holder would be most of the work.
        return (await connection.ReadAsync("select k.key, array(select b.record_id from mdm.block_key b where b.key = k.key limit k.most) from unnest($1::bigint[], $2::int[]) as k(key, most)",
            row => (Key: row.GetInt64(0), Holders: row.GetFieldValue<long[]>(1)), stop, keys.ToArray(), keys.Select(k => space.Model.MostHolders(k) + more).ToArray())).Where(k => k.Holders.Length > 0).ToDictionary(k => k.Key, k => k.Holders);
    }

    async Task WriteKeysAsync(Dictionary<long, long[]> now, Dictionary<long, long[]> then, CancellationToken stop)
    {
        var removed = then.SelectMany(t => t.Value.Except(now[t.Key]).Select(key => (Key: key, Id: t.Key))).ToList();
        var writes = new List<Statement>();
        if (removed.Count > 0)
            writes.Add(new("delete from mdm.block_key b using unnest($1::bigint[], $2::bigint[]) as r(key, id) where (b.key, b.record_id) = (r.key, r.id)", null,
                removed.Select(r => r.Key).ToArray(), removed.Select(r => r.Id).ToArray()));
        var added = now.SelectMany(n => n.Value.Except(then.GetValueOrDefault(n.Key, [])).Select(key => (Key: key, Id: n.Key))).ToList();
        if (added.Count > 0)
            writes.Add(new("insert into mdm.block_key (key, record_id) select * from unnest($1::bigint[], $2::bigint[])", null, added.Select(a => a.Key).ToArray(), added.Select(a => a.Id).ToArray()));
        var changed = now.Where(n => !then.TryGetValue(n.Key, out var was) || !was.SequenceEqual(n.Value)).ToList();
        if (changed.Count > 0)
            writes.Add(new(
                """
                insert into mdm.record_keys (record_id, keys) select c.id, c.keys::bigint[] from unnest($1::bigint[], $2::text[]) as c(id, keys)
                on conflict (record_id) do update set keys = excluded.keys
                """,
                null, changed.Select(c => c.Key).ToArray(), changed.Select(c => $"{{{string.Join(',', c.Value)}}}").ToArray()));
        await connection.RunAsync(writes, stop);
    }
}
