using System.Text.Json;
using CdcSync.Contract.Canonical;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>A statement and what is done with its rows.</summary>
readonly record struct Statement(string Sql, Action<NpgsqlDataReader>? Row, params object[] Parameters);

/// <summary>The store's statements in short: positional parameters, arrays for sets.</summary>
static class Sql
{
    // "mdm": whoever changes golden records holds it, so that outbox ids grow in the order of commits.
    const long Lock = 0x6d646d;

    // Seconds: a batch waits for a rebuild of everything to end.
    const int Patience = 900;

    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params object[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = Patience };
        foreach (var value in parameters) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken stop, params object[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(stop);
    }

    public static async Task<List<T>> ReadAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> row, CancellationToken stop, params object[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var rows = new List<T>();
        while (await reader.ReadAsync(stop)) rows.Add(row(reader));
        return rows;
    }

    /// <summary>Runs statements one after the other for the price of one way there and back.</summary>
    public static async Task RunAsync(this NpgsqlConnection connection, IReadOnlyCollection<Statement> statements, CancellationToken stop)
    {
        if (statements.Count == 0) return;
        await using var batch = new NpgsqlBatch(connection) { Timeout = Patience };
        foreach (var (sql, _, parameters) in statements)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in parameters) command.Parameters.Add(new NpgsqlParameter { Value = value });
            batch.BatchCommands.Add(command);
        }
        await using var reader = await batch.ExecuteReaderAsync(stop);
        // A result a statement that asks for rows; those that only write have none.
        foreach (var (_, row, _) in statements.Where(s => s.Row is not null))
        {
            while (await reader.ReadAsync(stop)) row!(reader);
            await reader.NextResultAsync(stop);
        }
    }

    /// <summary>Has this transaction look rows up by their keys, however small a table was when the server last looked: a store grows fast at first, and plans stay.</summary>
    public static Task ByKeysAloneAsync(this NpgsqlConnection connection, CancellationToken stop) =>
        // What is read whole all the same (a table of one row) looks so dear then that the server would compile it.
        connection.ExecuteAsync("set local enable_seqscan = off; set local jit = off", stop);

    /// <summary>Waits until no other transaction changes golden records, and keeps others out until this one ends.</summary>
    public static Task LockGoldenRecordsAsync(this NpgsqlConnection connection, CancellationToken stop) =>
        connection.ExecuteAsync($"select pg_advisory_xact_lock({Lock})", stop);

    public static string Json(CanonicalObject value) => JsonSerializer.Serialize(value, value.GetType(), CanonicalJson.Default);

    public static CanonicalObject Object(CanonicalKind kind, string json) => (CanonicalObject)JsonSerializer.Deserialize(json, kind.Type, CanonicalJson.Default)!;
}
