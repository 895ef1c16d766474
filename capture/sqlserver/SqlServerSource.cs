using System.Collections.Concurrent;
using System.Threading.Channels;
using CdcSync.Capture.Care;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>Databases of a SQL Server instance, read from their change tables.</summary>
public sealed class SqlServerSource : IChangeSource, ISignalled
{
    readonly SqlServerSettings _settings;
    readonly SqlServerRecords _records;
    readonly ILogger _log;
    readonly TimeProvider _clock;
    SourcePosition _read, _acknowledged;
    long _committedAt;
    readonly ConcurrentDictionary<string, Func<IReadOnlyList<string>>> _captured = new(StringComparer.OrdinalIgnoreCase);
    ISignalInbox? _inbox;
    volatile SnapshotStatus? _snapshot;
    volatile SourceStatus _status = new(SourceState.Connecting, default, "", null, null, null);

    /// <summary>Connects when it is read.</summary>
    /// <exception cref="Contract.Settings.SettingsException">A setting cannot be.</exception>
    public SqlServerSource(SqlServerSettings settings, ISchemaRegistry registry, ILogger log, TimeProvider clock)
    {
        settings.Validate();
        (_settings, _log, _clock) = (settings, log, clock);
        Load = new LoadBudget(settings.Name, settings.Load, log, clock);
        _records = new SqlServerRecords(settings, registry, log, clock);
    }

    /// <inheritdoc/>
    public string Name => _settings.Name;

    /// <inheritdoc/>
    public void Attach(ISignalInbox inbox) => _inbox = inbox;

    internal ISignalInbox? Inbox => _inbox;

    /// <inheritdoc/>
    public LoadBudget Load { get; }

    /// <inheritdoc/>
    public SourceStatus Status => _status with
    {
        Snapshot = _snapshot is { } snapshot && Load.Waits is var (waited, reason) ? snapshot with { Waited = waited, WaitsFor = reason } : null,
        Read = _read, Confirmed = Lsn.Text(Lsn.Commit(_acknowledged)), LastCommitAt = _committedAt == 0 ? null : DateTimeOffset.UnixEpoch.AddMicroseconds(_committedAt),
    };

    /// <inheritdoc/>
    public IAsyncEnumerable<ChangeBatch> ReadAsync(Bookmark? from, CancellationToken stop)
    {
        _records.Forget();
        return SourceReading.RunAsync((output, ended) => ReadAllAsync(from, output, ended), stop);
    }

    // One database that needs a person stops the source: its others would go on without it, and nobody would see.
    async Task ReadAllAsync(Bookmark? from, ChannelWriter<ChangeBatch> batches, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var output = new SourceOutput(from, _settings.DatabaseNames, batches);
        await Task.WhenAll(_settings.DatabaseNames.Select(async database =>
        {
            try
            {
                await ReadForeverAsync(database, output, ended.Token);
            }
            catch (Exception final)
            {
                if (!ended.IsCancellationRequested) Report(SourceState.Stopped, error: final.Message);
                batches.TryComplete(final);
                await ended.CancelAsync();
                throw;
            }
        }));
    }

    async Task ReadForeverAsync(string database, SourceOutput output, CancellationToken stop)
    {
        var connections = new SqlServerConnections(_settings, database);
        for (var attempt = 0; ;)
        {
            using var writer = new BatchWriter(_settings, output, database);
            try
            {
                Report(SourceState.Connecting);
                if (_settings.Mode == CaptureMode.ChangeTracking) await new TrackingStream(connections, writer, output, this, _log, _clock).RunAsync(stop);
                else await new DatabaseStream(connections, writer, output, this, _log, _clock).RunAsync(stop);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                throw new OperationCanceledException(stop);
            }
            catch (Exception lost) when (SqlServerErrors.IsTransient(lost) && (SqlServerErrors.Patience(lost) is not { } patience || attempt < patience))
            {
                attempt = writer.HandedOn > 2 ? 1 : attempt + 1;
                var delay = SourceReading.Pause(attempt);
                Report(SourceState.Connecting, error: lost.Message);
                Log.ConnectionLost(_log, $"{Name}/{database}", lost.Message, delay);
                await Task.Delay(delay, _clock, stop);
            }
            catch (Exception refused) when (refused is not SourceException && SqlServerErrors.Explain(refused, _settings, database) is { } explained)
            {
                throw new SourceException(explained, refused);
            }
        }
    }

    /// <inheritdoc/>
    public void Acknowledge(SourcePosition position) => _acknowledged = position;

    /// <inheritdoc/>
    public ValueTask WriteRawAsync(ChangeBatch batch, LogBatch output, CancellationToken stop) => _records.WriteAsync(batch, output, stop);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop) => new SqlServerPreflight(_settings).CheckAsync(stop);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PreflightResult>> CheckPlaceAsync(Bookmark place, CancellationToken stop) => new SqlServerPreflight(_settings).CheckPlaceAsync(place, stop);

    /// <summary>Null: change tables are kept for a time, not for a reader.</summary>
    public Task<long?> MeasureLagAsync(CancellationToken stop) => Task.FromResult<long?>(null);

    /// <summary>Those of all databases: a table is named as in one of them.</summary>
    public async Task<IReadOnlyList<string>?> ListTablesAsync(CancellationToken stop)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var database in _settings.DatabaseNames) names.UnionWith(await DatabaseFacts.FollowedAsync(new SqlServerConnections(_settings, database), stop));
        return [.. names];
    }

    internal void PassOver(MergedChange change) => _records.PassOver(change);

    internal void Captures(string database, Func<IReadOnlyList<string>> tables) => _captured[database] = tables;

    internal IEnumerable<string> CapturedBeside(string database) => _captured.Where(c => !c.Key.Equals(database, StringComparison.OrdinalIgnoreCase)).SelectMany(c => c.Value());

    internal void TableSwitched(SqlServerTable table) => _records.Altered(table);

    internal void Report(SnapshotStatus? snapshot)
    {
        if (snapshot is null && _snapshot is not null) Load.Begin();
        _snapshot = snapshot;
    }

    internal void Report(SourceState state, SourcePosition? read = null, long committedAt = 0, string? error = null)
    {
        if (read is { } place) _read = place;
        if (committedAt != 0) _committedAt = committedAt;
        if (_status.State != state || _status.Error != error) _status = new SourceStatus(state, default, "", null, null, error);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
