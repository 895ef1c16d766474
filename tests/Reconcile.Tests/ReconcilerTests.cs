using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using CdcSync.Reconcile.Reporting;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Reconcile.Tests;

public sealed class ReconcilerTests(TestPostgres postgres) : IDisposable
{
    readonly string _reports = Path.Combine(Path.GetTempPath(), $"reconcile-test-{Guid.NewGuid():n}");
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_deleted_changed_and_added_behind_its_back_are_reported_exactly_repaired_and_then_agree()
    {
        await using var tables = await NewAsync(5000);
        await tables.RunAsync("""
            delete from target where right(key, 2) = '13';
            update target set amount = amount + 1 where right(key, 2) = '42';
            insert into target select 'X' || n, 'somebody''s own', 1 from generate_series(1, 50) n
            """);

        var found = await RunAsync(tables);
        Assert.Equal(3, found.ExitCode);
        Assert.Equal([.. Numbers(13).Concat(Numbers(42)).Concat(Enumerable.Range(1, 50).Select(n => $"X{n}")).Order(StringComparer.Ordinal)], found.Differences.Select(d => d.Key));
        Assert.Equal([50, 50, 50], Enum.GetValues<DifferenceKind>().Select(k => found.Differences.Count(d => d.Kind == k)));
        Assert.All(found.Differences.Where(d => d.Kind == DifferenceKind.Changed), d => Assert.Equal("amount", Assert.Single(d.Fields).Field));
        Assert.All(found.Differences, d => Assert.Equal(DifferenceCause.ChangedAtTarget, d.Cause));

        var preview = await RunAsync(tables, new RepairRequest(DryRun: true));
        Assert.Equal((150, 0, 3), ((int)preview.Left, tables.Repaired, preview.ExitCode));
        Assert.All(preview.Differences, d => Assert.StartsWith("would be", d.Repair, StringComparison.Ordinal));

        var repaired = await RunAsync(tables, new RepairRequest());
        Assert.Equal((0, 150), (repaired.ExitCode, tables.Repaired));
        Assert.All(repaired.Differences, d => Assert.True(d.Repaired));

        var after = await RunAsync(tables);
        Assert.Equal((0, 0, 5000L), (after.ExitCode, after.Differences.Count, after.Equal));
    }

    [Fact]
    public async Task What_is_on_its_way_under_running_writes_is_no_difference()
    {
        await using var tables = await NewAsync(2000);
        await tables.RunAsync("update target set amount = -1 where key = 'K0000500'");
        using var traffic = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        // Each change reaches the target a while after the source, as a pipeline does.
        var writing = Task.Run(async () =>
        {
            for (var n = 0; !traffic.IsCancellationRequested; n++)
            {
                var keys = $"key between 'K{1000 + n % 900:0000000}' and 'K{1040 + n % 900:0000000}'";
                await tables.RunAsync($"update source set amount = amount + 1 where {keys}");
                await Task.Delay(60, CancellationToken.None);
                await tables.RunAsync($"update target t set amount = s.amount from source s where s.key = t.key and t.{keys}");
            }
        }, Stop);

        var runs = new List<ReconcileRun>();
        for (var i = 0; i < 4; i++) runs.Add(await RunAsync(tables, settings: Settings with { Rereads = 8, RereadAfter = TimeSpan.FromMilliseconds(300) }));
        await traffic.CancelAsync();
        await writing;

        Assert.All(runs, r => Assert.Equal("K0000500", Assert.Single(r.Differences).Key));
        Assert.Contains(runs, r => r.Settled > 0);
    }

    [Fact]
    public async Task Each_difference_has_its_cause()
    {
        await using var tables = await NewAsync(100);
        await tables.RunAsync("delete from target where key in ('K0000001', 'K0000002', 'K0000003', 'K0000004')");
        var (older, newer) = (new SourcePosition(5, 0), new SourcePosition(9, 0));
        tables.Traces["K0000001"] = null;
        tables.Traces["K0000002"] = new DeliveryTrace(newer, older, null, null);
        tables.Traces["K0000003"] = new DeliveryTrace(newer, older, "refused: 422 no such category", null);

        var run = await RunAsync(tables);

        Assert.Equal([DifferenceCause.NeverCaptured, DifferenceCause.Waiting, DifferenceCause.DeadLettered, DifferenceCause.ChangedAtTarget], run.Differences.Select(d => d.Cause));
        Assert.Contains("no such category", run.Differences[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_makes_something_else_of_it_is_a_matter_of_mapping()
    {
        await using var tables = await NewAsync(100);
        await tables.RunAsync("update target set amount = round(amount, 1)");

        var run = await RunAsync(tables);

        Assert.Equal(90, run.Differences.Count);
        Assert.All(run.Differences, d => Assert.Equal(DifferenceCause.Mapping, d.Cause));
        var tolerant = await RunAsync(tables, settings: Settings with { Tolerances = new Dictionary<string, decimal> { ["amount"] = 0.05m } });
        Assert.Equal((0, 90L), (tolerant.ExitCode, tolerant.WithinTolerance));
        var ignoring = await RunAsync(tables, settings: Settings with { Ignore = ["amount"] });
        Assert.Equal((0, 100L), (ignoring.ExitCode, ignoring.Equal));
    }

    [Fact]
    public async Task Repair_says_what_it_could_not_close()
    {
        await using var tables = await NewAsync(100);
        await tables.RunAsync("delete from target where key = 'K0000001'; update target set amount = 0.9 where key = 'K0000095'; delete from target where key = 'K0000007'");
        tables.Refuses.Add("K0000001");
        tables.Takes = amount => Math.Round(amount, 1);
        tables.Traces["K0000007"] = new DeliveryTrace(new SourcePosition(9, 0), null, null, null);

        var run = await RunAsync(tables, new RepairRequest());

        Assert.Equal(3, run.ExitCode);
        Assert.Equal(["refused: 422: the shop does not like it", "not repaired: it is on its way"], run.Differences.Take(2).Select(d => d.Repair));
        Assert.Equal(("sent, and it differs still: amount", false), (run.Differences[2].Repair, run.Differences[2].Repaired));
    }

    [Fact]
    public async Task An_emptied_source_does_not_empty_the_target()
    {
        await using var tables = await NewAsync(100);
        await tables.RunAsync("delete from source where key > 'K0000050'");

        var refused = await RunAsync(tables, new RepairRequest());
        Assert.Equal((3, 0), (refused.ExitCode, tables.Repaired));
        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);

        var forced = await RunAsync(tables, new RepairRequest(Force: true));
        Assert.Equal((0, 50), (forced.ExitCode, tables.Repaired));
    }

    [Fact]
    public async Task Differences_above_the_limit_are_counted()
    {
        await using var tables = await NewAsync(100);
        await tables.RunAsync("delete from target");

        var run = await RunAsync(tables, settings: Settings with { MaxDifferences = 30 });

        Assert.Equal((30, 70L, 100L, 3), (run.Differences.Count, run.Unexamined, run.Left, run.ExitCode));
    }

    [Theory]
    [InlineData("shop has the key 'b' twice", "a", "b", "b", "c")]
    [InlineData("'a' comes after 'b'", "b", "a", "c")]
    public async Task Sides_out_of_order_cannot_be_compared(string message, params string[] keys)
    {
        await using var tables = await NewAsync(1);
        var ends = tables.Ends with { Source = new ListedSide("erp", [("a", "1")]), Target = new ListedSide("shop", keys.Select(k => (k, (string?)"1"))) };

        var run = await new Reconciler(Settings, ends, tables.Database, TimeProvider.System, NullLogger.Instance).RunAsync(null, Stop);

        Assert.Equal(4, run.ExitCode);
        Assert.Contains(message, run.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_run_of_one_name_waits_for_no_one()
    {
        await using var tables = await NewAsync(1);
        await new RunHistory(tables.Database).PrepareAsync(Stop);
        await using var turn = await RunTurn.TryTakeAsync(tables.Database, Settings.Name, Stop);

        var run = await RunAsync(tables);

        Assert.Equal(4, run.ExitCode);
        Assert.Contains("another run", run.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Reports_are_whole_and_history_knows_them()
    {
        await using var tables = await NewAsync(30);
        await tables.RunAsync("update target set name = '<b>=cmd(\"x\")</b>', amount = -5 where key = 'K0000002'; insert into target values ('=X', '=1+1', 1)");

        var run = await RunAsync(tables);

        var html = await File.ReadAllTextAsync(run.Reports.Single(r => r.EndsWith(".html", StringComparison.Ordinal)), Stop);
        Assert.Contains("&lt;b&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>=cmd", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        var csv = await File.ReadAllLinesAsync(run.Reports.Single(r => r.EndsWith(".csv", StringComparison.Ordinal)), Stop);
        Assert.Equal("key,origin,kind,cause,reason,field,source,target,repair,repaired", csv[0]);
        Assert.Contains(csv, l => l.StartsWith("'=X,", StringComparison.Ordinal));
        Assert.Contains(csv, l => l.Contains(",amount,0.02,-5,", StringComparison.Ordinal));
        using var json = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(run.Reports.Single(r => r.EndsWith(".json", StringComparison.Ordinal)), Stop));
        Assert.Equal("changed_at_target", json.RootElement.GetProperty("differences")[0].GetProperty("cause").GetString());

        var history = new RunHistory(tables.Database);
        var kept = Assert.Single(await history.NewestAsync(Settings.Name, 10, Stop));
        Assert.Equal((run.Id, run.Outcome, 3), (kept.Id, kept.Outcome, kept.Reports.Count));
        Assert.Equal(run.Differences.Select(d => (d.Key, d.Kind, d.Cause)), (await history.DifferencesAsync(run.Id, Stop)).Select(d => (d.Key, d.Kind, d.Cause)));
    }

    ReconcileSettings Settings => new() { Name = "shop_items", Object = "item", Sink = "shop", Reports = _reports, Rereads = 2, RereadAfter = TimeSpan.FromMilliseconds(50) };

    async Task<TwoTables> NewAsync(int rows) => await TwoTables.CreateAsync(await postgres.NewDatabaseAsync("reconcile"), rows);

    Task<ReconcileRun> RunAsync(TwoTables tables, RepairRequest? repair = null, ReconcileSettings? settings = null) =>
        new Reconciler(settings ?? Settings, tables.Ends, tables.Database, TimeProvider.System, NullLogger.Instance).RunAsync(repair, Stop);

    static IEnumerable<string> Numbers(int ending) => Enumerable.Range(0, 50).Select(n => $"K{n * 100 + ending:0000000}");

    public void Dispose()
    {
        if (Directory.Exists(_reports)) Directory.Delete(_reports, recursive: true);
    }
}
