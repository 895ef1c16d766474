using System.Data.Common;
using System.Net.Sockets;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture;

/// <summary>
/// The way of a source's changes into the log: raw records, canonical records and the place in the source, in one transaction of the log; then the source may forget.
/// The next batch is encoded while the last one is made durable.
/// </summary>
/// <param name="source">Where changes come from.</param>
/// <param name="log">Where records go; the producer is the source's name.</param>
/// <param name="mapper">Makes canonical records; null for raw records only.</param>
/// <param name="logger">Says what happens.</param>
/// <param name="clock">Time.</param>
public sealed class CaptureWorker(IChangeSource source, IEventLog log, ICanonicalMapper? mapper, ILogger logger, TimeProvider clock)
{
    Place _place = new(null, []);
    bool _progressed;
    (Place Place, string? Source, string Text)? _state;

    // Where the log stands, as this process knows it.
    sealed record Place(Bookmark? Source, IReadOnlyList<string> Mapped);

    /// <summary>Where the source stands.</summary>
    public SourceStatus Status => source.Status;

    /// <summary>
    /// Runs until stopped. A log that cannot be reached, a full store or a registry that is down is tried again with a fresh writer, from its bookmark.
    /// </summary>
    /// <exception cref="FencedException">Another process captures this source.</exception>
    /// <exception cref="SourceException">The source needs a person.</exception>
    /// <exception cref="SchemaRegistryException">The registry refused a schema.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var attempt = 0; ; attempt++)
        {
            _progressed = false;
            try
            {
                await using var writer = await log.OpenWriterAsync(source.Name, stop);
                var (state, mapped) = WorkerState.Parse(writer.Bookmark?.State);
                _place = new Place(writer.Bookmark is { } bookmark && bookmark.Position != SourcePosition.Start ? bookmark with { State = state } : null, mapped);
                await PumpAsync(writer, stop);
            }
            catch (Exception lost) when (!stop.IsCancellationRequested && MayPass(lost))
            {
                if (_progressed) attempt = 0;
                var delay = TimeSpan.FromMilliseconds(Math.Min(30_000, 200 << Math.Min(attempt, 8)) * (0.5 + Random.Shared.NextDouble() / 2));
                Log.LogUnavailable(logger, source.Name, lost.Message, delay);
                await Task.Delay(delay, clock, stop);
            }
        }
    }

    static bool MayPass(Exception error) => error switch
    {
        FencedException => false,
        EventLogException => true,
        Mapping.MappingException => true,   // the source waits where it is until mapping or table is mended
        SchemaRegistryException refused => refused.Code >= 50000 || refused.Code is >= 500 and < 600 || refused.InnerException is HttpRequestException or SocketException,
        HttpRequestException or SocketException or TimeoutException => true,
        DbException database => database.IsTransient,
        _ => false,
    };

    async Task PumpAsync(ILogWriter writer, CancellationToken stop)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        LogBatch filling = new(), other = new();
        var append = Task.CompletedTask;
        try
        {
            await foreach (var batch in source.ReadAsync(_place.Source, failed.Token))
            {
                using var _ = batch;
                filling.Clear();
                await source.WriteRawAsync(batch, filling, failed.Token);
                if (mapper is not null && batch.Count > 0) await mapper.MapAsync(batch, filling, failed.Token);
                await append;
                append = AppendAsync(writer, filling, new Bookmark(batch.End, batch.State), batch, failed);
                (filling, other) = (other, filling);
                if (mapper is null || !batch.IsSnapshotDone || mapper.Mappings.All(_place.Mapped.Contains)) continue;
                await append;
                await SnapshotMappingsAsync(writer, mapper, new Bookmark(batch.End, batch.State), filling, failed.Token);
            }
        }
        catch (OperationCanceledException) when (append.IsFaulted)
        {
            // Reading was stopped because the append failed: that is the error to show.
        }
        finally
        {
            await append;
        }
    }

    async Task AppendAsync(ILogWriter writer, LogBatch records, Bookmark place, ChangeBatch batch, CancellationTokenSource failed)
    {
        var (changes, committedAt) = (batch.Count, batch.Count == 0 ? 0 : batch[batch.Count - 1].CommittedAt);
        try
        {
            await writer.AppendAsync(records, place with { State = StateText(place.State) }, failed.Token);
            _place = _place with { Source = place };
            _progressed = true;
            source.Acknowledge(place.Position);
            CaptureMetrics.Appended(source.Name, changes, records.Count, committedAt == 0 ? null : clock.GetUtcNow() - DateTimeOffset.UnixEpoch.AddMicroseconds(committedAt));
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }

    // The same text for every batch of a stream: not written anew a thousand times a second.
    string StateText(string? source)
    {
        if (_state is { } last && ReferenceEquals(last.Source, source) && ReferenceEquals(last.Place.Mapped, _place.Mapped)) return last.Text;
        var text = WorkerState.Write(source, _place.Mapped);
        _state = (_place, source, text);
        return text;
    }

    // The rows are out and the stream waits: what the mappings' queries return now is at least as new as the place, and each later change brings a later version.
    async Task SnapshotMappingsAsync(ILogWriter writer, ICanonicalMapper mapper, Bookmark place, LogBatch output, CancellationToken stop)
    {
        foreach (var mapping in mapper.Mappings.Where(m => !_place.Mapped.Contains(m)))
        {
            var count = 0L;
            output.Clear();
            await foreach (var added in mapper.SnapshotAsync(mapping, place.Position, output, stop))
            {
                count += added;
                await writer.AppendAsync(output, place with { State = StateText(place.State) }, stop);
                output.Clear();
            }
            _place = new Place(place, [.. _place.Mapped, mapping]);
            await writer.AppendAsync(output, place with { State = StateText(place.State) }, stop);
            Log.MappingSnapshot(logger, source.Name, mapping, count);
        }
    }
}
