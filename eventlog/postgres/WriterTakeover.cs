using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;
using Npgsql;
using static CdcSync.EventLog.Postgres.StoreSession;

namespace CdcSync.EventLog.Postgres;

/// <summary>
/// Becomes the one writer of a name: a higher epoch fences the earlier one. An append of it that is under way is waited for, since its commit decides the bookmark; when it does not end,
/// its session is ended: the machine may be gone and the store not know.
/// </summary>
static class WriterTakeover
{
    const int PatienceSeconds = 10;

    public static async Task<(long Epoch, Bookmark? Bookmark)> TakeAsync(NpgsqlConnection connection, string producer, ILogger logger, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RaiseEpochAsync(connection, producer, stop);
            }
            catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable && attempt < 3)
            {
                var backend = await EndEarlierAsync(connection, producer, stop);
                Log.EarlierWriterEnded(logger, producer, backend);
            }
        }
    }

    static async Task<(long Epoch, Bookmark? Bookmark)> RaiseEpochAsync(NpgsqlConnection connection, string producer, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using (var patience = new NpgsqlCommand($"set local lock_timeout = '{PatienceSeconds}s'", connection)) await patience.ExecuteNonQueryAsync(stop);
        await using var raise = new NpgsqlCommand("""
            insert into log.producer as p (name, epoch, backend, backend_start)
            select $1, 1, pid, backend_start from pg_stat_activity where pid = pg_backend_pid()
            on conflict (name) do update set epoch = p.epoch + 1, backend = excluded.backend, backend_start = excluded.backend_start
            returning epoch, position, state
            """, connection) { Parameters = { Value(producer) } };
        (long Epoch, Bookmark? Bookmark) taken;
        await using (var row = await raise.ExecuteReaderAsync(stop))
        {
            await row.ReadAsync(stop);
            taken = (row.GetInt64(0), PostgresLogWriter.ReadBookmark(row, 1));
        }
        await transaction.CommitAsync(CancellationToken.None);
        return taken;
    }

    static async Task<int> EndEarlierAsync(NpgsqlConnection connection, string producer, CancellationToken stop)
    {
        await using var end = new NpgsqlCommand("""
            select a.pid, pg_terminate_backend(a.pid) from log.producer p join pg_stat_activity a on a.pid = p.backend and a.backend_start = p.backend_start
            where p.name = $1 and a.pid <> pg_backend_pid()
            """, connection) { Parameters = { Value(producer) } };
        await using var row = await end.ExecuteReaderAsync(stop);
        return await row.ReadAsync(stop) ? row.GetInt32(0) : 0;
    }
}
