using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.Servers.SqlServer;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Rows asked for while the stream goes on: chosen, in chunks, stopped, paused, resumed after a kill, and never older than what the stream told before.</summary>
public class SqlServerSignalTests
{
    static int Id(AvroRecord? value) => (int)((AvroRecord)(value!["after"] ?? value["before"])!)["id"]!;

    static string? Name(AvroRecord? value) => (string?)((AvroRecord?)value!["after"])?["name"];

    static string? Op(AvroRecord? value) => (string?)value!["op"];

    static string Marker(AvroRecord? value) => (string)((AvroRecord)value!["source"]!)["snapshot"]!;

    static string Ask(string table, string extra = "") => $$"""{"data-collections":["{{table}}"]{{extra}}}""";

    static async Task<SqlServerRig> FilledAsync(int rows = 100, SnapshotIsolation isolation = SnapshotIsolation.Snapshot)
    {
        var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { ChunkRows = 10, BatchChanges = 4, NotificationTopic = "told", SnapshotIsolation = isolation };
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; name nvarchar(50)");
        await rig.Server.CreateAsync(rig.Database, "dbo.other", "id int key; name nvarchar(50)");
        await rig.CommitAsync([.. Enumerable.Range(1, rows).Select(i => Insert("dbo.item", ("id", i), ("name", "n" + i))), Insert("dbo.other", ("id", 1), ("name", "o"))]);
        await rig.FollowAsync();
        return rig;
    }

    static async Task<List<string>> ToldAsync(SqlServerRig rig)
    {
        var told = new List<string>();
        foreach (var record in rig.Log.Records.Where(r => r.Topic == "told")) told.Add((string)(await rig.DecodeAsync(record.Value))!["type"]!);
        return told;
    }

    static Task UntilToldAsync(SqlServerRig rig, string type) => UntilToldAsync(rig, type, 1);

    static async Task UntilToldAsync(SqlServerRig rig, string type, int times)
    {
        for (var seen = -1; (await ToldAsync(rig)).Count(t => t == type) < times;)
        {
            var now = rig.Log.Records.Count;
            if (now == seen) await rig.UntilAsync(() => rig.Log.Records.Count > now);
            seen = now;
        }
    }

    [Theory]
    [InlineData("dbo.item")]
    [InlineData("DB.dbo.item")]
    public async Task Rows_of_a_table_come_again_in_chunks_while_the_stream_goes_on(string table)
    {
        await using var rig = await FilledAsync();
        rig.Signals.Send("s1", "execute-snapshot", Ask(table.Replace("DB", rig.Database, StringComparison.Ordinal)));
        await UntilToldAsync(rig, "COMPLETED");
        await rig.CommitAsync(Insert("dbo.item", ("id", 101)));
        await rig.UntilAsync(() => rig.Log.Records.Any(r => r.Topic.EndsWith("dbo.item", StringComparison.Ordinal)) && rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.item", StringComparison.Ordinal)) == 101);
        var values = await rig.ValuesAsync();
        Assert.Equal(Enumerable.Range(1, 101), values.Select(Id));
        Assert.All(values.Take(100), v => Assert.Equal(("r", "incremental"), (Op(v), Marker(v))));
        Assert.Empty(await rig.ValuesAsync("dbo.other"));
        var told = await ToldAsync(rig);
        Assert.Equal(["STARTED", "DATA_COLLECTIONS_RESOLVED", .. Enumerable.Repeat("IN_PROGRESS", 10), "TABLE_SCAN_COMPLETED", "COMPLETED"], told);
    }

    [Fact]
    public async Task A_condition_chooses_rows_and_a_wrong_one_leaves_the_table_out_and_streams_on()
    {
        await using var rig = await FilledAsync();
        rig.Signals.Send("s1", "execute-snapshot", Ask("dbo.item", ""","additional-conditions":[{"data-collection":"dbo.item","filter":"id > 93"}]"""));
        await UntilToldAsync(rig, "COMPLETED");
        Assert.Equal(Enumerable.Range(94, 7), (await rig.ValuesAsync()).Select(Id));
        rig.Signals.Send("s2", "execute-snapshot", Ask("dbo.item", ""","additional-conditions":[{"data-collection":"dbo.item","filter":"nope > 93"}]"""));
        await UntilToldAsync(rig, "COMPLETED", 2);
        await rig.CommitAsync(Insert("dbo.item", ("id", 200)));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.item", StringComparison.Ordinal)) == 8);
    }

    // The capture job is held back while a chunk waits: what changed meanwhile comes from the stream, and the chunk never undoes it.
    [Fact]
    public async Task A_chunk_never_follows_a_newer_change_of_its_rows()
    {
        await using var rig = await FilledAsync(rows: 30);
        var model = rig.Server.ModelOrSkip(rig.Database);
        var changed = 0;
        rig.Server.Model.Before = (name, _, _) =>
        {
            // After each chunk's rows were read, before its moment.
            if (name == "moment" && Interlocked.Increment(ref changed) is <= 3 and var n)
                model.Commit([Update("dbo.item", ("id", n * 10), ("name", "newer")), Delete("dbo.item", ("id", n * 10 - 1)), Insert("dbo.item", ("id", 100 + n), ("name", "late"))]);
            return Task.CompletedTask;
        };
        rig.Signals.Send("s1", "execute-snapshot", Ask("dbo.item"));
        await UntilToldAsync(rig, "COMPLETED");
        var last = new Dictionary<int, AvroRecord?>();
        foreach (var value in await rig.ValuesAsync())
            if (value is not null) last[Id(value)] = value;
        Assert.All((int[])[10, 20, 30], id => Assert.Equal(("u", "newer"), (Op(last[id]), Name(last[id]))));
        Assert.All((int[])[9, 19, 29], id => Assert.Equal("d", Op(last[id])));
        Assert.All((int[])[101, 102, 103], id => Assert.Equal("c", Op(last[id])));
        Assert.Equal(24, last.Values.Count(v => Op(v) == "r"));
    }

    [Fact]
    public async Task A_snapshot_is_paused_resumed_and_stopped_between_chunks()
    {
        await using var rig = await FilledAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        var chunks = 0;
        rig.Server.Model.Before = (name, _, _) =>
        {
            if (name == "moment" && Interlocked.Increment(ref chunks) is 3 or 7) rig.Signals.Send($"p{chunks}", chunks == 3 ? "pause-snapshot" : "stop-snapshot");
            return Task.CompletedTask;
        };
        rig.Signals.Send("s1", "execute-snapshot", Ask("dbo.item"));
        await UntilToldAsync(rig, "PAUSED");
        var read = (await rig.ValuesAsync()).Count;
        Assert.InRange(read, 10, 50);
        await rig.CommitAsync(Insert("dbo.other", ("id", 2)));
        await rig.UntilAsync(() => rig.Log.Records.Any(r => r.Topic.EndsWith("dbo.other", StringComparison.Ordinal)));
        Assert.Equal(read, (await rig.ValuesAsync()).Count);
        rig.Signals.Send("r", "resume-snapshot");
        await UntilToldAsync(rig, "ABORTED");
        await rig.CommitAsync(Insert("dbo.other", ("id", 3)));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.other", StringComparison.Ordinal)) == 2);
        var ids = (await rig.ValuesAsync()).ConvertAll(Id);
        Assert.Equal(Enumerable.Range(1, ids.Count), ids);
        Assert.InRange(ids.Count, read + 1, 99);
        Assert.NotNull(model.MaxLsn);
    }

    [Fact]
    public async Task A_snapshot_goes_on_after_a_stop_where_it_was_and_its_signal_is_carried_out_once()
    {
        await using var rig = await FilledAsync();
        rig.Signals.Send("s1", "execute-snapshot", Ask("dbo.item"));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.item", StringComparison.Ordinal)) >= 25);
        await rig.StopAsync();
        Assert.True((await rig.ValuesAsync()).Count < 100, "stopped too late to tell");
        rig.Start();
        await UntilToldAsync(rig, "COMPLETED");
        Assert.Equal(Enumerable.Range(1, 100), (await rig.ValuesAsync()).Select(Id));
        await rig.StopAsync();
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 101)));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.item", StringComparison.Ordinal)) > 100);
        Assert.Equal(101, (await rig.ValuesAsync()).Count);
    }

    [Theory]
    [InlineData(SnapshotIsolation.Snapshot)]
    [InlineData(SnapshotIsolation.Locks)]
    [InlineData(SnapshotIsolation.Chunks)]
    public async Task A_blocking_snapshot_marks_first_and_last_rows_and_the_stream_follows(SnapshotIsolation isolation)
    {
        await using var rig = await FilledAsync(isolation: isolation);
        rig.Signals.Send("s1", "execute-snapshot", """{"type":"blocking","data-collections":["dbo.item","dbo.other"]}""");
        await UntilToldAsync(rig, "COMPLETED");
        await rig.CommitAsync(Insert("dbo.item", ("id", 101)));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.item", StringComparison.Ordinal)) == 101);
        var values = await rig.ValuesAsync();
        Assert.Equal(Enumerable.Range(1, 101), values.Select(Id));
        Assert.Equal(["first", .. Enumerable.Repeat("true", 98), "last_in_data_collection", "false"], values.Select(Marker));
        Assert.Equal("last", Marker(Assert.Single(await rig.ValuesAsync("dbo.other"))));
    }

    const string Signal = "id nvarchar(42) key; type nvarchar(32); data nvarchar(2048)";

    static TestChange Row(string id, string type, string? data = null) => Insert("dbo.signal", ("id", id), ("type", type), ("data", data));

    static async Task<SqlServerRig> WithTableAsync(int rows = 100)
    {
        var rig = await FilledAsync(rows);
        await rig.StopAsync();
        await rig.Server.CreateAsync(rig.Database, "dbo.signal", Signal);
        rig.Settings = rig.Settings with { Signals = new() { Table = "dbo.signal" }, Tables = ["dbo.item", "dbo.other"] };
        await rig.FollowAsync();
        return rig;
    }

    [Fact]
    public async Task A_row_of_the_signal_table_is_a_signal_and_is_carried_out_once()
    {
        await using var rig = await WithTableAsync();
        await rig.CommitAsync(Insert("dbo.other", ("id", 2)), Row("s1", "execute-snapshot", Ask("dbo.item")), Insert("dbo.other", ("id", 3)));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.item", StringComparison.Ordinal)) >= 25);
        await rig.StopAsync();
        rig.Start();
        await UntilToldAsync(rig, "COMPLETED");
        await rig.StopAsync();
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 101)));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.item", StringComparison.Ordinal)) > 100);
        Assert.Equal(Enumerable.Range(1, 101), (await rig.ValuesAsync()).Select(Id));
        Assert.Equal(1, (await ToldAsync(rig)).Count(t => t == "STARTED"));
        // The row itself is published, as every row of a captured table is.
        Assert.Equal("c", Op(Assert.Single(await rig.ValuesAsync("dbo.signal"))));
    }

    [Fact]
    public async Task Rows_of_the_signal_table_pause_resume_and_stop()
    {
        await using var rig = await WithTableAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        var chunks = 0;
        rig.Server.Model.Before = (name, _, _) =>
        {
            if (name == "moment" && Interlocked.Increment(ref chunks) is 3 or 7) model.Commit([Row($"p{chunks}", chunks == 3 ? "pause-snapshot" : "stop-snapshot")]);
            return Task.CompletedTask;
        };
        await rig.CommitAsync(Row("s1", "execute-snapshot", Ask("dbo.item")));
        await UntilToldAsync(rig, "PAUSED");
        var read = (await rig.ValuesAsync()).Count;
        Assert.InRange(read, 10, 40);
        await rig.CommitAsync(Row("r", "resume-snapshot"));
        await UntilToldAsync(rig, "ABORTED");
        await rig.CommitAsync(Insert("dbo.item", ("id", 500)));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.item", StringComparison.Ordinal)) > read);
        Assert.InRange((await rig.ValuesAsync()).Count, read + 1, 99);
    }

    [Fact]
    public async Task A_row_that_stops_a_blocking_snapshot_while_it_is_read_leaves_the_stream_well()
    {
        await using var rig = await WithTableAsync(30);
        var model = rig.Server.ModelOrSkip(rig.Database);
        var once = 0;
        rig.Server.Model.Before = (name, _, _) =>
        {
            if (name == "fence" && Interlocked.Increment(ref once) == 1) model.Commit([Row("stop", "stop-snapshot")]);
            return Task.CompletedTask;
        };
        await rig.CommitAsync(Row("s1", "execute-snapshot", """{"type":"blocking","data-collections":["dbo.item","dbo.other"]}"""));
        await UntilToldAsync(rig, "ABORTED");
        await rig.CommitAsync(Insert("dbo.item", ("id", 500)));
        await UntilStreamedAsync(rig, 500);
    }

    static async Task UntilStreamedAsync(SqlServerRig rig, int id)
    {
        for (var seen = -1; !(await rig.ValuesAsync()).Exists(v => v is not null && Op(v) == "c" && Id(v) == id);)
        {
            var now = rig.Log.Records.Count;
            if (now == seen) await rig.UntilAsync(() => rig.Log.Records.Count > now);
            seen = now;
        }
    }

    [Fact]
    public async Task Each_database_has_its_own_signals()
    {
        await using var rig = await FilledAsync(20);
        await rig.StopAsync();
        var other = await rig.Server.NewDatabaseAsync();
        await rig.Server.CreateAsync(other, "dbo.item", "id int key; name nvarchar(50)");
        await rig.Server.CommitAsync(other, [.. Enumerable.Range(1, 15).Select(i => Insert("dbo.item", ("id", i)))]);
        foreach (var database in (string[])[rig.Database, other]) await rig.Server.CreateAsync(database, "dbo.signal", Signal);
        rig.Settings = rig.Settings with { Databases = [rig.Database, other], Signals = new() { Table = "dbo.signal" } };
        var said = new Said();
        rig.Logger = said;
        await rig.FollowAsync();
        await rig.Server.CommitAsync(other, Row("s1", "execute-snapshot", Ask("dbo.item")));
        await UntilToldAsync(rig, "COMPLETED");
        Assert.Equal(Enumerable.Range(1, 15), (await rig.ValuesAsync(database: other)).Select(Id));
        Assert.Empty(await rig.ValuesAsync());
        // From outside, a table is named with its database; without it, it is every database's.
        rig.Signals.Send("s2", "execute-snapshot", Ask($"{rig.Database}.dbo.item"));
        await UntilToldAsync(rig, "COMPLETED", 2);
        Assert.Equal((20, 15), ((await rig.ValuesAsync()).Count, (await rig.ValuesAsync(database: other)).Count));
        rig.Signals.Send("s3", "execute-snapshot", Ask("dbo.item"));
        await UntilToldAsync(rig, "COMPLETED", 4);
        Assert.Equal((40, 30), ((await rig.ValuesAsync()).Count, (await rig.ValuesAsync(database: other)).Count));
        // What is another database's is no fault here; what is nobody's is said.
        Assert.DoesNotContain(said.Lines, l => l.Contains("not carried out", StringComparison.Ordinal));
        rig.Signals.Send("s4", "execute-snapshot", Ask("dbo.nothing"));
        await rig.UntilAsync(() => said.Lines.Any(l => l.Contains("no captured table matches dbo.nothing", StringComparison.Ordinal)));
    }

    // Rows are told apart by the column named; one that gets another value meanwhile is not published under the former.
    [Fact]
    public async Task A_table_without_key_is_read_by_the_column_named_and_its_changes_are_not_undone()
    {
        await using var rig = await FilledAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.Server.CreateAsync(rig.Database, "dbo.loose", "no int; name nvarchar(50)");
        await rig.CommitAsync([.. Enumerable.Range(1, 25).Select(i => Insert("dbo.loose", ("no", 26 - i), ("name", "n")))]);
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.loose", StringComparison.Ordinal)) == 25);
        var once = 0;
        rig.Server.Model.Before = (name, _, _) =>
        {
            if (name == "moment" && Interlocked.Increment(ref once) == 1) model.Commit([Update("dbo.loose", ("no", 3), ("no", 90)), Update("dbo.loose", ("no", 4), ("name", "newer")), Delete("dbo.loose", ("no", 5))]);
            return Task.CompletedTask;
        };
        rig.Signals.Send("s1", "execute-snapshot", Ask("dbo.loose", ""","surrogate-key":"no" """));
        await UntilToldAsync(rig, "COMPLETED");
        var read = (await rig.ValuesAsync("dbo.loose")).Skip(25).Where(v => v is not null && Op(v) == "r").Select(v => (int)((AvroRecord)v!["after"]!)["no"]!);
        Assert.Equal(Enumerable.Range(1, 25).Except([3, 4, 5]), read);
    }

    [Fact]
    public async Task A_table_without_key_is_read_in_one_pass()
    {
        await using var rig = await FilledAsync();
        await rig.Server.CreateAsync(rig.Database, "dbo.loose", "no int; name nvarchar(50)");
        await rig.CommitAsync([.. Enumerable.Range(1, 25).Select(i => Insert("dbo.loose", ("no", i)))]);
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.loose", StringComparison.Ordinal)) == 25);
        rig.Signals.Send("s1", "execute-snapshot", Ask("dbo.loose"));
        await rig.UntilAsync(() => rig.Log.Records.Count(r => r.Topic.EndsWith("dbo.loose", StringComparison.Ordinal)) == 50);
        await UntilToldAsync(rig, "COMPLETED");
        Assert.Equal(25, (await rig.ValuesAsync("dbo.loose")).Count(v => Op(v) == "r"));
    }

    [Fact]
    public async Task With_change_tracking_tables_asked_for_come_again()
    {
        await using var rig = await SqlServerRig.NewAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        rig.Settings = rig.Settings with { Mode = CaptureMode.ChangeTracking, Snapshot = SnapshotStart.Initial };
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; name nvarchar(50)", captured: false);
        model.TrackedTables[model.Table("dbo.item")] = 0;
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)), Insert("dbo.item", ("id", 2)));
        await rig.FollowAsync();
        await rig.UntilAsync(2);
        rig.Signals.Send("s1", "execute-snapshot", Ask("dbo.item"));
        await rig.UntilAsync(4);
        Assert.Equal(["first", "true", "incremental", "incremental"], (await rig.ValuesAsync()).Select(Marker));
    }
}
