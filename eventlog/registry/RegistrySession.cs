using Npgsql;

namespace CdcSync.EventLog.Registry;

/// <summary>One connection to the store, for one request. A writing one holds the registry's lock until it ends, so that ids and versions are given one at a time.</summary>
sealed class RegistrySession(NpgsqlConnection connection, NpgsqlTransaction? transaction, SemaphoreSlim? turn) : IAsyncDisposable
{
    const long LockKey = 0x526567697374;   // "Regist"

    public static async Task<RegistrySession> ReadAsync(NpgsqlDataSource store, CancellationToken stop) => new(await store.OpenConnectionAsync(stop), null, null);

    /// <param name="store">The store.</param>
    /// <param name="turn">One at a time in this process; given back at the end.</param>
    /// <param name="stop">Gives up waiting.</param>
    public static async Task<RegistrySession> WriteAsync(NpgsqlDataSource store, SemaphoreSlim turn, CancellationToken stop)
    {
        await turn.WaitAsync(stop);
        NpgsqlConnection? connection = null;
        try
        {
            connection = await store.OpenConnectionAsync(stop);
            var session = new RegistrySession(connection, await connection.BeginTransactionAsync(stop), turn);
            // Read committed: every query after this one sees what the lock's last holder committed.
            await session.ExecuteAsync("select pg_advisory_xact_lock($1)", stop, LockKey);
            return session;
        }
        catch
        {
            if (connection is not null) await connection.DisposeAsync();   // rolls back
            turn.Release();
            throw;
        }
    }

    public async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken stop, params object[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var rows = new List<T>();
        while (await reader.ReadAsync(stop)) rows.Add(read(reader));
        return rows;
    }

    public async Task<int> ExecuteAsync(string sql, CancellationToken stop, params object[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(stop);
    }

    public Task CommitAsync(CancellationToken stop) => transaction!.CommitAsync(stop);

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (transaction is not null) await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
        finally
        {
            turn?.Release();
        }
    }

    NpgsqlCommand Command(string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return command;
    }
}
