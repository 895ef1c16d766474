using System.Threading.Channels;
using CdcSync.Capture.Care;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>A PostgreSQL database, read by logical replication.</summary>
public sealed class PostgresSource : IChangeSource, ISignalled
{
    readonly PostgresSettings _settings;
    readonly NpgsqlDataSource _source, _rows;
    readonly PostgresRecords _records;
    readonly SchemaWatch _shapes;
    readonly ScopeWatch _scope;
    readonly ILogger _log;
    readonly TimeProvider _clock;
    ISignalInbox? _inbox;
    bool _again;
    SourcePosition _read;
    volatile SnapshotStatus? _snapshot;
    ulong _acknowledged;
    volatile SourceStatus _status = new(SourceState.Connecting, default, "0/0", null, null, null);

    /// <summary>Connects when it is read.</summary>
    /// <exception cref="Contract.Settings.SettingsException">A setting cannot be.</exception>
    public PostgresSource(PostgresSettings settings, ISchemaRegistry registry, ILogger log, TimeProvider clock)
    {
        settings.Validate();
        _shapes = new SchemaWatch(settings.Name, log);
        (_settings, _log, _clock, _again) = (settings, log, clock, settings.Snapshot == SnapshotMode.Always);
        var connection = new NpgsqlConnectionStringBuilder(settings.Connection) { ApplicationName = "cdcsync", SearchPath = "pg_catalog", Timezone = "UTC", MaxPoolSize = 4, Options = "-c standard_conforming_strings=on" };
        _source = NpgsqlDataSource.Create(connection);
        // Rows may take their time; keys go to and fro as texts.
        connection.Options += " -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1 -c lc_monetary=C";
        (connection.MaxPoolSize, connection.CommandTimeout) = (settings.SnapshotReaders + 4, 0);
        _rows = NpgsqlDataSource.Create(connection);
        _scope = new ScopeWatch(settings, _source, () => _status.State == SourceState.Streaming, log, clock);
        Load = new LoadBudget(settings.Name, settings.Load, log, clock, stop => FollowerLag.ReadAsync(_source, settings.SlotName, withOwn: _status.State == SourceState.Streaming, stop));
        _records = new PostgresRecords(settings, registry, log, clock);
    }

    /// <inheritdoc/>
    public string Name => _settings.Name;

    /// <inheritdoc/>
    public SourceStatus Status => _status with
    {
        Read = _read, Confirmed = Sql.Lsn(Volatile.Read(ref _acknowledged)),
        Snapshot = _snapshot is { } snapshot && Load.Waits is var (waited, reason) ? snapshot with { Waited = waited, WaitsFor = reason } : null,
    };

    /// <inheritdoc/>
    public LoadBudget Load { get; }

    /// <inheritdoc/>
    public void Attach(ISignalInbox inbox) => _inbox = inbox;

    /// <inheritdoc/>
    public IAsyncEnumerable<ChangeBatch> ReadAsync(Bookmark? from, CancellationToken stop)
    {
        PassedOver.Clear();
        return SourceReading.RunAsync((output, ended) => ReadForeverAsync(from, output, ended), stop);
    }

    async Task BeatAsync(CancellationToken stop)
    {
        if (_settings.HeartbeatQuery is not { } query) return;
        using var timer = new PeriodicTimer(_settings.HeartbeatInterval, _clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            try
            {
                await using var command = _source.CreateCommand(query);
                await command.ExecuteNonQueryAsync(stop);
            }
            catch (NpgsqlException failed)
            {
                Log.HeartbeatQueryFailed(_log, Name, failed.Message);
            }
        }
    }

    async Task ReadForeverAsync(Bookmark? from, ChannelWriter<ChangeBatch> output, CancellationToken stop)
    {
        var attempt = 0;
        if (_again && from is { } earlier) from = new Bookmark(earlier.Position, (SnapshotProgress.Parse(earlier.State) with { Done = [], Table = null, LastKey = null, Rows = null }).Write());
        _again = false;
        try
        {
            while (true)
            {
                await using var session = new PostgresSession(_settings, _source, _rows, _inbox, output, _log, _clock, this, from);
                try
                {
                    if (await RunSessionAsync(session, stop))
                    {
                        Report(SourceState.Stopped);
                        return;
                    }
                }
                catch (PostgresException refused) when (!PostgresErrors.IsTransient(refused) && PostgresErrors.Explain(refused, _settings) is { } explained)
                {
                    throw new SourceException(explained, refused);
                }
                catch (Exception lost) when (PostgresErrors.IsTransient(lost) && !stop.IsCancellationRequested)
                {
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

    // True when the source has come to its end; false to begin anew, when tables have come that are to be taken in.
    async Task<bool> RunSessionAsync(PostgresSession session, CancellationToken stop)
    {
        using var anew = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = Task.WhenAll(WatchScopeAsync(anew), BeatAsync(anew.Token));
        try
        {
            await session.RunAsync(anew.Token);
            return true;
        }
        catch (OperationCanceledException) when (anew.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            Report(SourceState.Connecting);
            return false;
        }
        finally
        {
            await anew.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task WatchScopeAsync(CancellationTokenSource session)
    {
        await _scope.RunAsync(session.Token);
        await session.CancelAsync();
    }

    /// <summary>Notes a table as the log describes it from here on.</summary>
    internal void Note(PostgresTable table) => _shapes.Note(table);

    /// <inheritdoc/>
    public void Acknowledge(SourcePosition position) => Volatile.Write(ref _acknowledged, PostgresSlot.ConfirmedLsn(position));

    /// <inheritdoc/>
    public ValueTask WriteRawAsync(ChangeBatch batch, LogBatch output, CancellationToken stop) => _records.WriteAsync(batch, output, stop);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop) => new PostgresPreflight(_settings, _source).CheckAsync(stop);

    /// <inheritdoc/>
    public async Task<long?> MeasureLagAsync(CancellationToken stop)
    {
        await using var query = _source.CreateCommand("select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint from pg_replication_slots where slot_name = $1");
        query.CommandTimeout = 3;
        query.Parameters.Add(new() { Value = _settings.SlotName });
        return await query.ExecuteScalarAsync(stop) as long?;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>?> ListTablesAsync(CancellationToken stop) => [.. (await new PostgresSlot(_settings, _source).TablesAsync(stop)).Select(t => t.FullName)];

    internal PassedOver PassedOver => _records.PassedOver;

    internal ulong Acknowledged => Volatile.Read(ref _acknowledged);

    internal void Report(SourceState state, SourcePosition? read = null, long? lag = null, long? committedAt = null, string? error = null)
    {
        if (read is { } place) _read = place;
        _status = new SourceStatus(state, default, "", lag ?? _status.LagBytes,
            committedAt is { } at ? DateTimeOffset.UnixEpoch.AddMicroseconds(at) : _status.LastCommitAt, error);
    }

    internal void Report(SnapshotStatus? snapshot)
    {
        if (snapshot is null && _snapshot is not null) Load.Begin();
        _snapshot = snapshot;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _rows.DisposeAsync();
    }
}
