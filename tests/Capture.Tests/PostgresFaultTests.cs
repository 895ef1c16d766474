using System.Buffers.Binary;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Kafka;
using CdcSync.EventLog.Postgres;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>Whatever breaks, the published story of each key is the source's: nothing lost, doubled or out of order.</summary>
public class PostgresFaultTests(TestPostgres postgres, TestKafka kafka)
{
    [Fact]
    public async Task Broken_connections_failing_appends_and_lost_answers_lose_and_double_nothing()
    {
        await using var captured = await Captured.NewAsync(postgres, RandomLoad.Schema);
        var random = new Random(7);
#pragma warning disable CA5394
        captured.Log.BeforeAppend = _ => { if (random.Next(15) == 0) throw new EventLogException("the log is away"); };
        captured.Log.AfterAppend = _ => { if (random.Next(15) == 0) throw new EventLogException("the answer is lost"); };
#pragma warning restore CA5394
        captured.Start();
        while (await captured.Log.ReadBookmarkAsync(captured.Settings.Name, TestContext.Current.CancellationToken) is null) await Task.Delay(20, TestContext.Current.CancellationToken);
        using var load = new CancellationTokenSource();
        var writers = Task.WhenAll(RandomLoad.RunAsync(captured.Connection, 1, 5, load.Token), RandomLoad.RunAsync(captured.Connection, 2, 5, load.Token));
        for (var i = 0; i < 12; i++)
        {
            await Task.Delay(400, TestContext.Current.CancellationToken);
            await captured.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cdcsync' and datname = current_database()");
        }
        await load.CancelAsync();
        await writers;
        captured.Log.BeforeAppend = captured.Log.AfterAppend = null;
        await captured.CaughtUpAsync();
        await captured.StopAsync();
        Assert.Empty(RandomLoad.Compare(await RandomLoad.HistoryAsync(captured.Connection), await StoryAsync(captured.Log.Records, captured.Registry)).Take(10));
    }

    static async Task<IEventLog> OpenAsync(string kind, string place, NpgsqlDataSource store) => kind == "kafka"
        ? await KafkaLog.OpenAsync(new KafkaLogSettings { Bootstrap = place }, null, TestContext.Current.CancellationToken)
        : await PostgresLog.OpenAsync(store, null, null, null, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("postgres")]
    [InlineData("kafka")]
    public async Task Killed_in_the_middle_of_snapshots_under_load_it_loses_and_doubles_nothing(string kind)
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("CDCSYNC_KILLS"), out var many) ? many : 8;
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, RandomLoad.Schema + "insert into thing select g, 0, repeat('x', 50) from generate_series(501, 12000) g; analyze thing");
        var database = await postgres.NewDatabaseAsync("store");
        var place = kind == "kafka" ? await kafka.BootstrapAsync() : database;
        var name = $"k{Guid.NewGuid():n}"[..10];
        await using var store = NpgsqlDataSource.Create(database);
        await EventLog.Store.StoreMigrations.ApplyAsync(store, typeof(CaptureWorker).Assembly, TestContext.Current.CancellationToken);
        await using var log = await OpenAsync(kind, place, store);
        var signals = new SignalStore(store);
        // Small batches and chunks: a snapshot takes its time, so that it is hit.
        var environment = new Dictionary<string, string> { ["CDCSYNC_SIGNALS"] = database, ["CDCSYNC_BATCH_BYTES"] = "16384", ["CDCSYNC_CHUNK_ROWS"] = "100" };
        using var load = new CancellationTokenSource();
        Task? writers = null;
        for (var i = 0; i <= kills; i++)
        {
            using var worker = CaptureProcessStart.Start(name, connection, kind, place, null, environment);
            await worker.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            while (writers is null && await log.ReadBookmarkAsync(name, TestContext.Current.CancellationToken) is null) await Task.Delay(20, TestContext.Current.CancellationToken);
            writers ??= RandomLoad.RunAsync(connection, 1, 5, load.Token);
            if (i is 1 or 3) await signals.SendAsync(name, "test", $"{i}", new Signal($"s{i}", "execute-snapshot", """{"data-collections":["public.thing"]}"""), TestContext.Current.CancellationToken);
            if (i == kills)
            {
                await load.CancelAsync();
                await writers;
                var last = await signals.SendAsync(name, "test", "last", new Signal("last", "execute-snapshot", """{"data-collections":["public.thing"]}"""), TestContext.Current.CancellationToken);
                await UntilAsync(log, name, connection, last!.Value);
            }
            else await Task.Delay(Random.Shared.Next(50, 2000), TestContext.Current.CancellationToken);
            worker.Kill();
            await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        var told = await StoryAsync(await ReadAllAsync(log, $"{name}.public.thing"), null);
        Assert.Empty(Told.Compare(await RandomLoad.HistoryAsync(connection), told, 4, readLast: true).Take(10));
    }

    internal static async Task UntilAsync(IEventLog log, string name, string connection, long signal = 0)
    {
        await using var opened = new NpgsqlConnection(connection);
        await opened.OpenAsync(TestContext.Current.CancellationToken);
        await using var query = new NpgsqlCommand("select pg_current_wal_insert_lsn()::text", opened);
        var place = new SourcePosition(Postgres.Sql.Lsn((string)(await query.ExecuteScalarAsync(TestContext.Current.CancellationToken))!) - 1, 0);
        for (var waited = 0; await log.ReadBookmarkAsync(name, TestContext.Current.CancellationToken) is not { } bookmark || bookmark.Position < place || !Captured.IsDone(bookmark, signal); waited++)
        {
            Assert.True(waited < 600, "not caught up within 60 s");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    internal static async Task<List<LogRecord>> ReadAllAsync(IEventLog log, string topic)
    {
        var records = new List<LogRecord>();
        await using var reader = await log.OpenReaderAsync("check", [topic], TestContext.Current.CancellationToken);
        for (var empty = 0; empty < (records.Count == 0 ? 20 : 2);)
        {
            var some = await reader.ReadAsync(10_000, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            records.AddRange(some);
            empty = some.Count == 0 ? empty + 1 : 0;
        }
        return records;
    }

    // Operation and version per key; the envelope's schema is the same for all of them.
    internal static async Task<Dictionary<long, List<string>>> StoryAsync(IEnumerable<LogRecord> records, MemoryRegistry? registry)
    {
        var story = new Dictionary<long, List<string>>();
        AvroReader? reader = null;
        foreach (var record in records.Where(r => r.Topic.EndsWith(".public.thing", StringComparison.Ordinal) && r.Value is not null))
        {
            reader ??= AvroReader.For(AvroSchema.Parse(registry is null ? ThingSchema(record.Topic) : (await registry.GetAsync(BinaryPrimitives.ReadInt32BigEndian(record.Value.AsSpan(1)), default)).Text));
            var envelope = (AvroRecord)reader.Read(record.Value.AsSpan(5))!;
            var op = (string)envelope["op"]!;
            var row = (AvroRecord)(envelope["after"] ?? envelope["before"])!;
            if (!story.TryGetValue((long)row["id"]!, out var key)) story[(long)row["id"]!] = key = [];
            key.Add(op == "d" ? "d" : $"{op}{row["version"]}");
        }
        return story;
    }

    static string ThingSchema(string topic)
    {
        var thing = new Postgres.PostgresTable(1, "public", "thing",
            [
                new("id", new Postgres.PostgresType(Postgres.PgKind.Int8, "bigint", -1), false, 1, default),
                new("version", new Postgres.PostgresType(Postgres.PgKind.Int4, "integer", -1), false, 0, default),
                new("note", new Postgres.PostgresType(Postgres.PgKind.Text, "text", -1), true, 0, default),
            ], Postgres.ReplicaIdentity.Default);
        var records = new Debezium.RecordSettings();
        var row = new Debezium.RowWriter(thing, thing.RecordKey, records, new Debezium.ColumnRules(records, new Debezium.PostgresColumnTypes(records)), topic, new Debezium.NameRules(records));
        return Debezium.ConnectAvro.Text(Debezium.EnvelopeRecords.Schema($"{topic}.Envelope", row.Value, new Debezium.PostgresForm(new Postgres.PostgresSettings { Name = "erp", Connection = "Database=erp" })));
    }
}
