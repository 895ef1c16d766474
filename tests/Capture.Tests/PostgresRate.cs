using System.Diagnostics;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>Not a test: prints the rate of a backlog into a log in memory. Run with CDCSYNC_RATE=rows.</summary>
public class PostgresRate(TestPostgres postgres)
{
    [Fact]
    public async Task Backlog_of_orders()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("CDCSYNC_RATE"), out var rows)) Assert.Skip("set CDCSYNC_RATE to a number of rows");
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, await File.ReadAllTextAsync(Needs.Shared("bench", "orders.sql"), TestContext.Current.CancellationToken));
        var log = new MemoryLog { Keep = false };
        await using var captured = new Captured(connection) { Log = log };
        captured.Start();
        await captured.CaughtUpAsync();
        await captured.StopAsync();
        await captured.ExecuteAsync($"call load({rows}, 1000)");
        var output = TestContext.Current.TestOutputHelper!;
        for (var round = 0; round < 1; round++)
        {
            var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            captured.Start();
            while (log.Count < rows) await Task.Delay(5, TestContext.Current.CancellationToken);
            output.WriteLine($"stream: {rows / watch.Elapsed.TotalSeconds:0} changes/s, {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds / rows * 1e6:0.0} CPU-s per million, {log.Bytes / log.Count} bytes each, {Environment.WorkingSet >> 20} MiB");
            await captured.StopAsync();
        }
        var again = new MemoryLog { Keep = false };
        await using var snapshot = new Captured(connection) { Log = again };
        var (start, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        snapshot.Start();
        while (again.Count < rows) await Task.Delay(5, TestContext.Current.CancellationToken);
        output.WriteLine($"snapshot: {rows / start.Elapsed.TotalSeconds:0} rows/s, {(Environment.CpuUsage.TotalTime - before).TotalSeconds / rows * 1e6:0.0} CPU-s per million");
    }
}
