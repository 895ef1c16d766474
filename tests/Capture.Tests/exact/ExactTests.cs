using System.Diagnostics;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Changes;
using CdcSync.Demo;
using CdcSync.EventLog;
using CdcSync.EventLog.Kafka;
using CdcSync.EventLog.Postgres;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests.Exact;

/// <summary>
/// The worker is killed (-9) again and again under mixed load, while wires are cut and servers crash: what the log tells is what happened in the source, key by key, and no transaction is seen
/// in halves. <c>CDCSYNC_KILLS</c> says how often; every fifty kills it is looked whether all is right so far.
/// </summary>
public class ExactTests(ITestOutputHelper output)
{
    const int Stage = 50;
    const long TooFarBehind = 16 << 20;
    static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("CDCSYNC_KILLS"), out var many) ? many : 8;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_the_PostgreSQL_log_it_is_exact()
    {
        await using var server = await PrivatePostgres.StartAsync(Stop, "shared_buffers=64MB");
        await using var wire = new TcpCut(server.Port);
        var direct = await server.CreateDatabaseAsync("store", Stop);
        await using var store = NpgsqlDataSource.Create(direct);
        await using var log = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        await RunAsync("postgres", Through(direct, wire), log, store, (source, sourceWire) => new Disasters(source, sourceWire, server, wire, null));
    }

    [Fact]
    public async Task On_three_Kafka_brokers_it_is_exact()
    {
        await using var cluster = await TestKafkaCluster.StartAsync(Stop);
        await using var log = await KafkaLog.OpenAsync(new KafkaLogSettings { Bootstrap = cluster.Bootstrap }, null, Stop);
        await RunAsync("kafka", cluster.Bootstrap, log, null, (source, sourceWire) => new Disasters(source, sourceWire, null, null, cluster));
    }

    async Task RunAsync(string kind, string place, IEventLog log, NpgsqlDataSource? store, Func<PrivatePostgres, TcpCut, Disasters> disasters)
    {
        // What is larger than this the server does not decode in memory.
        await using var source = await PrivatePostgres.StartAsync(Stop, "shared_buffers=64MB", "logical_decoding_work_mem=64kB", "max_wal_size=256MB", "checkpoint_timeout=30s");
        await using var wire = new TcpCut(source.Port);
        await using var trouble = disasters(source, wire);
        var direct = await source.CreateDatabaseAsync("source", Stop);
        await TestPostgres.ExecuteAsync(direct, MixedLoad.Schema);
        var name = $"x{Guid.NewGuid():n}"[..10];
        var schemas = Directory.CreateTempSubdirectory("cdcsync-schemas-").FullName;
        await using var load = new MixedLoad(direct, bigRows: 5000);
        var (history, story) = (new SourceHistory(direct), new LogStory(log, name, schemas, store));
        var started = Stopwatch.GetTimestamp();
        for (var kill = 1; kill <= Kills; kill++)
        {
            using var worker = CaptureProcessStart.Start(name, Through(direct, wire), kind, place, null, new Dictionary<string, string> { ["CDCSYNC_SCHEMAS"] = schemas, ["CDCSYNC_BATCH_BYTES"] = "65536" });
            await worker.StandardOutput.ReadLineAsync(Stop);
            // The slot first: what is written before it is only in the rows read.
            if (kill == 1) while (await log.ReadBookmarkAsync(name, Stop) is null) await Task.Delay(20, Stop);
            // Killed too often for its machine it would only fall behind: then the source waits until something has come through.
            var before = await BehindAsync(direct);
            if (kill > 1 && before > TooFarBehind)
            {
                await load.StopAsync();
                for (var waited = 0; waited < 300 && await BehindAsync(direct) >= before; waited++) await Task.Delay(200, Stop);
            }
            else if (!load.IsRunning)
            {
                load.Start();
            }
            await Task.Delay(Random.Shared.Next(50, 1000), Stop);
            if (kill % 2 == 0)
            {
                await trouble.StrikeAsync(Stop);
                await Task.Delay(Random.Shared.Next(700), Stop);
            }
            if (kill % Stage == 0 || kill == Kills)
            {
                await load.StopAsync();
                await trouble.HealAsync();
                store?.Clear();     // of connections to a server that has crashed since
                await CaughtUpAsync(log, name, direct, worker);
            }
            Assert.True(!worker.HasExited, $"The worker gave up by itself: {(worker.HasExited ? await worker.StandardError.ReadToEndAsync(Stop) : "")}");
            worker.Kill();
            await worker.WaitForExitAsync(Stop);
            if (kill % Stage == 0 || kill == Kills) await CheckAsync(kill, history, story, load, trouble, Stopwatch.GetElapsedTime(started));
        }
        Directory.Delete(schemas, recursive: true);
    }

    async Task CheckAsync(int kills, SourceHistory history, LogStory story, MixedLoad load, Disasters trouble, TimeSpan took)
    {
        await history.ReadAsync(Stop);
        await story.ReadAsync(Stop);
        var wrong = story.Compare(history).Take(20).ToList();
        var line = $"{kills} kills in {took.TotalSeconds:0} s, {history.Count:n0} changes of {history.Deeds.Count:n0} keys, {story.Count:n0} told, {wrong.Count} wrong; {string.Join(", ", trouble.Struck.Select(s => $"{s.Value} {s.Key}"))}; "
            + $"transactions that failed: {string.Join(", ", load.Failed.Select(f => $"{f.Value} {f.Key}"))}";
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("CDCSYNC_KILLS_LOG") is { Length: > 0 } file) await File.AppendAllLinesAsync(file, [line, .. wrong], Stop);
        if (kills == Kills) Assert.Empty(wrong);
    }

    static async Task CaughtUpAsync(IEventLog log, string name, string source, Process worker)
    {
        await using var opened = new NpgsqlConnection(source + ";Pooling=false");
        await opened.OpenAsync(Stop);
        await using var query = new NpgsqlCommand("select pg_current_wal_insert_lsn()::text", opened);
        var place = new SourcePosition(Sql.Lsn((string)(await query.ExecuteScalarAsync(Stop))!) - 1, 0);
        var started = Stopwatch.GetTimestamp();
        while (await log.ReadBookmarkAsync(name, Stop) is not { } bookmark || bookmark.Position < place || !Captured.IsDone(bookmark))
        {
            Assert.True(!worker.HasExited, $"The worker gave up by itself: {(worker.HasExited ? await worker.StandardError.ReadToEndAsync(Stop) : "")}");
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(5), $"Not caught up with {place} within 5 min");
            await Task.Delay(200, Stop);
        }
    }

    static async Task<long> BehindAsync(string source)
    {
        await using var opened = new NpgsqlConnection(source + ";Pooling=false");
        await opened.OpenAsync(Stop);
        await using var query = new NpgsqlCommand("select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint from pg_replication_slots", opened);
        return await query.ExecuteScalarAsync(Stop) as long? ?? 0;
    }

    static string Through(string direct, TcpCut wire) => new NpgsqlConnectionStringBuilder(direct) { Port = wire.Port }.ConnectionString;
}
