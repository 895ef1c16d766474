using System.Runtime.CompilerServices;
using Npgsql;

namespace CdcSync.Capture.Care;

/// <summary>What is wanted to wait, in the store: it outlives every process, and the one that captures the source is told at once.</summary>
public sealed class PauseStore(NpgsqlDataSource store)
{
    const string Channel = "cdcsync_pause";
    static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    /// <summary>Has a source or a table wait.</summary>
    /// <returns>False when it was waiting already: who asked first and why stays.</returns>
    public Task<bool> PauseAsync(Pause pause, CancellationToken stop) => TellAsync(pause.Source,
        "insert into capture.pause(source, \"table\", by, at, why) values ($1, $2, $3, $4, $5) on conflict do nothing", [pause.Source, pause.Table ?? "", pause.By, pause.At.ToUniversalTime(), (object?)pause.Why ?? DBNull.Value], stop);

    /// <summary>Lets it go on.</summary>
    /// <returns>False when it was not waiting.</returns>
    public Task<bool> ResumeAsync(string source, string? table, CancellationToken stop) => TellAsync(source, "delete from capture.pause where source = $1 and \"table\" = $2", [source, table ?? ""], stop);

    /// <summary>All that is wanted to wait.</summary>
    public async Task<IReadOnlyList<Pause>> ListAsync(CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return await ListAsync(connection, null, stop);
    }

    /// <summary>What is wanted of one source.</summary>
    public IPauseWishes WishesOf(string source) => new Wishes(store, source);

    async Task<bool> TellAsync(string source, string sql, object[] values, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using var change = new NpgsqlCommand(sql, connection);
        foreach (var value in values) change.Parameters.Add(new() { Value = value });
        var changed = await change.ExecuteNonQueryAsync(stop) > 0;
        await using (var tell = new NpgsqlCommand("select pg_notify($1, $2)", connection) { Parameters = { new() { Value = Channel }, new() { Value = source } } }) await tell.ExecuteNonQueryAsync(stop);
        await transaction.CommitAsync(stop);
        return changed;
    }

    static async Task<IReadOnlyList<Pause>> ListAsync(NpgsqlConnection connection, string? source, CancellationToken stop)
    {
        var pauses = new List<Pause>();
        await using var query = new NpgsqlCommand("select source, \"table\", by, at, why from capture.pause where source = $1 or $1 is null order by source, \"table\"", connection)
        {
            Parameters = { new() { Value = (object?)source ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } },
        };
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            pauses.Add(new(rows.GetString(0), rows.GetString(1) is { Length: > 0 } table ? table : null, rows.GetString(2), await rows.GetFieldValueAsync<DateTimeOffset>(3, stop), await rows.IsDBNullAsync(4, stop) ? null : rows.GetString(4)));
        return pauses;
    }

    sealed class Wishes(NpgsqlDataSource store, string source) : IPauseWishes
    {
        public async IAsyncEnumerable<IReadOnlyList<Pause>> ReadAsync([EnumeratorCancellation] CancellationToken stop)
        {
            await using var connection = await store.OpenConnectionAsync(stop);
            await using (var listen = new NpgsqlCommand($"listen {Channel}", connection)) await listen.ExecuteNonQueryAsync(stop);
            IReadOnlyList<Pause>? told = null;
            while (true)
            {
                var now = await ListAsync(connection, source, stop);
                if (told is null || !now.SequenceEqual(told)) yield return told = now;
                await connection.WaitAsync(Look, stop);
            }
        }
    }
}
