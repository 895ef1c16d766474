using CdcSync.EventLog;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>How far the canonical topics have been resolved: kept with the result, so that a repeated reading changes nothing.</summary>
static class Progress
{
    /// <summary>Moves on past what arrived; returns what was not resolved before.</summary>
    public static async Task<List<Arrival>> AdvanceAsync(NpgsqlConnection connection, IReadOnlyList<Arrival> arrived, CancellationToken stop)
    {
        var done = await ReadAsync(connection, stop);
        var unseen = arrived.Where(a => a.Place.Offset >= done.GetValueOrDefault((a.Place.Topic, a.Place.Partition))).ToList();
        var next = unseen.GroupBy(a => (a.Place.Topic, a.Place.Partition)).Select(g => new LogPlace(g.Key.Topic, g.Key.Partition, g.Max(a => a.Place.Offset) + 1)).ToList();
        if (next.Count > 0)
            await connection.ExecuteAsync(
                """
                insert into mdm.progress (topic, partition, next_offset) select * from unnest($1::text[], $2::int[], $3::bigint[])
                on conflict (topic, partition) do update set next_offset = excluded.next_offset
                """,
                stop, next.Select(n => n.Topic).ToArray(), next.Select(n => n.Partition).ToArray(), next.Select(n => n.Offset).ToArray());
        return unseen;
    }

    /// <summary>Forgets places beyond a topic's end: the log is another one than before, and its records must be read. Returns the topics.</summary>
    public static async Task<IReadOnlyList<string>> ForgetBeyondAsync(NpgsqlConnection connection, IEnumerable<TopicInfo> topics, CancellationToken stop)
    {
        var done = await ReadAsync(connection, stop);
        var beyond = topics
            .Where(t => t.Partitions.Index().Any(p => done.GetValueOrDefault((t.Name, p.Index)) > p.Item.Next))
            .Select(t => t.Name).ToList();
        if (beyond.Count > 0) await connection.ExecuteAsync("delete from mdm.progress where topic = any($1)", stop, beyond);
        return beyond;
    }

    static async Task<Dictionary<(string, int), long>> ReadAsync(NpgsqlConnection connection, CancellationToken stop) =>
        (await connection.ReadAsync("select topic, partition, next_offset from mdm.progress", row => (Place: (row.GetString(0), row.GetInt32(1)), Next: row.GetInt64(2)), stop))
        .ToDictionary(p => p.Place, p => p.Next);
}
