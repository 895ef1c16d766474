using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Hierarchy;
using CdcSync.Mdm.Survivorship;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>What led to golden records changing: the time and the correlation that go with them.</summary>
readonly record struct Cause(DateTimeOffset CommittedAt, string CorrelationId);

/// <summary>Writes clusters as golden records: membership, redirects, the records themselves, and each change into the outbox.</summary>
sealed class GoldenTable(NpgsqlConnection connection, CanonicalKind kind, Survivors survivors)
{
    // A rebuild writes all there are: this many are in memory at once.
    const int ClustersAtOnce = 5000;

    readonly record struct Letter(string Topic, CanonicalKey Key, CanonicalObject? Body, Cause Cause);

    /// <summary>A golden record to be written: its records, and what led to it.</summary>
    readonly record struct Draft(long Id, IReadOnlyList<CanonicalObject> Members, IReadOnlyList<Pin> Pins, Cause Cause);

    readonly List<Letter> _letters = [];
    readonly HashSet<long> _written = [];
    readonly List<(long Record, Conflict Conflict)> _conflicts = [];
    readonly ParentTable _parents = new(connection, kind);

    /// <summary>The records of the golden records that were looked at, and those that went.</summary>
    public IReadOnlyCollection<long> Written => _written;

    /// <summary>Values that matter and contradict each other within one golden record, by its first record.</summary>
    public IReadOnlyList<(long Record, Conflict Conflict)> Conflicts => _conflicts;

    /// <summary>Brings the store to these clusters, whole neighbourhoods.</summary>
    /// <param name="clusters">The clusters as they are to be.</param>
    /// <param name="changed">The records that changed, deleted ones included.</param>
    /// <param name="otherwise">The cause of what no single change explains.</param>
    /// <param name="rewriteAll">Look at clusters too that no change touched.</param>
    /// <param name="again">Records whose clusters are looked at although they are what they were: a pin came or went.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<Outcome> WriteAsync(
        IReadOnlyList<IReadOnlyList<Member>> clusters, IReadOnlyList<Changed> changed, Cause otherwise, bool rewriteAll, IReadOnlySet<long> again, CancellationToken stop)
    {
        var byId = changed.ToDictionary(c => c.Id);
        var heldBefore = clusters.SelectMany(c => c.Select(m => m.GoldenId))
            .Concat(changed.Where(c => c.Record.Object is null).Select(c => c.GoldenId))
            .OfType<long>().GroupBy(id => id).ToDictionary(g => g.Key, g => g.Count());
        var (kept, merged) = GoldenIds.Assign(clusters);
        var dirty = Enumerable.Range(0, clusters.Count)
            .Where(i => rewriteAll || kept[i] is not { } id || heldBefore[id] != clusters[i].Count || clusters[i].Any(m => m.GoldenId != id || byId.ContainsKey(m.Id) || again.Contains(m.Id)))
            .ToList();
        _written.UnionWith(dirty.SelectMany(i => clusters[i]).Select(m => m.Id).Concat(changed.Select(c => c.Id)));
        var ids = await NumberAsync(kept, dirty, stop);

        // First where each record stands now: golden records name their parents by it.
        var moved = dirty.SelectMany(i => clusters[i].Where(m => m.GoldenId != ids[i]).Select(m => (Member: m, To: ids[i]))).ToLookup(m => m.To);
        var deleted = changed.Where(c => c.Record.Object is null && c.GoldenId is not null).ToList();
        await PlaceAsync([.. moved.SelectMany(m => m).Select(m => (m.Member.Id, (long?)m.To)), .. deleted.Select(d => (d.Id, (long?)null))], stop);
        var written = 0;
        foreach (var part in dirty.Chunk(ClustersAtOnce))
        {
            written += await WriteGoldenAsync(await DraftAsync(clusters, part, ids, byId, otherwise, stop), stop);
            foreach (var (member, to) in part.SelectMany(i => moved[ids[i]])) Xref(member.Key, to, member.GoldenId, byId.TryGetValue(member.Id, out var change) ? CauseOf(change) : otherwise);
            await PostAsync(stop);
        }
        if (!rewriteAll)
        {
            var orphans = await _parents.ChildrenAsync([.. moved.SelectMany(m => m).Select(m => m.Member.Key), .. deleted.Select(d => d.Record.Key)], stop);
            written += await WriteChildrenAsync([.. orphans.Except(dirty.Select(i => ids[i]))], otherwise, stop);
        }
        var living = ids.ToHashSet();
        var gone = heldBefore.Keys.Where(id => !living.Contains(id)).ToList();
        await RedirectAsync(merged.Select(m => (m.From, ids[m.Cluster])).ToList(), otherwise, stop);
        await DropAsync(gone, otherwise, stop);
        foreach (var change in deleted) _letters.Add(new Letter(kind.XrefTopic, change.Record.Key, null, CauseOf(change)));
        var redirected = merged.Select(m => m.From).ToHashSet();
        foreach (var move in moved.SelectMany(m => m).Where(m => m.Member.GoldenId is not null).GroupBy(m => (From: m.Member.GoldenId!.Value, m.To)))
            Moves(move.Key.From, move.Key.To, redirected.Contains(move.Key.From), [.. move.Select(m => m.Member)], move.Select(m => byId.GetValueOrDefault(m.Member.Id)).FirstOrDefault(c => c is not null) is { } change ? CauseOf(change) : otherwise);
        await PostAsync(stop);
        return new Outcome(changed.Count, 0, written + gone.Count, moved.Sum(m => m.Count()));
    }

    async Task<List<long>> NumberAsync(IReadOnlyList<long?> kept, List<int> dirty, CancellationToken stop)
    {
        var without = dirty.Where(i => kept[i] is null).ToList();
        var numbers = without.Count == 0 ? [] : await connection.ReadAsync("select nextval('mdm.golden_id') from generate_series(1, $1)", row => row.GetInt64(0), stop, without.Count);
        numbers.Sort();
        var ids = kept.Select(id => id ?? 0).ToList();
        foreach (var (place, cluster) in without.Index()) ids[cluster] = numbers[place];
        return ids;
    }

    async Task PlaceAsync(List<(long Id, long? GoldenId)> places, CancellationToken stop)
    {
        if (places.Count == 0) return;
        await connection.ExecuteAsync("update mdm.record r set golden_id = m.golden_id from unnest($1::bigint[], $2::bigint[]) as m(id, golden_id) where r.id = m.id", stop,
            places.Select(p => p.Id).ToArray(), places.Select(p => p.GoldenId).ToArray());
    }

    async Task<List<Draft>> DraftAsync(
        IReadOnlyList<IReadOnlyList<Member>> clusters, int[] dirty, List<long> ids, Dictionary<long, Changed> changed, Cause otherwise, CancellationToken stop)
    {
        var unread = dirty.SelectMany(i => clusters[i]).Where(m => !changed.ContainsKey(m.Id)).Select(m => m.Id).ToArray();
        var bodies = unread.Length == 0 ? [] : (await connection.ReadAsync("select id, body::text from mdm.record where id = any($1)",
            row => (Id: row.GetInt64(0), Body: Sql.Object(kind, row.GetString(1))), stop, unread)).ToDictionary(r => r.Id, r => r.Body);
        var pins = await PinsAsync([.. dirty.SelectMany(i => clusters[i]).Select(m => m.Key)], stop);
        return [.. dirty.Select(i =>
        {
            IReadOnlyList<CanonicalObject> members = [.. clusters[i].Select(m => changed.TryGetValue(m.Id, out var change) ? change.Record.Object! : bodies[m.Id])];
            IReadOnlyList<Pin> its = [.. members.SelectMany(m => pins[m.Key])];
            _conflicts.AddRange(survivors.Conflicts(members, its).Select(c => (clusters[i][0].Id, c)));
            var newest = clusters[i].Select(m => changed.GetValueOrDefault(m.Id)).OfType<Changed>().MaxBy(c => c.Record.CommittedAt);
            return new Draft(ids[i], members, its, newest is null ? otherwise : CauseOf(newest));
        })];
    }

    // The parent of a record in them came to another golden record, or went.
    async Task<int> WriteChildrenAsync(List<long> children, Cause cause, CancellationToken stop)
    {
        var written = 0;
        foreach (var part in children.Chunk(ClustersAtOnce))
        {
            var members = await connection.ReadAsync("select golden_id, body::text from mdm.record where golden_id = any($1) and body is not null",
                row => (GoldenId: row.GetInt64(0), Body: Sql.Object(kind, row.GetString(1))), stop, part);
            var pins = await PinsAsync([.. members.Select(m => m.Body.Key)], stop);
            written += await WriteGoldenAsync([.. members.GroupBy(m => m.GoldenId).OrderBy(g => g.Key)
                .Select(g => new Draft(g.Key, [.. g.Select(m => m.Body)], [.. g.SelectMany(m => pins[m.Body.Key])], cause))], stop);
            await PostAsync(stop);
        }
        return written;
    }

    async Task<int> WriteGoldenAsync(List<Draft> drafts, CancellationToken stop)
    {
        var there = (await connection.ReadAsync("select id, members, body::text from mdm.golden where id = any($1)",
            row => (Id: row.GetInt64(0), Shape: (row.GetInt32(1), row.GetString(2))), stop, drafts.Select(d => d.Id).ToArray())).ToDictionary(g => g.Id, g => g.Shape);
        var parents = await _parents.ReadAsync(drafts.SelectMany(d => d.Members), stop);

        var write = new List<(long Id, int Members, string Body)>();
        var published = 0;
        foreach (var draft in drafts)
        {
            var golden = survivors.Merge(GoldenIds.Text(kind.Name, draft.Id), draft.Members, draft.Pins, parents);
            var shape = (draft.Members.Count, Sql.Json(golden));
            if (!there.TryGetValue(draft.Id, out var before) || before != shape) write.Add((draft.Id, shape.Count, shape.Item2));
            if (before.Item2 == shape.Item2) continue;
            _letters.Add(new Letter(kind.GoldenTopic, golden.Key, golden, draft.Cause));
            published++;
        }
        if (write.Count > 0)
            await connection.ExecuteAsync(
                """
                insert into mdm.golden (id, kind, members, body) select n.id, $1, n.members, n.body::json from unnest($2::bigint[], $3::int[], $4::text[]) as n(id, members, body)
                on conflict (id) do update set members = excluded.members, body = excluded.body, changed_at = now()
                """,
                stop, kind.Name, write.Select(w => w.Id).ToArray(), write.Select(w => w.Members).ToArray(), write.Select(w => w.Body).ToArray());
        return published;
    }

    async Task<ILookup<CanonicalKey, Pin>> PinsAsync(IReadOnlyCollection<CanonicalKey> records, CancellationToken stop) =>
        (await PinTable.ReadAsync(connection, kind.Name, records, TimeProvider.System.GetUtcNow(), stop)).ToLookup(p => p.Record);

    async Task RedirectAsync(List<(long From, long To)> merged, Cause cause, CancellationToken stop)
    {
        if (merged.Count == 0) return;
        var (from, to) = (merged.Select(m => m.From).ToArray(), merged.Select(m => m.To).ToArray());
        // An id that led to one of these leads on to where these lead now: no chains.
        var earlier = await connection.ReadAsync(
            "update mdm.redirect r set to_id = m.to_id, at = now() from unnest($1::bigint[], $2::bigint[]) as m(from_id, to_id) where r.to_id = m.from_id returning r.from_id, r.to_id",
            row => (row.GetInt64(0), row.GetInt64(1)), stop, from, to);
        await connection.ExecuteAsync("insert into mdm.redirect (from_id, to_id, kind) select m.from_id, m.to_id, $3 from unnest($1::bigint[], $2::bigint[]) as m(from_id, to_id)",
            stop, from, to, kind.Name);
        foreach (var (old, now) in merged.Concat(earlier)) Xref(new CanonicalKey(CrossReference.GoldenSource, GoldenIds.Text(kind.Name, old)), now, null, cause);
    }

    async Task DropAsync(List<long> gone, Cause cause, CancellationToken stop)
    {
        if (gone.Count == 0) return;
        await connection.ExecuteAsync("delete from mdm.golden where id = any($1)", stop, gone.ToArray());
        foreach (var id in gone) _letters.Add(new Letter(kind.GoldenTopic, new CanonicalKey(CrossReference.GoldenSource, GoldenIds.Text(kind.Name, id)), null, cause));
    }

    void Xref(CanonicalKey key, long to, long? from, Cause cause) => _letters.Add(new Letter(kind.XrefTopic, key, new CrossReference
    {
        Source = key.Source,
        SourceId = key.Id,
        GoldenId = GoldenIds.Text(kind.Name, to),
        PreviousGoldenId = from is { } id ? GoldenIds.Text(kind.Name, id) : null,
    }, cause));

    void Moves(long from, long to, bool merged, List<Member> members, Cause cause) => _letters.Add(new Letter(kind.MovesTopic, new CanonicalKey(CrossReference.GoldenSource, GoldenIds.Text(kind.Name, from)), new GoldenMove
    {
        Source = CrossReference.GoldenSource,
        SourceId = GoldenIds.Text(kind.Name, from),
        GoldenId = GoldenIds.Text(kind.Name, to),
        Merged = merged,
        Records = [.. members.Select(m => new MovedRecord { Source = m.Key.Source, SourceId = m.Key.Id })],
        Dependents = kind.Dependents,
    }, cause));

    async Task PostAsync(CancellationToken stop)
    {
        if (_letters.Count == 0) return;
        await connection.ExecuteAsync(
            """
            insert into mdm.outbox (topic, source, source_id, body, committed_at, correlation_id)
            select l.topic, l.source, l.source_id, l.body::json, l.committed_at, l.correlation_id
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) with ordinality as l(topic, source, source_id, body, committed_at, correlation_id, place)
            order by l.place
            """,
            stop, _letters.Select(l => l.Topic).ToArray(), _letters.Select(l => l.Key.Source).ToArray(), _letters.Select(l => l.Key.Id).ToArray(),
            _letters.Select(l => l.Body is null ? null : Sql.Json(l.Body)).ToArray(), _letters.Select(l => l.Cause.CommittedAt.UtcDateTime).ToArray(),
            _letters.Select(l => l.Cause.CorrelationId).ToArray());
        _letters.Clear();
    }

    static Cause CauseOf(Changed change) => new(change.Record.CommittedAt, change.Record.CorrelationId);
}
