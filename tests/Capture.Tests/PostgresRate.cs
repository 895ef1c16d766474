using System.Diagnostics;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>Not a test: prints rate and cost of a backlog, in a process of its own. Run with CDCSYNC_RATE=changes, and CDCSYNC_RATE_LOGS=none,postgres,kafka.</summary>
public class PostgresRate(TestPostgres postgres, TestKafka kafka)
{
    [Fact]
    public async Task Backlog_of_orders()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("CDCSYNC_RATE"), out var rows)) Assert.Skip("set CDCSYNC_RATE to a number of changes");
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, await File.ReadAllTextAsync(Needs.Shared("bench", "orders.sql"), TestContext.Current.CancellationToken));
        foreach (var log in (Environment.GetEnvironmentVariable("CDCSYNC_RATE_LOGS") ?? "none,postgres").Split(','))
        {
            var place = log switch { "postgres" => await postgres.NewDatabaseAsync("store"), "kafka" => await kafka.BootstrapAsync(), _ => "-" };
            var name = $"r{Guid.NewGuid():n}"[..10];
            await TestPostgres.ExecuteAsync(connection, $"truncate orders; create publication cdcsync_{name} for table orders with (publish_via_partition_root = true)");
            await TestPostgres.ExecuteAsync(connection, $"select pg_create_logical_replication_slot('cdcsync_{name}', 'pgoutput'); call load({rows}, 1000)".Split(';')[0]);
            await TestPostgres.ExecuteAsync(connection, $"call load({rows}, 1000)");
            // First the rows by snapshot would hide the stream: the slot is older than they are, so both come; the stream first.
            await Measure("stream", name, connection, log, place, rows);
        }
    }

    static async Task Measure(string what, string name, string connection, string log, string place, int rows)
    {
        using var worker = CaptureProcessStart.Start(name, connection, log, place, rows);
        var text = await worker.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {text.ReplaceLineEndings(" ")} {await worker.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
    }
}

static class CaptureProcessStart
{
    public static Process Start(string name, string connection, string log, string place, long? changes = null)
    {
        var path = typeof(CdcSync.CaptureProcess.Marker).Assembly.Location;
        return Process.Start(new ProcessStartInfo("dotnet", [path, name, connection, log, place, .. changes is { } count ? [count.ToString()] : Array.Empty<string>()])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;
    }
}
