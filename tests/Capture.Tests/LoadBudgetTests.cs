using CdcSync.Capture.Care;
using CdcSync.Contract.Settings;
using CdcSync.Servers;
using Microsoft.Extensions.Logging;
using Npgsql;
using Npgsql.Replication;

namespace CdcSync.Capture.Tests;

/// <summary>Snapshots cost the source no more than they may, and say how long they waited and why; the stream is not held back.</summary>
public class LoadBudgetTests(TestPostgres postgres)
{
    [Fact]
    public void The_bucket_holds_a_second_and_whoever_reads_pays_into_the_same_one()
    {
        var clock = new StepClock();
        var load = new LoadBudget("t", new LoadSettings { RowsPerSecond = 100, BytesPerSecond = 1000 }, new Said(), clock);
        clock.Step(TimeSpan.FromHours(1));
        Assert.True(load.MayRead(TestContext.Current.CancellationToken));
        Assert.Equal(TimeSpan.Zero, load.Spend(60, 10));
        Assert.Equal(TimeSpan.Zero, load.Spend(40, 10));
        Assert.Equal(TimeSpan.FromSeconds(0.5), load.Spend(50, 10));
        Assert.False(load.MayRead(TestContext.Current.CancellationToken));
        Assert.Equal("rows", load.Waits.WaitsFor);
        clock.Step(TimeSpan.FromSeconds(0.5));
        Assert.True(load.MayRead(TestContext.Current.CancellationToken));
        Assert.Equal((TimeSpan.FromSeconds(0.5), null), load.Waits);
        Assert.Equal(TimeSpan.FromSeconds(3), load.Spend(1, 3000));      // the dearer of both counts
        Assert.False(load.MayRead(TestContext.Current.CancellationToken));
        Assert.Equal("bytes", load.Waits.WaitsFor);
        clock.Step(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromSeconds(1), load.Spend(200, 0));       // an hour's rest buys no more than a second
        Assert.Equal((100, 4096, 1), (load.Rows(8192), load.Bytes(1 << 20), new LoadBudget("t", new() { Connections = 1 }, new Said(), clock).Readers(4)));
        Assert.Equal(TimeSpan.Zero, new LoadBudget("t", new(), new Said(), clock).Spend(int.MaxValue, long.MaxValue));
    }

    [Fact]
    public async Task Who_waits_reads_a_little_and_waits_again_has_waited_since_the_first_time()
    {
        var clock = new StepClock();
        var load = new LoadBudget("t", new LoadSettings { RowsPerSecond = 100, BytesPerSecond = 1000 }, new Said(), clock);
        clock.Step(TimeSpan.FromHours(1));
        Assert.Null(load.Wait);
        var began = clock.GetUtcNow();
        for (var i = 0; i < 5; i++)
        {
            load.Spend(i == 0 ? 300 : 200, 0);
            Assert.False(load.MayRead(TestContext.Current.CancellationToken));
            Assert.True(load.Wait is { Limit: "rows_per_second", Value: 100 } wait && wait.For == TimeSpan.FromSeconds(2 * i) && wait.Since - began < TimeSpan.FromMinutes(1), $"{load.Wait}");
            clock.Step(TimeSpan.FromSeconds(2));
            Assert.True(load.MayRead(TestContext.Current.CancellationToken));
        }
        load.Spend(1, 9000);
        Assert.False(load.MayRead(TestContext.Current.CancellationToken));
        Assert.Equal(("bytes_per_second", 1000, TimeSpan.Zero), (load.Wait!.Limit, load.Wait.Value, load.Wait.For));     // another limit
        clock.Step(TimeSpan.FromSeconds(20));
        Assert.Null(load.Wait);      // nobody has asked since
        load.Spend(2000, 0);
        using var stop = new CancellationTokenSource();
        var waiting = load.SpendAsync(1, 0, stop.Token).AsTask();
        Assert.Equal("rows_per_second", load.Wait!.Limit);
        await stop.CancelAsync();
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.Null(load.Wait);
        Assert.Null(load.Waits.WaitsFor);
    }

    [Fact]
    public async Task The_first_snapshot_keeps_to_its_rows_a_second_with_several_readers()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table a(id int primary key, t text); insert into a select g, repeat('x', 500) from generate_series(1, 4000) g; analyze a");
        await using var captured = new Captured(connection);
        captured.Settings = captured.Settings with { BatchBytes = 65536, Load = new LoadSettings { RowsPerSecond = 1000 } };
        var at = TimeProvider.System.GetTimestamp();
        captured.Start();
        SnapshotStatus? seen = null;
        while (captured.Log.Records.Count(r => r.Topic == "t.public.a") < 4000)
        {
            if (captured.Worker?.Status.Snapshot is { WaitsFor: "rows" } now) seen = now;
            if (captured.Running.IsCompleted) await captured.Running;
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
        // Four seconds' worth: the first is in the bucket, and nobody waits after the last piece.
        Assert.True(TimeProvider.System.GetElapsedTime(at) > TimeSpan.FromSeconds(2.5), $"{TimeProvider.System.GetElapsedTime(at)}");
        Assert.True(seen is { Waited.TotalSeconds: > 0.5 }, $"{seen}");
        Assert.Equal(Enumerable.Range(1, 4000), await IdsAsync(captured));
    }

    [Fact]
    public async Task Rows_read_beside_the_stream_keep_to_it_and_the_stream_does_not_wait()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table a(id int primary key); insert into a select g from generate_series(1, 2000) g; create table b(id int primary key)");
        await using var captured = new Captured(connection);
        captured.Settings = captured.Settings with { Snapshot = Postgres.SnapshotMode.Never, Load = new LoadSettings { RowsPerSecond = 400 } };
        captured.Start();
        await captured.CaughtUpAsync();
        var at = TimeProvider.System.GetTimestamp();
        captured.Signals.Send("s", "execute-snapshot", """{"data-collections":["public.a"]}""");
        await captured.UntilAsync(records => records.Any(r => r.Topic == "t.public.a"));
        await captured.ExecuteAsync("insert into b values (1)");
        await captured.UntilAsync(records => records.Any(r => r.Topic == "t.public.b"));
        Assert.InRange(captured.Log.Records.Count(r => r.Topic == "t.public.a"), 1, 1999);
        await captured.UntilAsync(records => records.Count(r => r.Topic == "t.public.a") == 2000);
        // Five seconds' worth: the first is in the bucket, and nobody waits after the last.
        Assert.True(TimeProvider.System.GetElapsedTime(at) > TimeSpan.FromSeconds(2.9), $"{TimeProvider.System.GetElapsedTime(at)}");
        Assert.Equal(Enumerable.Range(1, 2000), await IdsAsync(captured));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_standby_that_falls_behind_holds_snapshots_until_it_has_caught_up(bool first)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table a(id int primary key); insert into a select g from generate_series(1, 100) g");
        await using var captured = new Captured(connection) { Said = { Least = LogLevel.Information } };
        captured.Settings = captured.Settings with { Snapshot = first ? Postgres.SnapshotMode.Initial : Postgres.SnapshotMode.Never, Load = new LoadSettings { ReplicationLag = 8 << 20 } };
        await using var standby = new PhysicalReplicationConnection(connection);
        await standby.Open(TestContext.Current.CancellationToken);
        var system = await standby.IdentifySystem(TestContext.Current.CancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var replaying = ReplayAsync(standby, system.XLogPos, () => captured.Said.Lines.Any(l => l.Contains("release", StringComparison.Ordinal)), end.Token);
        if (!first)
        {
            captured.Start();
            await captured.CaughtUpAsync();
        }
        await captured.ExecuteAsync("create table b(t text); insert into b select repeat(md5(g::text), 30) from generate_series(1, 20000) g");
        if (first) captured.Start();
        else captured.Signals.Send("s", "execute-snapshot", """{"data-collections":["public.a"]}""");
        for (var waited = 0; !captured.Said.Lines.Any(l => l.Contains("the snapshot waits", StringComparison.Ordinal)); waited++)
        {
            Assert.True(waited < 300, string.Join("\n", captured.Said.Lines));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(captured.Log.Records, r => r.Topic == "t.public.a");
        captured.Said.Lines.Enqueue("release");
        await captured.UntilAsync(records => records.Count(r => r.Topic == "t.public.a") == 100);
        await end.CancelAsync();
        await replaying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Theory]
    [InlineData(0, null, "load.rows_per_second")]
    [InlineData(1, 0L, "load.replication_lag")]
    public void Limits_that_cannot_be_are_refused(int rows, long? lag, string path) => Assert.Equal(path, Assert.Throws<SettingsException>(
        new Postgres.PostgresSettings { Name = "a", Connection = "Host=x", Load = new LoadSettings { RowsPerSecond = rows, ReplicationLag = lag } }.Validate).Path);

    // A standby that receives everything and replays nothing until it is released.
    static async Task ReplayAsync(PhysicalReplicationConnection standby, NpgsqlTypes.NpgsqlLogSequenceNumber from, Func<bool> isReleased, CancellationToken stop)
    {
        await foreach (var message in standby.StartReplication(from, stop))
        {
            standby.SetReplicationStatus(isReleased() ? message.WalEnd : from);
            await standby.SendStatusUpdate(stop);
        }
    }

    static async Task<IEnumerable<int>> IdsAsync(Captured captured) =>
        (await Told.RecordsAsync(captured, "t.public.a")).Select(r => (int)((Contract.Avro.AvroRecord)r.Value!["after"]!)["id"]!);
}
