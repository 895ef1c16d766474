using System.Diagnostics;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Reconcile.Tests;

/// <summary>How fast equal sides are compared, beside one ordered scan of both; measured when asked: <c>CDCSYNC_MEASURE=1</c>.</summary>
public sealed class MillionRows(TestPostgres postgres)
{
    [Fact]
    public async Task Equal_sides_beside_a_scan()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CDCSYNC_MEASURE") == "1", "a measurement, not a test: set CDCSYNC_MEASURE=1");
        var stop = TestContext.Current.CancellationToken;
        await using var tables = await TwoTables.CreateAsync(await postgres.NewDatabaseAsync("million"), 1_000_000);
        var settings = new ReconcileSettings { Name = "million", Object = "item", Sink = "shop", Reports = Path.GetTempPath() };
        for (var i = 0; i < 3; i++)
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var side in new[] { tables.Ends.Source, tables.Ends.Target })
                await foreach (var _ in side.ReadAsync(null, stop)) { }
            var scan = Stopwatch.GetElapsedTime(started);
            var run = await new Reconciler(settings, tables.Ends, tables.Database, TimeProvider.System, NullLogger.Instance).RunAsync(null, stop);
            Assert.Equal(1_000_000, run.Equal);
            var took = run.FinishedAt - run.StartedAt;
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"scan of both {scan.TotalSeconds:0.00} s, comparison {took.TotalSeconds:0.00} s: {scan / took:0.00} of its speed; peak working set {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB");
        }
    }
}
