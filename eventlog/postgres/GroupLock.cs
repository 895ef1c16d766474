using Microsoft.Extensions.Logging;
using Npgsql;
using static CdcSync.EventLog.Postgres.StoreSession;

namespace CdcSync.EventLog.Postgres;

/// <summary>
/// The right to read topics as a group: a session lock for each of them, so that it ends with the session, however that ends. A second reader waits for it in the
/// store, and has it the moment the first is gone.
/// </summary>
sealed class GroupLock(NpgsqlDataSource store, string group, IReadOnlyCollection<string> topics, ILogger logger) : IAsyncDisposable
{
    static readonly TimeSpan Turn = TimeSpan.FromSeconds(30);
    NpgsqlConnection? _connection;

    /// <summary>The session that holds it.</summary>
    public NpgsqlConnection Connection => _connection ?? throw new InvalidOperationException("The group's lock is not taken yet");

    public async Task TakeAsync(CancellationToken stop)
    {
        _connection = await StoreSession.OpenAsync(store, "reader", stop);
        var names = string.Join(", ", topics);
        await using var take = new NpgsqlCommand("""
            select log.take(array(select distinct hashtextextended('cdcsync group ' || length($1) || $1 || topic, 0) from unnest($2) topic order by 1), $3)
            """, _connection)
        {
            Parameters = { Value(group), Value(topics.ToArray()), Value(TimeSpan.Zero) },
            CommandTimeout = 120,
        };
        ((NpgsqlParameter<TimeSpan>)take.Parameters[2]).TypedValue = TimeSpan.FromMilliseconds(50);
        for (var first = true; !(bool)(await take.ExecuteScalarAsync(stop))!; first = false)
        {
            if (first) Log.ReaderStandsBy(logger, group, names);
            ((NpgsqlParameter<TimeSpan>)take.Parameters[2]).TypedValue = Turn;
        }
        Log.ReaderActive(logger, group, names);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is null) return;
        try
        {
            // The pool resets a session only when it lends it again: the next reader must not wait for that.
            await using var free = new NpgsqlCommand("select pg_advisory_unlock_all()", _connection);
            await free.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception gone) when (PostgresLogErrors.IsStore(gone) || gone is InvalidOperationException)
        {
            // The session is gone and the lock with it.
        }
        await _connection.DisposeAsync();
    }
}
