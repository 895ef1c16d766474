using Npgsql;

namespace CdcSync.Reconcile;

/// <summary>The right to run one comparison: an advisory lock in the store, gone with its connection.</summary>
sealed class RunTurn : IAsyncDisposable
{
    readonly NpgsqlConnection _connection;
    readonly string _name;

    RunTurn(NpgsqlConnection connection, string name) => (_connection, _name) = (connection, name);

    /// <summary>The turn; null while another has it.</summary>
    public static async Task<RunTurn?> TryTakeAsync(NpgsqlDataSource store, string name, CancellationToken stop)
    {
        var connection = await store.OpenConnectionAsync(stop);
        try
        {
            await using var take = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended('cdcsync.reconcile.' || $1, 0))", connection) { Parameters = { new() { Value = name } } };
            if (await take.ExecuteScalarAsync(stop) is true) return new RunTurn(connection, name);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        // A pooled connection keeps its session and with it the lock.
        if (_connection.State == System.Data.ConnectionState.Open)
        {
            await using var release = new NpgsqlCommand("select pg_advisory_unlock(hashtextextended('cdcsync.reconcile.' || $1, 0))", _connection) { Parameters = { new() { Value = _name } } };
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
        await _connection.DisposeAsync();
    }
}
