using Microsoft.Extensions.Logging;
using Npgsql;
using static CdcSync.EventLog.Postgres.StoreSession;

namespace CdcSync.EventLog.Postgres;

/// <summary>Where a group stands: the partitions of its topics, the next offset to read in each, and what is stored of it.</summary>
sealed class ReaderPlaces(string group, IReadOnlyCollection<string> topics, ILogger logger)
{
    readonly Dictionary<int, (string Topic, int Number, long Next)> _places = [];
    readonly Dictionary<(string, int), int> _ids = [];

    public IReadOnlyCollection<int> Partitions => _places.Keys;

    /// <summary>A topic is not there yet; when it is made, everybody is woken.</summary>
    public bool Incomplete { get; private set; } = true;

    public bool Reads(int partition) => _places.ContainsKey(partition);
    public (string Topic, int Number, long Next) At(int partition) => _places[partition];

    public void MoveTo(Dictionary<int, long> next)
    {
        foreach (var (partition, offset) in next) _places[partition] = _places[partition] with { Next = offset };
    }

    /// <summary>Learns the partitions that are new to it, from the stored places.</summary>
    public async Task LoadAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("""
            select p.id, t.name, p.number, coalesce(c.next, 0), u.first, c.next is not null
            from log.topic t join log.partition p on p.topic = t.id join log.upkeep u on u.partition = p.id
            left join log.place c on c."group" = $1 and c.partition = p.id
            where t.name = any($2) order by t.name, p.number
            """, connection) { Parameters = { Value(group), Value(topics.ToArray()) } };
        var found = new HashSet<string>(StringComparer.Ordinal);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            var (id, topic, number, next, first) = (rows.GetInt32(0), rows.GetString(1), rows.GetInt32(2), rows.GetInt64(3), rows.GetInt64(4));
            found.Add(topic);
            if (!_places.TryAdd(id, (topic, number, Math.Max(next, first)))) continue;
            _ids[(topic, number)] = id;
            if (rows.GetBoolean(5) && first > next) Log.ReaderMissedRecords(logger, group, first - next, topic, number);
        }
        Incomplete = found.Count < topics.Distinct(StringComparer.Ordinal).Count();
    }

    public async Task CommitAsync(NpgsqlConnection connection, IReadOnlyCollection<LogPlace> next, CancellationToken stop)
    {
        if (next.Count == 0) return;
        var ids = next.Select(place => _ids.TryGetValue((place.Topic, place.Partition), out var id) ? id
            : throw new EventLogException($"Group '{group}' cannot commit {place.Topic}[{place.Partition}]: this reader does not read it")).ToArray();
        await using var store = new NpgsqlCommand("""
            insert into log.place("group", partition, next) select $1, id, max(next) from unnest($2, $3) place(id, next) group by id
            on conflict ("group", partition) do update set next = excluded.next, at = excluded.at
            """, connection) { Parameters = { Value(group), Value(ids), Value(next.Select(place => place.Offset).ToArray()) } };
        await store.ExecuteNonQueryAsync(stop);
    }
}
