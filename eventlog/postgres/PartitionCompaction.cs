using Npgsql;
using static CdcSync.EventLog.Postgres.PostgresUpkeep;
using static CdcSync.EventLog.Postgres.StoreSession;

namespace CdcSync.EventLog.Postgres;

/// <summary>
/// Compaction of one partition, Kafka's way: the newest offset of each key among the new records is noted, then everything older of these keys goes, chunk by chunk.
/// An interrupted round starts again and comes to the same.
/// </summary>
sealed class PartitionCompaction(NpgsqlConnection connection, int partition, PostgresLogSettings settings, TimeProvider clock)
{
    const int NewRecordsARound = 200_000;      // keys noted at a time: bounds the temporary table

    public async Task<long> RemoveSupersededAsync(CancellationToken stop)
    {
        var removed = 0L;
        while (await NextRoundAsync(stop) is { } round)
        {
            await NoteNewestAsync(round.Clean, round.End, stop);
            for (var from = round.First; from < round.End;)
            {
                var (chunkRemoved, next) = await SweepAsync(from, round.End, stop);
                removed += chunkRemoved;
                from = next;
            }
            await ScalarAsync<int>(connection, """
                update log.upkeep set clean = $2, kept = (select count(*) from log.record where partition = $1 and "offset" < $2) where partition = $1 returning 1
                """, stop, Value(partition), Value(round.End));
        }
        return removed;
    }

    /// <summary>
    /// A tombstone goes when it has been compacted, stood for the grace since it was appended (its own time is the source's and says nothing of that), and every group that reads
    /// the topic has read it: else a reader would keep a row that is deleted.
    /// </summary>
    public async Task<long> RemoveTombstonesAsync(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var due = await ScalarAsync<bool>(connection, "select grace_at <= $2 from log.upkeep where partition = $1", stop, Value(partition), Value(now - settings.TombstoneGrace));
        if (!due) return 0;
        var removed = await ScalarAsync<long>(connection, """
            with reach as (
                select least(u.grace_offset, u.clean, (select min(next) from log.place where partition = $1)) as before, u.first from log.upkeep u where u.partition = $1),
            gone as (delete from log.record r using reach where r.partition = $1 and r."offset" >= reach.first and r."offset" < reach.before and r.value is null returning 1)
            select count(*) from gone
            """, stop, Value(partition));
        await ScalarAsync<int>(connection, """
            update log.upkeep u set grace_at = $2, grace_offset = p.next from log.partition p where u.partition = $1 and p.id = u.partition returning 1
            """, stop, Value(partition), Value(now));
        return removed;
    }

    async Task<(long First, long Clean, long End)?> NextRoundAsync(CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("""
            select u.first, greatest(u.clean, u.first), p.next, u.kept from log.upkeep u join log.partition p on p.id = u.partition where p.id = $1
            """, connection) { Parameters = { Value(partition) } };
        await using var row = await query.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        var (first, clean, next, kept) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
        var worth = next > clean && next - clean >= Math.Max(settings.CompactAfterRecords, (long)(kept * settings.CompactAfterRatio));
        return worth ? (first, clean, Math.Min(next, clean + NewRecordsARound)) : null;
    }

    async Task NoteNewestAsync(long clean, long end, CancellationToken stop)
    {
        await using var note = new NpgsqlCommand("""
            create temp table if not exists cdcsync_newest (key bytea not null, "offset" bigint not null);
            truncate cdcsync_newest;
            """, connection);
        await note.ExecuteNonQueryAsync(stop);
        await using var fill = new NpgsqlCommand("""
            insert into cdcsync_newest
            select key, max("offset") from log.record where partition = $1 and "offset" >= $2 and "offset" < $3 and key is not null group by key
            """, connection) { Parameters = { Value(partition), Value(clean), Value(end) }, CommandTimeout = 300 };
        await fill.ExecuteNonQueryAsync(stop);
        await using var analyze = new NpgsqlCommand("analyze cdcsync_newest", connection);
        await analyze.ExecuteNonQueryAsync(stop);
    }

    async Task<(long Removed, long Next)> SweepAsync(long from, long end, CancellationToken stop)
    {
        await using var sweep = new NpgsqlCommand("""
            with seen as (select "offset", key from log.record where partition = $1 and "offset" >= $2 and "offset" < $3 order by "offset" limit $4),
            gone as (
                delete from log.record r using seen s, cdcsync_newest n
                where r.partition = $1 and r."offset" = s."offset" and s.key = n.key and s."offset" < n."offset" returning 1)
            select (select count(*) from gone), (select coalesce(max("offset") + 1, $3) from seen)
            """, connection) { Parameters = { Value(partition), Value(from), Value(end), Value(settings.MaintenanceChunk) }, CommandTimeout = 300 };
        await using var row = await sweep.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return (row.GetInt64(0), row.GetInt64(1));
    }
}
