using System.Data.Common;
using System.Net.Sockets;
using System.Threading.Channels;
using CdcSync.Capture.Care;
using CdcSync.Capture.Debezium;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Tables;

/// <summary>A database of any kind, read by polling change tables or columns that rise with each change.</summary>
public sealed class TablesSource : IChangeSource
{
    readonly TablesSettings _settings;
    readonly PlainRecords _records;
    readonly ILogger _log;
    readonly TimeProvider _clock;
    readonly Lock _lock = new();
    SourcePosition _read, _acknowledged;
    volatile SourceStatus _status = new(SourceState.Connecting, default, "", null, null, null);

    /// <summary>Connects when it is read.</summary>
    /// <exception cref="Contract.Settings.SettingsException">A setting cannot be, or the provider is not there.</exception>
    public TablesSource(TablesSettings settings, ISchemaRegistry registry, ILogger log, TimeProvider clock)
    {
        settings.Validate();
        (_settings, _log, _clock) = (settings, log, clock);
        Load = new LoadBudget(settings.Name, settings.Load, log, clock);
        using var connection = Providers.Find(settings).CreateConnection()!;
        connection.ConnectionString = settings.Connection;
        _records = new PlainRecords(settings, Path.GetFileNameWithoutExtension(connection.Database), registry, clock);
    }

    /// <inheritdoc/>
    public string Name => _settings.Name;

    /// <inheritdoc/>
    public SourceStatus Status
    {
        get
        {
            lock (_lock) return _status with { Read = _read, Confirmed = _acknowledged.ToString() };
        }
    }

    /// <inheritdoc/>
    public LoadBudget Load { get; }

    internal SourcePosition Acknowledged
    {
        get
        {
            lock (_lock) return _acknowledged;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChangeBatch> ReadAsync(Bookmark? from, CancellationToken stop) =>
        SourceReading.RunAsync((output, ended) => Task.Run(() => ReadForeverAsync(from, output, ended), CancellationToken.None), stop);   // some providers block

    async Task ReadForeverAsync(Bookmark? from, ChannelWriter<ChangeBatch> output, CancellationToken stop)
    {
        var attempt = 0;
        try
        {
            while (true)
            {
                using var session = new TablesSession(_settings, output, _log, _clock, this, from);
                try
                {
                    await session.RunAsync(stop);
                    attempt = 0;
                }
                catch (Exception lost) when (!stop.IsCancellationRequested && lost is DbException or SocketException or IOException or TimeoutException)
                {
                    // A table that is missing or a right withdrawn is mended at the source: we wait where we are, and say so.
                    attempt = session.HandedOn > 0 ? 1 : attempt + 1;
                    var delay = SourceReading.Pause(attempt);
                    Report(SourceState.Connecting, error: lost.Message);
                    Log.ConnectionLost(_log, Name, lost.Message, delay);
                    await Task.Delay(delay, _clock, stop);
                }
                from = session.Bookmark;
            }
        }
        catch (Exception final)
        {
            if (!stop.IsCancellationRequested) Report(SourceState.Stopped, error: final.Message);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Acknowledge(SourcePosition position)
    {
        lock (_lock) _acknowledged = position;
    }

    /// <inheritdoc/>
    public ValueTask WriteRawAsync(ChangeBatch batch, LogBatch output, CancellationToken stop) => _records.WriteAsync(batch, output, stop);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop) => new TablesPreflight(_settings, _clock).CheckAsync(stop);

    /// <summary>Polled tables keep no log for us.</summary>
    public Task<long?> MeasureLagAsync(CancellationToken stop) => Task.FromResult<long?>(null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>?> ListTablesAsync(CancellationToken stop)
    {
        var dialect = SqlDialect.Of(_settings);
        return Task.FromResult<IReadOnlyList<string>?>([.. _settings.Tables.Select(t => PlainCatalog.FullName(dialect, t)).Select(n => $"{n.Schema}.{n.Name}")]);
    }

    internal void Report(SourceState state, SourcePosition? read = null, long? committedAt = null, string? error = null)
    {
        lock (_lock)
        {
            if (read is { } place) _read = place;
            _status = new SourceStatus(state, default, "", null, committedAt is { } at ? DateTimeOffset.UnixEpoch.AddMicroseconds(at) : _status.LastCommitAt, error);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
