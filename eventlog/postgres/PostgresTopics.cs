using System.Collections.Concurrent;
using Npgsql;
using static CdcSync.EventLog.Postgres.StoreSession;

namespace CdcSync.EventLog.Postgres;

/// <summary>A topic as writers and readers use it: the ids of its partitions, by number.</summary>
sealed class TopicRoute(string name, int[] partitions)
{
    int _keyless = -1;

    public string Name { get; } = name;
    public int[] Partitions { get; } = partitions;

    /// <summary>The partition of a record; those without a key go round.</summary>
    public int Choose(LogBatch batch, in LogBatch.Entry entry) =>
        entry.KeyLength < 0
            ? Partitions[(int)((uint)Interlocked.Increment(ref _keyless) % (uint)Partitions.Length)]
            : Partitions[KeyPartitioner.Of(batch.Key(entry).Span, Partitions.Length)];
}

/// <summary>The topics of the store. A topic's partitions never change, so they are remembered.</summary>
sealed class PostgresTopics(NpgsqlDataSource store)
{
    readonly ConcurrentDictionary<string, TopicRoute> _routes = new(StringComparer.Ordinal);

    public async ValueTask<TopicRoute?> FindAsync(string name, CancellationToken stop)
    {
        if (_routes.TryGetValue(name, out var known)) return known;
        await using var query = store.CreateCommand("select p.id from log.topic t join log.partition p on p.topic = t.id where t.name = $1 order by p.number");
        query.Parameters.Add(Value(name));
        var partitions = new List<int>();
        await using (var rows = await query.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) partitions.Add(rows.GetInt32(0));
        return partitions.Count == 0 ? null : _routes.GetOrAdd(name, new TopicRoute(name, [.. partitions]));
    }

    /// <summary>The topic, made with defaults when there is none.</summary>
    public async ValueTask<TopicRoute> FindOrMakeAsync(string name, CancellationToken stop)
    {
        if (await FindAsync(name, stop) is { } found) return found;
        await MakeAsync(new TopicSettings(name), update: false, stop);
        return (await FindAsync(name, stop))!;
    }

    /// <summary>Makes the topic; one that exists keeps its partitions and takes the other settings when <paramref name="update"/>.</summary>
    public async Task MakeAsync(TopicSettings topic, bool update, CancellationToken stop)
    {
        TopicNames.Check(topic.Name);
        if (topic.Partitions is < 1 or > 10_000) throw new EventLogException($"Topic '{topic.Name}' wants {topic.Partitions} partitions; 1 to 10,000 are possible. Correct the configuration.");
        await using var command = store.CreateCommand("select log.ensure_topic($1, $2, $3, $4, $5)");
        command.Parameters.Add(Value(topic.Name));
        command.Parameters.Add(Value(topic.Partitions));
        command.Parameters.Add(Value(topic.Compact));
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)topic.Retention ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Interval });
        command.Parameters.Add(Value(update));
        await command.ExecuteNonQueryAsync(stop);
    }

    public async Task<IReadOnlyList<TopicInfo>> ListAsync(CancellationToken stop)
    {
        await using var query = store.CreateCommand("""
            select t.name, least(u.first, p.next), p.next from log.topic t join log.partition p on p.topic = t.id join log.upkeep u on u.partition = p.id
            order by t.name, p.number
            """);
        var topics = new List<TopicInfo>();
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            var name = rows.GetString(0);
            if (topics.Count == 0 || topics[^1].Name != name) topics.Add(new TopicInfo(name, new List<(long First, long Next)>()));
            ((List<(long First, long Next)>)topics[^1].Partitions).Add((rows.GetInt64(1), rows.GetInt64(2)));
        }
        return topics;
    }
}
