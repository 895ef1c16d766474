using CdcSync.Capture.Care;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// Chunks read beside the stream, one at a time. From when a chunk is asked for, a window notes what the stream publishes of its table; the chunk says which transactions it
/// saw and a place in the log that lies behind all of these. When the stream has published everything up to that place, the chunk's rows go out, without those that the
/// stream has published in a newer state. So each row stands in the story of its key exactly where the chunk saw it. Nothing is written to the source.
/// </summary>
sealed class PostgresIncremental(PostgresSettings settings, NpgsqlDataSource source, LoadBudget load, RecentTransactions recent, ILogger log, TimeProvider clock) : IAsyncDisposable
{
    const int MostUnsure = 200_000;
    static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500), Retry = TimeSpan.FromSeconds(1), AsynchronousCommit = TimeSpan.FromSeconds(1);
    readonly PostgresChunks _chunks = new(settings, source, load);
    readonly long _startedAt = clock.GetTimestamp();
    CancellationTokenSource? _end;
    ChunkTicket _ticket = new();
    Task<Chunk>? _chunk;
    Task? _flushed;
    AskedSnapshot? _asked;
    ChunkWindow? _window;
    ChunkFence? _taken;
    long _before, _notUntil, _takenAt;
    bool _spoilt;

    /// <summary>A chunk is being read, or waits for the stream.</summary>
    public bool IsReading => _chunk is not null;

    /// <summary>What is being read.</summary>
    public AskedSnapshot? Asked => _asked;

    /// <summary>Ends when something is to be done without the stream; null when there is nothing to wait for.</summary>
    public Task? Waiting => _chunk is { IsCompleted: false } reading ? reading : _flushed is { IsCompleted: false } flushing ? flushing : null;

    /// <summary>Where the stream must be for the rows to go out; null while they are being read.</summary>
    public ulong? Fence => _chunk is not { IsCompleted: true } ? null : !_chunk.IsCompletedSuccessfully || _taken is null ? 0 : Math.Min(_taken.Lsn, _ticket.Flushed);

    /// <summary>Whether a chunk may be asked for now. A session waits a moment: what an earlier one streamed last must be visible first.</summary>
    public bool MayBegin => !IsReading && clock.GetElapsedTime(_startedAt) > Settle && clock.GetTimestamp() >= _notUntil && load.MayRead(CancellationToken.None);

    /// <summary>Asks for the next chunk. The stream stands between two transactions.</summary>
    public void Begin(AskedSnapshot asked, CancellationToken stop)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _ticket = new ChunkTicket();
        (_asked, _before, _taken, _spoilt, _flushed) = (asked, recent.Count, null, false, null);
        _window = new ChunkWindow(asked.Tables[0].Name, asked.Tables[0].Key is { } key ? [key] : [], MostUnsure);
        _chunk = _chunks.ReadAsync(asked, _ticket, _end.Token);
    }

    /// <summary>The stream publishes these.</summary>
    public void Note(ChangeBatch batch)
    {
        if (_window is null) return;
        Learn();
        _window.Note(batch);
    }

    // Before anything else of the window is looked at.
    void Learn()
    {
        if (_taken is not null || _ticket.Fence is not { } fence) return;
        (_taken, _takenAt) = (fence, clock.GetTimestamp());
        _spoilt = !recent.AllSeen(_before, fence.Seen);
        _window!.Taken(change => fence.Seen(change.Transaction));
    }

    /// <summary>Whether the rows may go out when the stream has published everything before <paramref name="reached"/>.</summary>
    public bool IsReady(ulong reached)
    {
        Learn();
        if (Fence is not { } fence) return false;
        if (fence <= reached) return true;
        // The log's tail may hold no commit and stay off the disk for long. A second later all commits of then are on it.
        if (_flushed is null && clock.GetElapsedTime(_takenAt) > AsynchronousCommit) _flushed = _chunks.FlushedAsync(_ticket, _end!.Token);
        return false;
    }

    /// <summary>Takes the chunk that is ready; null when it has to be read again.</summary>
    /// <exception cref="PostgresException">The table cannot be read like this.</exception>
    public async Task<Chunk?> TakeAsync()
    {
        var (chunk, window) = (_chunk!, _window!);
        try
        {
            var read = await chunk;
            if (!_spoilt && !window.IsOverrun) return read with { Rows = window.Newest(read.Rows, settings.BatchBytes) };
            read.Rows.Dispose();
            _notUntil = clock.GetTimestamp() + clock.TimestampFrequency / 100;
            return null;
        }
        catch (Exception lost) when (lost is not PostgresException || PostgresErrors.IsLost(lost))
        {
            if (_end!.IsCancellationRequested) throw;
            Log.ChunkFailed(log, settings.Name, _asked!.Tables[0].Name, lost.Message);
            _notUntil = clock.GetTimestamp() + (long)(Retry.TotalSeconds * clock.TimestampFrequency);
            return null;
        }
        finally
        {
            Forget();
        }
    }

    void Forget()
    {
        _end?.Dispose();
        (_chunk, _window, _flushed, _end) = (null, null, null, null);
    }

    /// <summary>Gives up the chunk being read.</summary>
    public async Task AbandonAsync()
    {
        if (_chunk is not { } chunk) return;
        await _end!.CancelAsync();
        await ((Task)chunk).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (chunk.IsCompletedSuccessfully) (await chunk).Rows.Dispose();
        if (_flushed is { } flushed) await flushed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Forget();
    }

    public async ValueTask DisposeAsync()
    {
        await AbandonAsync();
        await _chunks.DisposeAsync();
    }
}
