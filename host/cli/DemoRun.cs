using CdcSync.Contract.Canonical;
using CdcSync.Demo;
using CdcSync.Demo.Shop;
using CdcSync.Host.Run;
using CdcSync.Mdm;
using CdcSync.Reconcile;
using CdcSync.Sinks.Delivery;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CdcSync.Host.Cli;

/// <summary>The demo's course: existing data, live traffic, catching up, reconciliation, and what came out.</summary>
sealed class DemoRun(CommandContext context, Appliance appliance, RoleSupervisor supervisor, DemoDatabases databases, ILoggerFactory loggers, string folder, ShopServer shop)
{
    const int OperationsPerSecond = 40;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    readonly DemoTraffic _traffic = new(databases.Erp, databases.Wms, seed: 7);
    string _phase = "reading what is there";

    /// <summary>What moved, at one moment.</summary>
    sealed record Counts(long Captured, long Published, long Golden, long Merged, long Delivered, long Waiting, bool CaughtUp, IReadOnlyList<RoleState> Roles);

    public async Task<int> RunAsync(int seconds, bool keep, CancellationToken stop)
    {
        var failed = "";
        Counts last = new(0, 0, 0, 0, 0, 0, false, []);
        if (context.AsJson || !AnsiConsole.Profile.Capabilities.Interactive) last = await CourseAsync(seconds, (counts, _) => context.Say(Line(counts)), stop);
        else await AnsiConsole.Live(new Text("")).StartAsync(async live => last = await CourseAsync(seconds, (counts, rates) => live.UpdateTarget(Screen(counts, rates)), stop));
        if (!last.CaughtUp) failed = $"The pipeline did not catch up within {Patience.TotalSeconds:0} s; see {folder}/cdcsync.log";
        context.Say($"\n{_traffic.Operations} business operations in the ERP and the WMS are in the shop and in finance. Reconciling ...\n");
        var (differences, compared) = await ReconcileAsync(stop);
        await ShowMergedAsync(stop);
        context.Say($"\nShop: {shop.Url}   Reports: {folder}\n{failed}");
        if (keep) await StayAsync(stop);
        var counts = await CountAsync(stop.IsCancellationRequested ? CancellationToken.None : stop);
        context.Write(new { counts.Captured, counts.Published, counts.Golden, counts.Merged, counts.Delivered, Differences = differences },
            c => $"captured {c.Captured}, published {c.Published}, golden {c.Golden} of which merged {c.Merged}, delivered {c.Delivered}, differences {c.Differences}");
        return failed.Length > 0 ? ExitCode.Failed : compared ? differences == 0 ? ExitCode.Done : ExitCode.Differences : ExitCode.CouldNotCompare;
    }

    async Task<Counts> CourseAsync(int seconds, Action<Counts, Counts?> show, CancellationToken stop)
    {
        var last = await SettleAsync(show, stop);
        _phase = "business in the ERP and the WMS";
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        over.CancelAfter(TimeSpan.FromSeconds(seconds));
        var traffic = _traffic.RunAsync(OperationsPerSecond, over.Token);
        while (!over.IsCancellationRequested)
        {
            var counts = await CountAsync(stop);
            show(counts, last);
            last = counts;
            await Task.WhenAny(traffic, Task.Delay(1000, stop));
            if (traffic.IsFaulted) break;
        }
        await traffic;
        _phase = "catching up";
        return await SettleAsync(show, stop);
    }

    // Nothing new in the log for two seconds, and every sink has it.
    async Task<Counts> SettleAsync(Action<Counts, Counts?> show, CancellationToken stop)
    {
        var until = DateTimeOffset.UtcNow + Patience;
        var last = await CountAsync(stop);
        for (var quiet = 0; quiet < 2 && DateTimeOffset.UtcNow < until;)
        {
            await Task.Delay(1000, stop);
            var counts = await CountAsync(stop);
            show(counts, last);
            quiet = counts.CaughtUp && counts.Published > 0 && counts.Golden > 0 && counts.Published == last.Published && counts.Golden == last.Golden ? quiet + 1 : 0;
            last = counts with { CaughtUp = quiet > 0 };
        }
        return last;
    }

    async Task<Counts> CountAsync(CancellationToken stop)
    {
        var topics = await appliance.Log.ListTopicsAsync(stop);
        long Written(Func<string, bool> which) => topics.Where(t => which(t.Name)).Sum(t => t.Partitions.Sum(p => p.Next));
        var golden = await new GoldenDirectory(appliance.Store, appliance.Settings.Mdm!).CountAsync(stop);
        var sinks = await new DeliveryStatuses(appliance.Store).ListAsync(stop);
        return new(Written(n => n.StartsWith("erp.", StringComparison.Ordinal) || n.StartsWith("wms.", StringComparison.Ordinal)), Written(n => n.StartsWith("canonical.", StringComparison.Ordinal)),
            golden.Sum(g => g.Golden), golden.Sum(g => g.Merged), sinks.Sum(s => s.Delivered), sinks.Sum(s => s.Waiting),
            sinks.Count == appliance.Settings.Sinks.Count && sinks.All(s => s.CaughtUp), supervisor.States);
    }

    string Line(Counts c) =>
        $"{DateTimeOffset.UtcNow:HH:mm:ss}  {_phase}: captured {c.Captured}, published {c.Published}, golden {c.Golden} (merged {c.Merged}), delivered {c.Delivered}, waiting {c.Waiting}, operations {_traffic.Operations}";

    Table Screen(Counts now, Counts? before)
    {
        string Rate(Func<Counts, long> of) => before is null ? "" : $"{of(now) - of(before)}/s";
        var table = new Table().RoundedBorder().Title($"[bold]CdcSync[/]  {_phase}").AddColumns("", "total", "now");
        table.AddRow("business operations", $"{_traffic.Operations}", _phase.StartsWith("business", StringComparison.Ordinal) ? $"{OperationsPerSecond}/s" : "");
        table.AddRow("rows captured (raw topics)", $"{now.Captured}", Rate(c => c.Captured));
        table.AddRow("canonical records", $"{now.Published}", Rate(c => c.Published));
        table.AddRow("golden records", $"{now.Golden}", $"[green]{now.Merged} merged[/]");
        table.AddRow("delivered to shop and finance", $"{now.Delivered}", Rate(c => c.Delivered));
        table.AddRow("waiting for delivery", $"{now.Waiting}", now.CaughtUp ? "[green]caught up[/]" : "");
        foreach (var role in now.Roles.Where(r => r.State != "running")) table.AddRow((IRenderable)new Text(role.Name), new Text(role.State), new Text(role.Reason ?? ""));
        return table;
    }

    async Task<(long Differences, bool Compared)> ReconcileAsync(CancellationToken stop)
    {
        var (left, compared) = (0L, true);
        foreach (var settings in appliance.Settings.Reconcile)
        {
            var run = await new Comparisons(appliance, loggers, TimeProvider.System).Open(settings).RunAsync(null, stop);
            left += run.Left;
            compared &= run.Outcome != ReconcileOutcome.CouldNotCompare;
            context.Say($"  {run.Name,-18} {run.SourceRecords,6} records in {run.Source,-16} {run.TargetRecords,6} in {run.Target,-8} {(run.Outcome == ReconcileOutcome.Agree ? "agree" : $"{run.Left} differences {run.Message}")}   " +
                $"{run.Reports.FirstOrDefault(r => r.EndsWith(".html", StringComparison.Ordinal))}");
        }
        return (left, compared);
    }

    async Task ShowMergedAsync(CancellationToken stop)
    {
        context.Say("\nCustomers that were one, in both spellings (all: finance.sync.customer):\n");
        foreach (var golden in await new GoldenDirectory(appliance.Store, appliance.Settings.Mdm!).MergedAsync("customer", 5, stop))
            context.Say($"  {golden.Id}  {((Customer)golden.Object).Name}\n{string.Join('\n', golden.Members.Select(m => $"             {m.Key,-14} {m.Name}"))}");
    }

    async Task StayAsync(CancellationToken stop)
    {
        context.Say("Staying up, with traffic, until Ctrl-C.");
        await _traffic.RunAsync(OperationsPerSecond, stop);
    }
}
