using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Decisions;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>
/// Finds, a set at a time, all records that a chain of shared match keys, sure scores and decisions connects with some. A key of too many records connects nothing.
/// </summary>
sealed class Neighbourhood(NpgsqlConnection connection, string kind, int mostPerKey, EdgeTable? edges)
{
    readonly HashSet<string> _seenKeys = new(StringComparer.Ordinal);
    readonly Dictionary<long, List<string>> _keys = [];

    /// <summary>Keys met that too many records share.</summary>
    public HashSet<string> TooCommon { get; } = new(StringComparer.Ordinal);

    /// <summary>Records that a batch's changed keys connect or connected, and the keys that became too common by it.</summary>
    public async Task<(List<long> Records, List<string> BecameTooCommon)> TouchedAsync(IReadOnlyCollection<Changed> changed, CancellationToken stop)
    {
        var growth = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var change in changed)
        {
            foreach (var key in change.Added) growth[key] = growth.GetValueOrDefault(key) + 1;
            foreach (var key in change.Removed) growth[key] = growth.GetValueOrDefault(key) - 1;
        }
        // With this many read, a key that was usable before the batch is read whole even when it is not any more.
        var sharing = await SharingAsync([.. growth.Keys], mostPerKey + 1 + changed.Count, stop);
        var records = new List<long>();
        var became = new List<string>();
        foreach (var (key, more) in growth)
        {
            if (!sharing.TryGetValue(key, out var holders)) continue;
            var (usable, wasUsable) = (holders.Count <= mostPerKey, holders.Count - more <= mostPerKey);
            if (usable || wasUsable) records.AddRange(holders);
            if (!usable && wasUsable) became.Add(key);
        }
        return (records, became);
    }

    /// <summary>The whole neighbourhood of some records, themselves included.</summary>
    public async Task<List<Member>> ExploreAsync(IEnumerable<long> from, CancellationToken stop)
    {
        var frontier = from.Distinct().ToList();
        while (frontier.Count > 0)
        {
            foreach (var id in frontier) _keys.TryAdd(id, []);
            var (unseen, met) = (new List<string>(), new List<long>());
            var asked = new List<Statement>
            {
                new("select record_id, key from mdm.match_key where record_id = any($1)", row =>
                {
                    _keys[row.GetInt64(0)].Add(row.GetString(1));
                    if (_seenKeys.Add(row.GetString(1))) unseen.Add(row.GetString(1));
                }, frontier.ToArray()),
                DecisionTable.SaidToBeSame(frontier, met.Add),
            };
            if (edges is not null)
                asked.Add(edges.EdgesOf(frontier, edge =>
                {
                    if (edge.Bits >= edges.MergeBits) met.AddRange([edge.One, edge.Other]);
                }));
            await connection.RunAsync(asked, stop);
            foreach (var (key, holders) in await SharingAsync(unseen, mostPerKey + 1, stop))
                if (holders.Count > mostPerKey) TooCommon.Add(key);
                else met.AddRange(holders);
            frontier = [.. met.Where(id => !_keys.ContainsKey(id)).Distinct()];
        }
        return await connection.ReadAsync("select id, source, source_id, golden_id, level, parent_id from mdm.record where id = any($1) and body is not null",
            row => new Member(row.GetInt64(0), new CanonicalKey(row.GetString(1), row.GetString(2)), row.IsDBNull(3) ? null : row.GetInt64(3), _keys[row.GetInt64(0)], row.IsDBNull(4) ? null : row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5)),
            stop, _keys.Keys.ToArray());
    }

    async Task<Dictionary<string, List<long>>> SharingAsync(List<string> keys, int atMost, CancellationToken stop)
    {
        var sharing = new Dictionary<string, List<long>>(StringComparer.Ordinal);
        if (keys.Count == 0) return sharing;
        foreach (var (key, id) in await connection.ReadAsync(
            """
            select k.key, h.record_id
            from unnest($2::text[]) as k(key)
            cross join lateral (select m.record_id from mdm.match_key m where m.kind = $1 and m.key = k.key limit $3) h
            """,
            row => (row.GetString(0), row.GetInt64(1)), stop, kind, keys.ToArray(), atMost))
        {
            if (!sharing.TryGetValue(key, out var holders)) sharing.Add(key, holders = []);
            holders.Add(id);
        }
        return sharing;
    }
}
