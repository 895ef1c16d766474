using System.Diagnostics;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Tables;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using CdcSync.EventLog.Postgres;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests.Tables;

/// <summary>Killed at any moment, while it also deletes what it has published, it loses and doubles nothing.</summary>
public class KillTests(TestPostgres postgres)
{
    [Fact]
    public async Task Killed_again_and_again_it_loses_and_doubles_nothing()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("CDCSYNC_KILLS"), out var many) ? many : 6;
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, RandomLoad.Schema);
        await Polled.EnableAsync(Polled.Of(connection, new WatchedTable { Table = "public.thing" }) with { CleanUp = true });
        var place = await postgres.NewDatabaseAsync("store");
        await using var store = NpgsqlDataSource.Create(place);
        await using var log = await PostgresLog.OpenAsync(store, null, null, null, TestContext.Current.CancellationToken);
        var name = $"k{Guid.NewGuid():n}"[..10];
        using var load = new CancellationTokenSource();
        Task? writers = null;
        for (var i = 0; i <= kills; i++)
        {
            using var worker = Start(name, connection, place);
            await worker.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            while (writers is null && await log.ReadBookmarkAsync(name, TestContext.Current.CancellationToken) is null) await Task.Delay(20, TestContext.Current.CancellationToken);
            writers ??= Task.WhenAll(RandomLoad.RunAsync(connection, 1, 5, load.Token), RandomLoad.RunAsync(connection, 2, 5, load.Token));
            if (i < kills)
            {
                await Task.Delay(Random.Shared.Next(50, 1500), TestContext.Current.CancellationToken);
            }
            else
            {
                await load.CancelAsync();
                await writers;
                // What is published is deleted, except what the last round may still need.
                for (var tries = 0; await CountAsync(connection) > 0 && tries < 300; tries++)
                {
                    await TestPostgres.ExecuteAsync(connection, "select pg_current_xact_id()");
                    await Task.Delay(100, TestContext.Current.CancellationToken);
                }
            }
            worker.Kill();
            await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.Equal(0, await CountAsync(connection));
        Assert.Empty(Polled.Compare(await RandomLoad.HistoryAsync(connection), await StoryAsync(log, $"{name}.public.thing")).Take(10));
    }

    static async Task<int> CountAsync(string connection) => int.Parse((await Polled.RowsAsync(connection, "select count(*), 0 from cdcsync.public_thing")).Keys.Single());

    static Process Start(string name, string connection, string place)
    {
        var path = typeof(CaptureProcess.Marker).Assembly.Location;
        return Process.Start(new ProcessStartInfo("dotnet", [path, name, connection, "postgres", place])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, Environment = { ["CDCSYNC_TABLES"] = "public.thing" },
        })!;
    }

    static async Task<Dictionary<long, List<string>>> StoryAsync(PostgresLog log, string topic)
    {
        var reader = AvroReader.For(AvroSchema.Parse(PlainSchemas.Envelope(topic,
        [
            new("id", "bigint", new PlainType(PlainKind.Int64), false, 1, null), new("version", "integer", new PlainType(PlainKind.Int32), false, 0, null),
            new("note", "text", new PlainType(PlainKind.Text), true, 0, null),
        ])));
        var story = new Dictionary<long, List<string>>();
        await using var records = await log.OpenReaderAsync("check", [topic], TestContext.Current.CancellationToken);
        for (var empty = 0; empty < 2;)
        {
            var some = await records.ReadAsync(10_000, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            empty = some.Count == 0 ? empty + 1 : 0;
            foreach (var record in some.Where(r => r.Value is not null))
            {
                var envelope = (AvroRecord)reader.Read(record.Value.AsSpan(5))!;
                var op = (string)envelope["op"]!;
                var row = (AvroRecord)(envelope["after"] ?? envelope["before"])!;
                if (!story.TryGetValue((long)row["id"]!, out var key)) story[(long)row["id"]!] = key = [];
                key.Add(op == "d" ? "d" : $"{op}{row["version"]}");
            }
        }
        return story;
    }
}
