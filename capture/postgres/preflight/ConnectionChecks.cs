using System.Net;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>The way to the server: a pooler in between, encryption, replication connections, clocks, time limits of the role.</summary>
sealed class ConnectionChecks(PostgresSettings settings, NpgsqlDataSource source, Findings findings)
{
    readonly NpgsqlConnectionStringBuilder _login = new(settings.Connection);

    public async Task RunAsync(CancellationToken stop)
    {
        await using (var connection = await source.OpenConnectionAsync(stop))
        {
            await PathAsync(connection, stop);
            await ClockAsync(connection, stop);
            await LimitsAsync(connection, stop);
        }
        await ReplicationAsync(stop);
    }

    // A pooler makes up the process id it tells at login; the server knows its own.
    async Task PathAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("select pg_backend_pid(), coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false), inet_server_port()", connection);
        await using var row = await query.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        if (row.GetInt32(0) != connection.ProcessID)
            findings.Fail("A connection pooler (PgBouncer or the like) stands between: replication does not pass through it, and session settings get lost", "Point 'connection' at the database server's own port (usually 5432), not the pooler's");
        if (!row.GetBoolean(1) && _login.Host is { } host && !IsNear(host))
            findings.Warn($"Rows travel unencrypted from {host}", "Add 'SSL Mode=Require' (or VerifyFull with 'Root Certificate') to 'connection', and set ssl = on at the server");
    }

    static bool IsNear(string host) => host.StartsWith('/') || host is "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    async Task ClockAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("select clock_timestamp()", connection);
        var before = TimeProvider.System.GetUtcNow();
        var there = (DateTime)(await query.ExecuteScalarAsync(stop))!;
        findings.Add(ClockSkew.Judge("source", there, before, TimeProvider.System.GetUtcNow()));
    }

    async Task LimitsAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("""
            select name, setting::bigint from pg_settings
            where name in ('statement_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout', 'lock_timeout') and setting::bigint > 0 order by 1
            """, connection);
        var limits = new List<(string Name, long Milliseconds)>();
        await using (var rows = await query.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) limits.Add((rows.GetString(0), rows.GetInt64(1)));
        if (limits.Count == 0) findings.Pass("No time limit cuts long reads");
        else
            findings.Warn($"{string.Join(", ", limits.Select(l => $"{l.Name} is {l.Milliseconds} ms"))}: waiting for a slot, mappings' queries or an idle connection can be cut",
                string.Join(' ', limits.Select(l => $"alter role {Sql.Identifier(_login.Username ?? "role")} set {l.Name} = 0;")));
    }

    // Only trying tells: rights, pg_hba.conf, a sender slot, TLS.
    async Task ReplicationAsync(CancellationToken stop)
    {
        try
        {
            await using var wal = await WalConnection.OpenAsync(_login, "UTF8", stop);
            findings.Pass("A replication connection opens");
        }
        catch (PostgresException refused)
        {
            findings.Fail($"No replication connection: {refused.MessageText}", PostgresErrors.Fix(refused, settings));
        }
        catch (Exception failed) when (failed is SourceException or IOException or TimeoutException or System.Security.Authentication.AuthenticationException)
        {
            findings.Fail($"No replication connection: {failed.Message}", "Check host and port, TLS, and that no pooler or firewall stands between");
        }
    }
}
