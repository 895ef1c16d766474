using System.Text.Json;
using CdcSync.Capture.Postgres;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Avro;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>Snapshots asked for while the stream goes on.</summary>
public class SnapshotTests(TestPostgres postgres)
{
    static PostgresSettings Settings(string connection, string name = "t", int chunk = 100) => new()
    {
        Name = name + Guid.NewGuid().ToString("n")[..8], Connection = connection, TopicPrefix = name, HeartbeatInterval = TimeSpan.FromMilliseconds(300), SnapshotChunkRows = chunk, NotificationTopic = "notices",
        Signals = new SignalSettings { Table = "public.signal" },
    };

    const string SignalTable = "create table signal(id varchar(42) primary key, type varchar(32) not null, data varchar(2048));";

    [Fact]
    public async Task The_recorded_scenario_of_snapshots_leads_to_the_same_reads_and_notifications()
    {
        var folder = Needs.Shared("reference", "debezium", "streams", "snapshot");
        var connection = await postgres.NewDatabaseAsync("snapshots");
        await TestPostgres.ExecuteAsync(connection, await File.ReadAllTextAsync(Path.Combine(folder, "setup.sql"), TestContext.Current.CancellationToken) + "; create table done(id int primary key)");
        await using var captured = new Captured(connection)
        {
            Settings = Settings(connection, "snapshot", chunk: 2) with { SnapshotTables = ["public.site", "public.stock", "public.empty_table"], NotificationTopic = "snapshot.notifications" },
        };
        captured.Start();
        await captured.CaughtUpAsync();
        foreach (var line in (await File.ReadAllLinesAsync(Path.Combine(folder, "changes.sql"), TestContext.Current.CancellationToken)).Where(l => l.Contains(';', StringComparison.Ordinal)))
        {
            if (line.Contains("pg_sleep", StringComparison.Ordinal)) await captured.UntilAsync(records => records.Count(r => r.Topic == "snapshot.public.late") >= 5);
            else await captured.ExecuteAsync(line);
        }
        await captured.UntilAsync(records => records.Any(r => r.Topic == "snapshot.public.done"));

        var recorded = File.ReadLines(Path.Combine(folder, "messages.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        foreach (var topic in (string[])["snapshot.public.site", "snapshot.public.stock", "snapshot.public.late"])
        {
            var theirs = recorded.Where(m => m.GetProperty("topic").GetString() == topic).Select(m => m.GetProperty("value").GetProperty("payload"))
                .Select(v => $"{v.GetProperty("op")} {v.GetProperty("source").GetProperty("snapshot")} {v.GetProperty("after").EnumerateObject().First().Value} {v.GetProperty("source").GetProperty("txId").ValueKind == JsonValueKind.Null} {v.GetProperty("source").GetProperty("lsn").ValueKind == JsonValueKind.Null}");
            var ours = (await Told.RecordsAsync(captured, topic)).Select(r => r.Value!).Select(v =>
                $"{v["op"]} {((AvroRecord)v["source"]!)["snapshot"]} {((AvroRecord)v["after"]!)[0]} {((AvroRecord)v["source"]!)["txId"] is null} {((AvroRecord)v["source"]!)["lsn"] is null}");
            Assert.Equal(theirs, ours);
        }
        var notices = recorded.Where(m => m.GetProperty("topic").GetString() == "snapshot.notifications").Select(m => m.GetProperty("value").GetProperty("payload")).Select(v =>
            $"{v.GetProperty("aggregate_type")} {v.GetProperty("type")} {string.Join(' ', v.GetProperty("additional_data").EnumerateObject().Where(d => d.Name != "connector_name").OrderBy(d => d.Name, StringComparer.Ordinal).Select(d => $"{d.Name}={Ordered(d)}"))}".TrimEnd());
        Assert.Equal(notices, await Told.NoticesAsync(captured, "snapshot.notifications"));
    }

    // A set of Java's, in whatever order.
    static string Ordered(JsonProperty data) => data.Name == "data_collections" ? string.Join(',', data.Value.GetString()!.Split(',').Order(StringComparer.Ordinal)) : data.Value.GetString()!;

    [Fact]
    public async Task Read_beside_the_stream_under_load_each_row_stands_where_its_history_stood()
    {
        var connection = await NewAsync(RandomLoad.Schema);
        await using var captured = new Captured(connection) { Settings = Settings(connection, chunk: 37) };
        captured.Start();
        while (await captured.Log.ReadBookmarkAsync(captured.Settings.Name, TestContext.Current.CancellationToken) is null) await Task.Delay(20, TestContext.Current.CancellationToken);
        using var load = new CancellationTokenSource();
        var writers = Task.WhenAll(RandomLoad.RunAsync(connection, 1, 5, load.Token), RandomLoad.RunAsync(connection, 2, 5, load.Token));
        var random = new Random(3);
        for (var i = 0; i < 6; i++)
        {
            captured.Signals.Send($"s{i}", "execute-snapshot", """{"data-collections":["public.thing"]}""");
            await Task.Delay(800, TestContext.Current.CancellationToken);
#pragma warning disable CA5394
            if (random.Next(2) == 0) await captured.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cdcsync' and datname = current_database()");
#pragma warning restore CA5394
        }
        await load.CancelAsync();
        await writers;
        captured.Signals.Send("last", "execute-snapshot", """{"data-collections":["public.thing"]}""");
        await SnapshotsDoneAsync(captured, 7);
        await captured.StopAsync();
        Assert.Empty(Told.Compare(await RandomLoad.HistoryAsync(captured.Connection), await PostgresFaultTests.StoryAsync(captured.Log.Records, captured.Registry), 8, readLast: true).Take(10));
    }

    [Fact]
    public async Task It_pauses_resumes_stops_and_takes_conditions()
    {
        var connection = await NewAsync("""
            create table a(id int primary key, kind text); insert into a select g, case when g % 2 = 0 then 'even' else 'odd' end from generate_series(1, 2000) g;
            create table b(id int primary key); insert into b select g from generate_series(1, 50) g
            """);
        await using var captured = new Captured(connection) { Settings = Settings(connection, chunk: 10) with { Snapshot = SnapshotMode.Never } };
        captured.Start();
        await captured.CaughtUpAsync();
        captured.Signals.Send("one", "execute-snapshot", """{"data-collections":["public\\.a","public.b"],"additional-conditions":[{"data-collection":"public.a","filter":"kind = 'even'"}]}""");
        await captured.UntilAsync(records => records.Any(r => r.Topic == "t.public.a"));
        captured.Signals.Send("two", "pause-snapshot");
        await NoticeAsync(captured, "Incremental Snapshot PAUSED");
        var paused = captured.Log.Records.Count(r => r.Topic == "t.public.a");
        Assert.InRange(paused, 1, 999);
        await captured.ExecuteAsync("insert into b values (1000)");    // the stream goes on
        await captured.UntilAsync(records => records.Count(r => r.Topic == "t.public.b") == 1);
        Assert.Equal(paused, captured.Log.Records.Count(r => r.Topic == "t.public.a"));
        await captured.StopAsync();
        captured.Start();       // a pause outlives the process
        await captured.ExecuteAsync("insert into b values (1001)");
        await captured.UntilAsync(records => records.Count(r => r.Topic == "t.public.b") == 2);
        Assert.Equal(paused, captured.Log.Records.Count(r => r.Topic == "t.public.a"));
        await captured.ExecuteAsync("""insert into signal values ('three', 'resume-snapshot', null), ('four', 'stop-snapshot', '{"data-collections":["public.b"]}')""");
        await SnapshotsDoneAsync(captured, 1);
        var read = (await Told.RecordsAsync(captured, "t.public.a")).Select(r => (int)((AvroRecord)r.Value!["after"]!)["id"]!).ToList();
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => i * 2), read);
        Assert.Equal(2, captured.Log.Records.Count(r => r.Topic == "t.public.b"));
        Assert.Equal(["ABORTED data_collections=public.b", "COMPLETED", "DATA_COLLECTIONS_RESOLVED data_collections=public.a,public.b", "PAUSED data_collections=public.a,public.b", "RESUMED data_collections=public.a,public.b", "STARTED data_collections=public.a,public.b", "TABLE_SCAN_COMPLETED"],
            (await Told.NoticesAsync(captured, "notices")).Where(n => !n.Contains("IN_PROGRESS", StringComparison.Ordinal)).Select(n => n["Incremental Snapshot ".Length..])
                .Select(n => n.StartsWith("TABLE_SCAN", StringComparison.Ordinal) ? "TABLE_SCAN_COMPLETED" : n).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_filter_can_be_nothing_but_a_filter_and_a_bad_signal_harms_nobody()
    {
        var connection = await NewAsync("create table a(id int primary key); insert into a select g from generate_series(1, 20) g; create table victim(id int primary key); insert into victim values (1)");
        await using var captured = new Captured(connection) { Settings = Settings(connection) with { Snapshot = SnapshotMode.Never } };
        captured.Start();
        await captured.CaughtUpAsync();
        string[] filters =
        [
            "true); drop table victim; select (1", "true); commit; drop table victim; --", "true) to stdout; drop table victim; copy (select 1", "true)) to program 'touch /tmp/never' --", "no_such_column = 1", "1 / 0 = 1", "true /*",
        ];
        for (var i = 0; i < filters.Length; i++)
        {
            var filter = JsonSerializer.Serialize(filters[i]);
            captured.Signals.Send($"f{i}", "execute-snapshot", $$"""{"type":"{{(i % 2 == 0 ? "incremental" : "blocking")}}","data-collections":["public.a"],"additional-conditions":[{"data-collection":"public.a","filter":{{filter}}}]}""");
        }
        foreach (var bad in (string[])["", "[1", "[]", """{"type":"sideways"}""", """{"data-collections":["(("]}""", """{"data-collections":["public.nothing"]}"""]) captured.Signals.Send("bad", "execute-snapshot", bad);
        captured.Signals.Send("bad", "no-such-type");
        captured.Signals.Send("good", "execute-snapshot", """{"data-collections":["public.a"],"additional-conditions":[{"data-collection":"public.a","filter":"id > 15 -- the last"}]}""");
        await NoticeAsync(captured, "Incremental Snapshot TABLE_SCAN_COMPLETED data_collections=public.a scanned_collection=public.a status=SUCCEEDED");
        Assert.Equal(5, captured.Log.Records.Count(r => r.Topic == "t.public.a"));
        Assert.Equal(1L, await captured.ScalarAsync<long>("select count(*) from victim"));
    }

    [Fact]
    public async Task Under_load_a_blocking_one_and_a_table_without_key_are_exact_too()
    {
        var connection = await NewAsync(RandomLoad.Schema + "create table loose(n int); alter table loose replica identity full; insert into loose select g from generate_series(1, 300) g");
        await using var captured = new Captured(connection) { Settings = Settings(connection, chunk: 37) };
        captured.Start();
        while (await captured.Log.ReadBookmarkAsync(captured.Settings.Name, TestContext.Current.CancellationToken) is null) await Task.Delay(20, TestContext.Current.CancellationToken);
        using var load = new CancellationTokenSource();
        var writers = RandomLoad.RunAsync(connection, 1, 5, load.Token);
        captured.Signals.Send("b1", "execute-snapshot", """{"type":"blocking","data-collections":["public.thing"]}""");
        captured.Signals.Send("i1", "execute-snapshot", """{"data-collections":["public.*"]}""");
        captured.Signals.Send("b2", "execute-snapshot", """{"type":"BLOCKING","data-collections":["public.thing"]}""");
        captured.Signals.Send("i2", "execute-snapshot", """{"data-collections":["public.thing"]}""");
        await SnapshotsDoneAsync(captured, 2);
        await load.CancelAsync();
        await writers;
        await captured.CaughtUpAsync();
        Assert.Empty(Told.Compare(await RandomLoad.HistoryAsync(connection), await PostgresFaultTests.StoryAsync(captured.Log.Records, captured.Registry), 5, readLast: false).Take(10));
        Assert.Equal(600, captured.Log.Records.Count(r => r.Topic == "t.public.loose"));
    }

    [Fact]
    public async Task Modes_say_when_rows_are_read()
    {
        var connection = await NewAsync("create table a(id int primary key); insert into a select g from generate_series(1, 3) g");
        await using var once = new Captured(connection) { Settings = Settings(connection) with { Snapshot = SnapshotMode.InitialOnly } };
        once.Start();
        await once.Running;
        Assert.Equal(3, once.Log.Records.Count(r => r.Topic == "t.public.a"));

        await using var always = new Captured(connection) { Settings = Settings(connection) with { Snapshot = SnapshotMode.Always, Slot = "always" } };
        for (var i = 1; i <= 2; i++)
        {
            always.Start();
            await always.UntilAsync(records => records.Count(r => r.Topic == "t.public.a") == 3 * i);
            await always.CaughtUpAsync();
            await always.StopAsync();
        }

        await using var needed = new Captured(connection) { Settings = Settings(connection) with { Snapshot = SnapshotMode.WhenNeeded, Slot = "needed" } };
        needed.Start();
        await needed.CaughtUpAsync();
        await needed.StopAsync();
        for (var active = true; active; await Task.Delay(50, TestContext.Current.CancellationToken)) active = await needed.ScalarAsync<bool>("select active from pg_replication_slots where slot_name = 'needed'");
        await needed.ExecuteAsync("select pg_drop_replication_slot('needed'); insert into a values (4)");
        needed.Start();
        await needed.UntilAsync(records => records.Count(r => r.Topic == "t.public.a") == 3 + 4);
    }

    static async Task NoticeAsync(Captured captured, string start)
    {
        for (var waited = 0; !(await Told.NoticesAsync(captured, "notices")).Any(t => t.StartsWith(start, StringComparison.Ordinal)); waited++)
        {
            Assert.True(waited < 600, $"no '{start}' within 60 s; told {string.Join("\n", (await Told.NoticesAsync(captured, "notices")).TakeLast(5))}");
            if (captured.Running.IsCompleted) await captured.Running;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    internal static async Task SnapshotsDoneAsync(Captured captured, int count)
    {
        for (var waited = 0; ; waited++)
        {
            var told = await Told.NoticesAsync(captured, "notices");
            if (told.Count(t => t.StartsWith("Incremental Snapshot COMPLETED", StringComparison.Ordinal)) >= count) return;
            Assert.True(waited < 300, $"not {count} snapshots within 60 s; told {string.Join("\n", told.TakeLast(5))}; status {captured.Status}");
            if (captured.Running.IsCompleted) await captured.Running;
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    async Task<string> NewAsync(string sql)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, SignalTable + sql);
        return connection;
    }
}
