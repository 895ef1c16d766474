using System.Reflection;
using Npgsql;

namespace CdcSync.EventLog.Store;

/// <summary>
/// Brings the store's schemas up to date. A stage carries its migrations as embedded files <c>migrations/NNNN_name.sql</c>; each is applied once, in order, in a
/// transaction, under a lock that lets several processes start at the same time.
/// </summary>
public static class StoreMigrations
{
    const long LockKey = 0x43646353796e63;   // "CdcSync"

    /// <summary>Applies what the assembly has and the store has not.</summary>
    /// <exception cref="EventLogException">A migration failed; the message names it.</exception>
    public static async Task ApplyAsync(NpgsqlDataSource store, Assembly stage, CancellationToken stop)
    {
        var name = stage.GetName().Name!;
        var files = stage.GetManifestResourceNames().Where(r => r.Contains(".migrations.", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({LockKey})", stop);
        await ExecuteAsync(connection,
            "create schema if not exists cdcsync; create table if not exists cdcsync.migration(stage text, name text, applied_at timestamptz not null default now(), primary key (stage, name))", stop);
        var done = new HashSet<string>(StringComparer.Ordinal);
        await using (var query = new NpgsqlCommand("select name from cdcsync.migration where stage = $1", connection) { Parameters = { new() { Value = name } } })
        await using (var rows = await query.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) done.Add(rows.GetString(0));
        foreach (var file in files.Where(f => !done.Contains(f)))
        {
            using var text = new StreamReader(stage.GetManifestResourceStream(file)!);
            try
            {
                await ExecuteAsync(connection, await text.ReadToEndAsync(stop), stop);
            }
            catch (PostgresException refused)
            {
                throw new EventLogException($"The store refused migration {file} of {name}: {refused.MessageText}. Has its role the right to create schemas in the store's database?", refused);
            }
            await using var note = new NpgsqlCommand("insert into cdcsync.migration(stage, name) values ($1, $2)", connection) { Parameters = { new() { Value = name }, new() { Value = file } } };
            await note.ExecuteNonQueryAsync(stop);
        }
        await transaction.CommitAsync(stop);
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }
}
