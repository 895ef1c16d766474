using System.Runtime.CompilerServices;
using Npgsql;

namespace CdcSync.EventLog.Postgres;

/// <summary>Reads a topic's partitions by keyset, as nobody's group.</summary>
sealed class TopicScan(NpgsqlDataSource store, TopicRoute route, long[] next)
{
    const int RecordsAtATime = 1000, BytesAtATime = 1 << 22;

    /// <summary>Up to these offsets, a partition after the other.</summary>
    public async IAsyncEnumerable<LogRecord> ReadAsync(IReadOnlyList<long> ends, [EnumeratorCancellation] CancellationToken stop)
    {
        for (var number = 0; number < next.Length; number++)
        {
            while (next[number] < ends[number])
            {
                var records = await SomeAsync(number, stop);
                foreach (var record in records.Where(r => r.Offset < ends[number])) yield return record;
                if (records.Count == 0) next[number] = ends[number];      // compacted away up to there
            }
        }
    }

    /// <summary>What comes, without end.</summary>
    public async IAsyncEnumerable<LogRecord> FollowAsync(WakeUp wake, [EnumeratorCancellation] CancellationToken stop)
    {
        while (true)
        {
            _ = wake.Take();
            for (var number = 0; number < next.Length; number++)
                while (await SomeAsync(number, stop) is { Count: > 0 } records)
                    foreach (var record in records) yield return record;
            await wake.WaitAsync(Timeout.InfiniteTimeSpan, stop);
        }
    }

    async Task<IReadOnlyList<LogRecord>> SomeAsync(int number, CancellationToken stop)
    {
        try
        {
            await using var connection = await store.OpenConnectionAsync(stop);
            var fetch = new RecordFetch(connection, BytesAtATime, RecordsAtATime);
            await fetch.ReadAsync(route.Partitions[number], route.Name, number, next[number], stop);
            if (fetch.Records.Count > 0) next[number] = fetch.Records[^1].Offset + 1;
            return fetch.Records;
        }
        catch (Exception failed) when (PostgresLogErrors.IsStore(failed))
        {
            throw PostgresLogErrors.Explain($"read topic '{route.Name}'", failed);
        }
    }
}
