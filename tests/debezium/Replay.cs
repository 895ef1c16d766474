using System.Diagnostics;
using CdcSync.Capture;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Postgres;
using CdcSync.Capture.Snapshot;
using CdcSync.Capture.Tests;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.DebeziumConformance;

/// <summary>Runs a scenario's SQL while our capture reads the database twice: as the recording is written, and in Avro.</summary>
/// <param name="scenario">What to run.</param>
/// <param name="connection">An empty database.</param>
/// <param name="late">
/// Read when all is done. Nullability, keys and defaults come from the catalogue as it is when a table is read, for Debezium as for us: what a recording shows of a
/// table that changes shape depends on how far behind the connector was.
/// </param>
public sealed class Replay(Scenario scenario, string connection, bool late)
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    /// <summary>How many records were compared, and the differences.</summary>
    public async Task<(int Records, IReadOnlyList<string> Differences)> RunAsync(CancellationToken stop)
    {
        await PsqlAsync(scenario.Setup, stop);
        await ExecuteAsync("create table if not exists done(id int primary key)", stop);
        var properties = scenario.Properties();
        var (settings, left) = DebeziumProperties.ToPostgres(properties, RecordFormat.Json);
        await PublishAsync(properties, stop);
        var recorded = scenario.Records();
        var plain = With(settings, "json", settings.Records);
        var avro = plain.Records.Format == RecordFormat.Json && plain.Records.KeyFormat is null ? With(settings, "avro", settings.Records with { Format = RecordFormat.Avro }) : null;
        var captured = new List<Captured> { new(plain) };
        if (avro is not null) captured.Add(new Captured(avro));
        try
        {
            foreach (var each in captured) each.Start(stop);
            await CaughtUpAsync(captured, stop);
            if (late)
                foreach (var each in captured) await each.StopAsync();
            await PsqlAsync(scenario.Changes, stop);
            if (late)
                foreach (var each in captured) each.Start(stop);
            await Task.Delay(settings.HeartbeatTopic ? settings.HeartbeatInterval * 2 : TimeSpan.Zero, stop);
            await CaughtUpAsync(captured, stop);
            await NotifiedAsync(captured, recorded.Count(r => r.Topic == settings.NotificationTopic), stop);
        }
        finally
        {
            foreach (var each in captured) await each.StopAsync();
        }
        var differences = new RecordComparison(scenario.Name, settings).Compare(recorded, captured[0].Log.Records);
        if (avro is not null) differences.AddRange(await new AvroComparison(scenario.Name, settings, captured[1].Registry).CompareAsync(recorded, captured[1].Log.Records, stop));
        if (differences.Count > 0)
            differences.AddRange(left.Where(l => !l.Name.StartsWith("database.", StringComparison.Ordinal)).Select(l => $"{scenario.Name}: {l.Name} {l.Why}"));
        return (recorded.Count, differences);
    }

    PostgresSettings With(PostgresSettings settings, string form, RecordSettings records) => settings with
    {
        Name = $"{settings.Name}_{form}"[..Math.Min(48, settings.Name.Length + form.Length + 1)], Connection = connection, Slot = $"{settings.Slot}_{form}",
        Records = records, HeartbeatInterval = settings.HeartbeatTopic ? settings.HeartbeatInterval : TimeSpan.FromMilliseconds(200),
        SnapshotChunkRows = scenario.Properties().TryGetValue("incremental.snapshot.chunk.size", out var rows) ? int.Parse(rows, System.Globalization.CultureInfo.InvariantCulture) : settings.SnapshotChunkRows,
        HeartbeatQuery = form == "json" ? settings.HeartbeatQuery : null,
    };

    // As the connector does it: all tables, unless told otherwise.
    async Task PublishAsync(Dictionary<string, string> properties, CancellationToken stop)
    {
        var name = properties["publication.name"];
        if (properties.GetValueOrDefault("publication.autocreate.mode", "all_tables") != "all_tables") return;
        var root = properties.GetValueOrDefault("publish.via.partition.root") == "true" ? " with (publish_via_partition_root = true)" : "";
        await ExecuteAsync($"do $$ begin if not exists (select from pg_publication where pubname = {Sql.Literal(name)}) then create publication {Sql.Identifier(name)} for all tables{root}; end if; end $$", stop);
    }

    async Task CaughtUpAsync(List<Captured> captured, CancellationToken stop)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var query = source.CreateCommand("select pg_current_wal_insert_lsn()::text");
        var place = new SourcePosition(Sql.Lsn((string)(await query.ExecuteScalarAsync(stop))!) - 1, 0);
        var started = Stopwatch.GetTimestamp();
        foreach (var each in captured)
        {
            while (await each.PlaceAsync(stop) is not { } bookmark || bookmark.Position < place)
            {
                await each.ThrowIfStoppedAsync();
                if (Stopwatch.GetElapsedTime(started) > Longest) throw new TimeoutException($"our capture did not catch up within {Longest.TotalSeconds:0} s");
                await Task.Delay(20, stop);
            }
        }
    }

    // A snapshot that a signal asked for is no place in the log; what is missing then is a difference.
    static async Task NotifiedAsync(List<Captured> captured, int wanted, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        while (captured.Any(c => c.Log.Records.Count(r => r.Topic == c.NotificationTopic) < wanted) && Stopwatch.GetElapsedTime(started) < Longest / 6)
        {
            foreach (var each in captured) await each.ThrowIfStoppedAsync();
            await Task.Delay(50, stop);
        }
    }

    async Task ExecuteAsync(string sql, CancellationToken stop)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(stop);
    }

    async Task PsqlAsync(string file, CancellationToken stop)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection);
        var start = new ProcessStartInfo("psql",
            ["-qX", "-h", settings.Host!, "-p", settings.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "-U", settings.Username!, "-d", settings.Database!, "-v", "ON_ERROR_STOP=1", "-f", file])
        {
            RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false,
        };
        using var psql = Process.Start(start)!;
        var output = psql.StandardOutput.ReadToEndAsync(stop);
        var error = await psql.StandardError.ReadToEndAsync(stop);
        await output;
        await psql.WaitForExitAsync(stop);
        if (psql.ExitCode != 0) throw new InvalidOperationException($"{Path.GetFileName(file)}: {error.Trim()}");
    }

    sealed class Captured(PostgresSettings settings)
    {
        CancellationTokenSource? _stop;
        Task _running = Task.CompletedTask;

        public string? NotificationTopic => settings.NotificationTopic;

        public MemoryLog Log { get; } = new();

        public MemoryRegistry Registry { get; } = new();

        public void Start(CancellationToken stop)
        {
            _stop?.Dispose();
            _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _running = RunAsync(_stop.Token);
        }

        async Task RunAsync(CancellationToken stop)
        {
            await using var source = new PostgresSource(settings, Registry, NullLogger.Instance, TimeProvider.System);
            await new CaptureWorker(source, Log, null, NullLogger.Instance, TimeProvider.System).RunAsync(stop);
        }

        public async Task<Bookmark?> PlaceAsync(CancellationToken stop) =>
            await Log.ReadBookmarkAsync(settings.Name, stop) is { } bookmark && (settings.Snapshot == SnapshotMode.Never || SnapshotProgress.Parse(WorkerState.Parse(bookmark.State).Source) is { Done.Count: > 0, Table: null }) ? bookmark : null;

        public async Task ThrowIfStoppedAsync()
        {
            if (_running.IsCompleted) await _running;
        }

        public async Task StopAsync()
        {
            await _stop!.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
