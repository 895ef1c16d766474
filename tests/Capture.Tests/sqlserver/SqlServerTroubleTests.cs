using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.Servers.SqlServer;
using CdcSync.Servers.Tds;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>What goes wrong at a source: each stops with its reason, or passes without loss.</summary>
public class SqlServerTroubleTests
{
    const string Item = "id int key; name nvarchar(50)";

    static async Task<SqlServerRig> StreamedAsync()
    {
        var rig = await SqlServerRig.NewAsync();
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item);
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("name", "one")));
        await rig.UntilAsync(1);
        return rig;
    }

    [Fact]
    public async Task A_second_capture_instance_takes_over_without_gap()
    {
        await using var rig = await StreamedAsync();
        rig.Settings = rig.Settings with { SchemaChanges = true };
        await rig.StopAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 2), ("name", "two")));
        await rig.Server.AddColumnAsync(rig.Database, "dbo.item", "colour nvarchar(20)");
        await rig.CommitAsync(Insert("dbo.item", ("id", 3), ("name", "three"), ("colour", "red")));
        await rig.Server.CaptureAsync(rig.Database, "dbo.item", "item_v2");
        await rig.CommitAsync(Insert("dbo.item", ("id", 4), ("name", "four"), ("colour", "green")));
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 5), ("name", "five"), ("colour", "blue")));
        await rig.UntilAsync(6);

        var rows = (await rig.ValuesAsync()).ConvertAll(v => (AvroRecord)v!["after"]!);
        Assert.Equal([1, 2, 3, 4, 5], rows.Select(r => (int)r["id"]!));
        Assert.Null(rows[2].Schema.Find("colour"));
        Assert.Equal(["green", "blue"], rows.Skip(3).Select(r => (string?)r["colour"]));
        var structure = Assert.Single(rig.Log.Records, r => r.Topic == "erp");
        var change = (AvroRecord)((IReadOnlyList<object?>)(await rig.DecodeAsync(structure.Value))!["tableChanges"]!)[0]!;
        Assert.Equal("ALTER", change["type"]);
        Assert.Equal($"\"{rig.Database}\".\"dbo\".\"item\"", change["id"]);
        Assert.Equal(3, ((IReadOnlyList<object?>)((AvroRecord)change["table"]!)["columns"]!).Count);
    }

    [Fact]
    public async Task An_old_instance_dropped_after_the_switch_does_no_harm_and_before_it_stops()
    {
        await using var rig = await StreamedAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        model.EnableCdc("dbo.item", "v2");
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        await rig.UntilAsync(2);
        await rig.CommitAsync(Insert("dbo.item", ("id", 3)));
        await rig.UntilAsync(3);
        model.DisableCdc("dbo_item");
        await rig.CommitAsync(Insert("dbo.item", ("id", 4)));
        await rig.UntilAsync(4);
        await rig.StopAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 5)));
        model.EnableCdc("dbo.item", "v3");
        model.DisableCdc("v2");
        await rig.CommitAsync(Insert("dbo.item", ("id", 6)));
        rig.Start();
        Assert.Contains("was dropped before it was read to its end", Assert.IsType<SourceException>(await rig.FailureAsync()).Message);
        Assert.Equal(4, rig.Log.Records.Count);
    }

    [Theory]
    [InlineData("dbo_item")]
    [InlineData("v2")]
    public async Task A_table_whose_capture_was_switched_off_and_on_again_meanwhile_stops_for_what_lies_between_is_nowhere(string again)
    {
        await using var rig = await StreamedAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.Server.CreateAsync(rig.Database, "dbo.other", "id int key");
        model.DisableCdc("dbo_item");
        for (var id = 1; id <= 2; id++)
        {
            await rig.CommitAsync(Insert("dbo.item", ("id", id + 1)), Insert("dbo.other", ("id", id)));      // the others go on
            await rig.UntilAsync(1 + id);
        }
        model.EnableCdc("dbo.item", again);
        await rig.CommitAsync(Insert("dbo.item", ("id", 9)));
        Assert.Contains("what changed between the end of dbo_item and that is nowhere", Assert.IsType<SourceException>(await rig.FailureAsync()).Message, StringComparison.Ordinal);
        Assert.Single(await rig.ValuesAsync());
        await Assert.ThrowsAsync<SourceException>(async () =>
        {
            rig.Start();     // nor after a restart
            throw await rig.FailureAsync();
        });
    }

    [Fact]
    public async Task Clean_up_that_overtook_us_is_said_and_nothing_after_it_is_published()
    {
        await using var rig = await StreamedAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.StopAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        await rig.CommitAsync(Insert("dbo.item", ("id", 3)));
        model.CleanUp(model.MaxLsn!);
        rig.Start();
        var stopped = Assert.IsType<SourceException>(await rig.FailureAsync());
        Assert.Contains("has deleted changes of dbo_item that were not read", stopped.Message);
        Assert.Contains("sp_cdc_change_job", stopped.Message);
        Assert.Single(rig.Log.Records);
    }

    [Fact]
    public async Task Clean_up_of_the_very_first_changes_is_found_too()
    {
        await using var rig = await SqlServerRig.NewAsync();
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item);
        await rig.FollowAsync();
        await rig.StopAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)));
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        model.CleanUp(model.MaxLsn!);
        rig.Start();
        Assert.Contains("has deleted changes", Assert.IsType<SourceException>(await rig.FailureAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(rig.Log.Records);
    }

    // The clean-up job comes between our look at the low water and our rows.
    [Fact]
    public async Task Clean_up_while_rows_are_read_is_found_before_they_are_published()
    {
        await using var rig = await StreamedAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.StopAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        await rig.CommitAsync(Insert("dbo.item", ("id", 3)));
        rig.Server.Model.Before = (name, _, _) =>
        {
            if (name == "changes") model.CleanUp(model.MaxLsn!);
            return Task.CompletedTask;
        };
        rig.Start();
        Assert.Contains("has deleted changes", Assert.IsType<SourceException>(await rig.FailureAsync()).Message);
        Assert.Single(rig.Log.Records);
    }

    [Fact]
    public async Task Clean_up_behind_us_is_nothing()
    {
        await using var rig = await StreamedAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        await rig.UntilAsync(2);
        model.CleanUp(model.MaxLsn!);
        await rig.CommitAsync(Insert("dbo.item", ("id", 3)));
        await rig.UntilAsync(3);
        await rig.StopAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 4)));
        rig.Start();
        await rig.UntilAsync(4);
    }

    [Fact]
    public async Task A_log_that_went_back_stops_with_an_explanation()
    {
        await using var rig = await StreamedAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        for (var i = 2; i < 10; i++) await rig.CommitAsync(Insert("dbo.item", ("id", i)));
        await rig.UntilAsync(9);
        model.Restore(logBack: 8, newFork: false);
        Assert.Contains("was restored", Assert.IsType<SourceException>(await rig.FailureAsync()).Message);
    }

    [Fact]
    public async Task A_restored_database_that_has_gone_on_is_known_by_its_fork()
    {
        await using var rig = await StreamedAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        for (var i = 2; i < 10; i++) await rig.CommitAsync(Insert("dbo.item", ("id", i)));
        await rig.UntilAsync(9);
        await rig.StopAsync();
        model.Restore(logBack: 9);
        for (var i = 20; i < 40; i++) model.Commit([.. Enumerable.Range(0, 4).Select(n => Insert("dbo.item", ("id", i + 100 * n)))]);
        rig.Start();
        Assert.Contains("was restored: its log is on recovery fork", Assert.IsType<SourceException>(await rig.FailureAsync()).Message);
        Assert.Equal(9, rig.Log.Records.Count);
    }

    [Fact]
    public async Task A_failover_that_changes_the_fork_but_kept_our_place_goes_on()
    {
        await using var rig = await StreamedAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.StopAsync();
        model.Fork = Guid.NewGuid();
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        rig.Start();
        await rig.UntilAsync(2);
    }

    [Fact]
    public async Task Wrong_passwords_missing_rights_and_missing_cdc_say_what_to_do()
    {
        await using var rig = await StreamedAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.StopAsync();
        rig.Server.Model.MayReadCdc = false;
        rig.Start();
        Assert.Contains("grant select on schema::cdc", Assert.IsType<SourceException>(await rig.FailureAsync()).Message);
        await rig.StopAsync();
        rig.Server.Model.MayReadCdc = true;
        model.IsCdcEnabled = false;
        rig.Start();
        Assert.Contains("sp_cdc_enable_db", Assert.IsType<SourceException>(await rig.FailureAsync()).Message);
        await rig.StopAsync();
        model.IsCdcEnabled = true;
        rig.Settings = rig.Settings with { Connection = rig.Settings.Connection.Replace("secret", "wrong", StringComparison.Ordinal) };
        rig.Start();
        Assert.Contains("Check user and password", Assert.IsType<SourceException>(await rig.FailureAsync()).Message);
    }

    [Fact]
    public async Task A_replica_is_asked_for_with_read_only_intent()
    {
        await using var rig = await SqlServerRig.NewAsync();
        rig.Server.ModelOrSkip(rig.Database);
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item);
        rig.Settings = rig.Settings with { Connection = rig.Settings.Connection + ";ApplicationIntent=ReadOnly" };
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)));
        await rig.UntilAsync(1);
        Assert.All(rig.Server.Model.Logins, l => Assert.True(l.ReadOnlyIntent));
    }

    [Fact]
    public async Task A_stop_in_a_long_statement_is_an_attention_and_comes_at_once()
    {
        await using var rig = await StreamedAsync();
        rig.Server.ModelOrSkip(rig.Database);
        var cancelled = new TaskCompletionSource();
        rig.Server.Model.Before = async (name, _, stop) =>
        {
            if (name != "max_lsn") return;
            try
            {
                await Task.Delay(Timeout.Infinite, stop);
            }
            finally
            {
                cancelled.TrySetResult();
            }
        };
        await Task.Delay(300, TestContext.Current.CancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        await rig.StopAsync();
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(1205)]
    [InlineData(1222)]
    [InlineData(40613)]
    public async Task Errors_that_pass_are_waited_out(int number)
    {
        await using var rig = await StreamedAsync();
        rig.Server.ModelOrSkip(rig.Database);
        var left = 3;
        rig.Server.Model.Before = (_, _, _) => Interlocked.Decrement(ref left) >= 0 ? throw new TdsErrorException(number, "not now") : Task.CompletedTask;
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        await rig.UntilAsync(2);
        Assert.True(left < 0);
    }

    [Fact]
    public async Task Preflight_names_each_fault_with_its_fix()
    {
        await using var rig = await SqlServerRig.NewAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.Server.CreateAsync(rig.Database, "dbo.item", Item);
        rig.Settings = rig.Settings with { Snapshot = SnapshotStart.Initial };
        await using var source = rig.Open();
        Assert.DoesNotContain(await source.CheckAsync(TestContext.Current.CancellationToken), f => f.Level == PreflightLevel.Fail);
        model.AllowsSnapshot = false;
        rig.Server.Model.AgentRuns = false;
        rig.Server.Model.Retention = 60;
        await rig.Server.CreateAsync(rig.Database, "dbo.other", "id int key; total as ([id]*(2))", captured: false);
        rig.Settings = rig.Settings with { Tables = ["dbo.item", "dbo.other"], Signals = new() { Table = "dbo.signal" } };
        await using var strict = rig.Open();
        var found = await strict.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Contains(found, f => f.Level == PreflightLevel.Fail && f.Fix!.Contains("allow_snapshot_isolation on", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Level == PreflightLevel.Fail && f.What.Contains("Agent does not run", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Level == PreflightLevel.Fail && f.What.Contains("dbo.other is not captured", StringComparison.Ordinal) && f.Fix!.Contains("sp_cdc_enable_table", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Level == PreflightLevel.Warn && f.What.Contains("signal table dbo.signal is not captured", StringComparison.Ordinal) && f.Fix!.Contains("N'signal'", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Level == PreflightLevel.Warn && f.What.Contains("kept for 1 h", StringComparison.Ordinal));
    }
}
