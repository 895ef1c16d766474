using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CdcSync.Contract.Changes;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// A table's rows in key order, read by several connections: a planner walks the key's index and says where ranges end, readers read ranges side by side, and the ranges are
/// handed on one after the other. What is read ahead is bounded by readers times <see cref="Ahead"/> batches.
/// </summary>
/// <param name="readers">How many read.</param>
/// <param name="connect">Opens another transaction with the same view.</param>
/// <param name="read">The rows after one key up to another, in batches.</param>
/// <param name="next">SQL for the last key of the range after a key; no row when the rest is smaller.</param>
sealed class ParallelRanges(
    int readers, Func<CancellationToken, Task<NpgsqlConnection>> connect,
    Func<NpgsqlConnection, IReadOnlyList<string>?, IReadOnlyList<string>?, CancellationToken, IAsyncEnumerable<ChangeBatch>> read, Func<IReadOnlyList<string>?, string> next)
{
    const int Ahead = 6;

    sealed record Range(IReadOnlyList<string>? After, IReadOnlyList<string>? UpTo, Channel<ChangeBatch> Rows);

    public async IAsyncEnumerable<ChangeBatch> ReadAsync(IReadOnlyList<string>? after, [EnumeratorCancellation] CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // Each range goes into both: to be handed on in order, and to be taken by whichever reader is free.
        var ordered = Channel.CreateBounded<Range>(readers);
        var waiting = Channel.CreateUnbounded<Range>();
        var work = new List<Task> { PlanAsync(after, ordered.Writer, waiting.Writer, end) };
        for (var i = 0; i < readers; i++) work.Add(ReadRangesAsync(waiting.Reader, end));
        try
        {
            await foreach (var range in ordered.Reader.ReadAllAsync(end.Token))
                await foreach (var batch in range.Rows.Reader.ReadAllAsync(end.Token)) yield return batch;
            await Task.WhenAll(work);
        }
        finally
        {
            await end.CancelAsync();
            foreach (var task in work) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (ordered.Reader.TryRead(out var left))
                while (left.Rows.Reader.TryRead(out var batch)) batch.Dispose();
        }
    }

    async Task PlanAsync(IReadOnlyList<string>? after, ChannelWriter<Range> ordered, ChannelWriter<Range> waiting, CancellationTokenSource end)
    {
        Exception? failed = null;
        try
        {
            await using var planner = await OpenAsync(end.Token);
            for (IReadOnlyList<string>? upTo = after; ; after = upTo)
            {
                upTo = await EndAsync(planner, after, end.Token);
                var range = new Range(after, upTo, Channel.CreateBounded<ChangeBatch>(Ahead));
                await ordered.WriteAsync(range, end.Token);
                await waiting.WriteAsync(range, end.Token);
                if (upTo is null) return;
            }
        }
        catch (Exception lost)
        {
            failed = lost;
            throw;
        }
        finally
        {
            ordered.TryComplete(failed);
            waiting.TryComplete();
        }
    }

    async Task<IReadOnlyList<string>?> EndAsync(NpgsqlConnection planner, IReadOnlyList<string>? after, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand(next(after), planner);
        await using var row = await query.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop)) return null;
        var key = new string[row.FieldCount];
        for (var i = 0; i < key.Length; i++) key[i] = row.GetString(i);
        return key;
    }

    async Task ReadRangesAsync(ChannelReader<Range> waiting, CancellationTokenSource end)
    {
        NpgsqlConnection? connection = null;
        try
        {
            await foreach (var range in waiting.ReadAllAsync(end.Token))
            {
                try
                {
                    connection ??= await OpenAsync(end.Token);
                    await foreach (var batch in read(connection, range.After, range.UpTo, end.Token)) await HandAsync(batch, range.Rows.Writer, end.Token);
                    range.Rows.Writer.Complete();
                }
                catch (Exception lost)
                {
                    range.Rows.Writer.TryComplete(lost);
                    throw;
                }
            }
        }
        finally
        {
            if (connection is not null) await connection.DisposeAsync();
        }
    }

    static async Task HandAsync(ChangeBatch batch, ChannelWriter<ChangeBatch> rows, CancellationToken stop)
    {
        try
        {
            await rows.WriteAsync(batch, stop);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    async Task<NpgsqlConnection> OpenAsync(CancellationToken stop)
    {
        var connection = await connect(stop);
        await using var prefer = new NpgsqlCommand("set local enable_seqscan = off; set local enable_bitmapscan = off", connection);
        await prefer.ExecuteNonQueryAsync(stop);
        return connection;
    }
}
