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

    static async Task SnapshotsDoneAsync(Captured captured, int count)
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
