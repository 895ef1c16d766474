// One capture worker in a process of its own, to be killed by tests and measured by benches:
//   CdcSync.CaptureProcess NAME CONNECTION none|postgres|kafka LOG [CHANGES]
// Several connections, with | between them, are as many sources, NAME_0, NAME_1, ...
// The environment may say CDCSYNC_SIGNALS (a store's connection), CDCSYNC_BATCH_BYTES, CDCSYNC_CHUNK_ROWS, CDCSYNC_HELD_PIECE, CDCSYNC_READERS, CDCSYNC_HEARTBEAT (seconds),
// and CDCSYNC_SCHEMAS: a folder where the schemas' texts are put.
// With CHANGES it prints, once so many are durable, the rate and its own cost, and ends.
using System.Diagnostics;
using System.Diagnostics.Metrics;
using CdcSync.Capture;
using CdcSync.Capture.Care;
using CdcSync.Capture.Postgres;
using CdcSync.Capture.Snapshot;
using CdcSync.Capture.SqlServer;
using CdcSync.Capture.Tables;
using CdcSync.CaptureProcess;
using CdcSync.EventLog;
using CdcSync.EventLog.Kafka;
using CdcSync.EventLog.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

var (name, connection, kind, place) = (args[0], args[1], args[2], args[3]);
var wanted = args.Length > 4 ? long.Parse(args[4]) : long.MaxValue;
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

long changes = 0;
long started = 0;
var cpu = TimeSpan.Zero;
using var meter = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Name == "cdcsync_capture_changes") listener.EnableMeasurementEvents(instrument); } };
meter.SetMeasurementEventCallback<long>((_, count, _, _) =>
{
    if (count > 0 && started == 0) (started, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
    changes += count;
    if (changes < wanted) return;
    wanted = long.MaxValue;
    var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
    var used = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
    Console.WriteLine($$"""{"log":"{{kind}}","changes":{{changes}},"perSecond":{{changes / seconds:0}},"cpuSecondsPerMillion":{{used / changes * 1e6:0.00}},"residentMiB":{{Environment.WorkingSet >> 20}},"peakMiB":{{Process.GetCurrentProcess().PeakWorkingSet64 >> 20}}}""");
    stop.Cancel();
});
meter.Start();

await using var store = NpgsqlDataSource.Create(kind == "postgres" ? place : "Host=none");
await using IEventLog log = kind switch
{
    "postgres" => await PostgresLog.OpenAsync(store, null, null, null, stop.Token),
    "kafka" => await KafkaLog.OpenAsync(new KafkaLogSettings { Bootstrap = place }, null, stop.Token),
    _ => new NoLog(),
};
int Number(string variable, int absent) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text) : absent;
// CDCSYNC_TABLES names tables, with commas between, whose changes are polled in place of the log: from their change tables, or by CDCSYNC_COLUMN, which rises with each change.
// CDCSYNC_SQLSERVER says that it is a SQL Server, and the mode.
IChangeSource Source(string name, string connection) => Environment.GetEnvironmentVariable("CDCSYNC_SQLSERVER") is { Length: > 0 } mode
    ? new SqlServerSource(
        new SqlServerSettings
        {
            Name = name, Connection = connection, Mode = Enum.Parse<CaptureMode>(mode), PollInterval = TimeSpan.FromMilliseconds(20), BatchBytes = Number("CDCSYNC_BATCH_BYTES", 1 << 20), SchemaChanges = false,
        },
        new TextRegistry(Environment.GetEnvironmentVariable("CDCSYNC_SCHEMAS")), NullLogger.Instance, TimeProvider.System)
    : Environment.GetEnvironmentVariable("CDCSYNC_TABLES") is { Length: > 0 } tables
    ? new TablesSource(
        new TablesSettings
        {
            Name = name, Provider = "Npgsql", Connection = connection, Lag = TimeSpan.FromSeconds(1), PollInterval = TimeSpan.FromMilliseconds(20),
            Tables = [.. tables.Split(',').Select(t => Environment.GetEnvironmentVariable("CDCSYNC_COLUMN") is { Length: > 0 } column ? new WatchedTable { Table = t, Changes = ChangeReading.HighWater, Column = column } : new WatchedTable { Table = t })],
            IdleInterval = TimeSpan.FromMilliseconds(100), HeartbeatInterval = TimeSpan.FromSeconds(1), BatchRows = args.Length > 4 ? 2000 : 100, CleanUp = true,
        },
        new TextRegistry(Environment.GetEnvironmentVariable("CDCSYNC_SCHEMAS")), NullLogger.Instance, TimeProvider.System)
    : new PostgresSource(
        new PostgresSettings
        {
            Name = name, Connection = connection, HeartbeatInterval = TimeSpan.FromSeconds(Number("CDCSYNC_HEARTBEAT", 1)), BatchBytes = Number("CDCSYNC_BATCH_BYTES", 1 << 20),
            SnapshotChunkRows = Number("CDCSYNC_CHUNK_ROWS", 8192), SnapshotReaders = Number("CDCSYNC_READERS", 2),
        },
        new TextRegistry(Environment.GetEnvironmentVariable("CDCSYNC_SCHEMAS")), NullLogger.Instance, TimeProvider.System);
await using var signals = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable("CDCSYNC_SIGNALS") ?? "Host=none");
async Task RunAsync(string name, string connection)
{
    await using var source = Source(name, connection);
    if (Environment.GetEnvironmentVariable("CDCSYNC_SIGNALS") is { Length: > 0 } && source is ISignalled signalled) signalled.Attach(new SignalStore(signals).InboxOf(name));
    var pauses = Environment.GetEnvironmentVariable("CDCSYNC_SIGNALS") is { Length: > 0 } ? new PauseStore(signals).WishesOf(name) : null;
    await new CaptureWorker(source, log, null, NullLogger.Instance, TimeProvider.System) { Pauses = pauses, HeldPiece = Number("CDCSYNC_HELD_PIECE", 10_000) }.RunAsync(stop.Token);
}
Console.WriteLine("started");
try
{
    var connections = connection.Split('|');
    await Task.WhenAll(connections.Select((each, i) => RunAsync(connections.Length == 1 ? name : $"{name}_{i}", each)));
}
catch (OperationCanceledException)
{
    // As asked.
}
