using System.Runtime.CompilerServices;
using Npgsql;

namespace CdcSync.Capture.Snapshot;

/// <summary>
/// Signals on their way to sources, in the store: whoever sends one writes a row, the process that captures the source is told and takes it; without one it waits for the
/// next start.
/// </summary>
public sealed class SignalStore(NpgsqlDataSource store)
{
    const string Channel = "cdcsync_signal";
    const long LockKey = 0x7369676e616c;    // "signal"
    static readonly TimeSpan Look = TimeSpan.FromSeconds(30), Kept = TimeSpan.FromDays(7);

    /// <summary>Sends one. The same reference of the same channel is sent once.</summary>
    /// <returns>Its number; null when it was there.</returns>
    public async Task<long?> SendAsync(string source, string channel, string reference, Signal signal, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        // One writer at a time, so that numbers are seen in their order.
        await using (var order = new NpgsqlCommand($"select pg_advisory_xact_lock({LockKey})", connection)) await order.ExecuteNonQueryAsync(stop);
        await using var insert = new NpgsqlCommand(
            "insert into capture.signal(source, channel, reference, id, type, data) values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning number", connection);
        foreach (var value in (string?[])[source, channel, reference, signal.Id, signal.Type, signal.Data]) insert.Parameters.Add(new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        var number = await insert.ExecuteScalarAsync(stop) as long?;
        await using (var tell = new NpgsqlCommand("select pg_notify($1, $2)", connection) { Parameters = { new() { Value = Channel }, new() { Value = source } } }) await tell.ExecuteNonQueryAsync(stop);
        await transaction.CommitAsync(stop);
        return number;
    }

    /// <summary>What waits for a source goes with the place it stood at.</summary>
    public async Task ForgetAsync(string source, CancellationToken stop)
    {
        await using var delete = store.CreateCommand("delete from capture.signal where source = $1");
        delete.Parameters.Add(new() { Value = source });
        await delete.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Those for one source.</summary>
    public ISignalInbox InboxOf(string source) => new Inbox(store, source);

    sealed class Inbox(NpgsqlDataSource store, string source) : ISignalInbox
    {
        public async IAsyncEnumerable<NumberedSignal> ReadAsync(long after, [EnumeratorCancellation] CancellationToken stop)
        {
            await using var connection = await store.OpenConnectionAsync(stop);
            await using (var listen = new NpgsqlCommand($"listen {Channel}", connection)) await listen.ExecuteNonQueryAsync(stop);
            await ForgetAsync(connection, after, stop);
            while (true)
            {
                foreach (var signal in await NextAsync(connection, after, stop))
                {
                    yield return signal;
                    after = signal.Number;
                }
                await connection.WaitAsync(Look, stop);
            }
        }

        async Task<List<NumberedSignal>> NextAsync(NpgsqlConnection connection, long after, CancellationToken stop)
        {
            var signals = new List<NumberedSignal>();
            await using var query = new NpgsqlCommand("select number, id, type, data from capture.signal where source = $1 and number > $2 order by number", connection)
            {
                Parameters = { new() { Value = source }, new() { Value = after } },
            };
            await using var rows = await query.ExecuteReaderAsync(stop);
            while (await rows.ReadAsync(stop)) signals.Add(new(rows.GetInt64(0), new(rows.GetString(1), rows.GetString(2), await rows.IsDBNullAsync(3, stop) ? null : rows.GetString(3))));
            return signals;
        }

        async Task ForgetAsync(NpgsqlConnection connection, long upTo, CancellationToken stop)
        {
            await using var delete = new NpgsqlCommand("delete from capture.signal where source = $1 and number <= $2 and at < now() - $3", connection)
            {
                Parameters = { new() { Value = source }, new() { Value = upTo }, new() { Value = Kept } },
            };
            await delete.ExecuteNonQueryAsync(stop);
        }
    }
}
