using Npgsql;

namespace CdcSync.EventLog.Postgres;

/// <summary>A connection held for long: it gives up what it holds (row locks, group locks) soon after its process is gone, even when no FIN ever came.</summary>
static class StoreSession
{
    const string Settings =
        "set tcp_keepalives_idle = 15; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3; set idle_in_transaction_session_timeout = '60s'; set synchronous_commit = on; ";

    public static async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource store, string purpose, CancellationToken stop)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await store.OpenConnectionAsync(stop);
            await using var set = new NpgsqlCommand(Settings + $"set application_name = 'cdcsync log {purpose}'", connection);
            await set.ExecuteNonQueryAsync(stop);
            return connection;
        }
        catch (Exception failed) when (PostgresLogErrors.IsStore(failed))
        {
            if (connection is not null) await connection.DisposeAsync();
            throw PostgresLogErrors.Explain($"connect to the store as {purpose}", failed);
        }
    }

    public static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
