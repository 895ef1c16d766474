using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace CdcSync.Bench;

/// <summary>
/// A backlog of orders, captured as Avro into the PostgreSQL log and into a real Kafka, by a process of its own whose cost is counted.
/// <c>--rows N --log postgres,kafka --peer debezium</c>.
/// </summary>
public sealed class CaptureBench : IBench
{
    public string Name => "capture";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var rows = args.Number("--rows", 1_000_000);
        await using var source = await OrdersSource.StartAsync(stop);
        var orders = source.Orders;
        foreach (var log in (args.Text("--log") ?? "postgres,kafka").Split(','))
        {
            await using var kafka = log == "kafka" || args.Text("--peer") is not null ? await SharedKafka.StartAsync(stop) : null;
            var name = $"b_{log}";
            await Sql.RunAsync(orders, "truncate orders", stop);
            await OrdersSource.BeginAsync(orders, name, "orders", stop);
            if (args.Text("--peer") == "debezium") await Debezium.PrepareAsync(orders, stop);
            await Sql.RunAsync(orders, $"call load({rows}, 1000)", stop);
            var figures = await Worker.DrainAsync(name, orders, log, await source.PlaceAsync(log, name, kafka, stop), rows, stop);
            output.Show($"capture {rows} orders", [("log", log), ("peer", "cdcsync"), .. figures]);
            if (args.Text("--peer") == "debezium") output.Show($"capture {rows} orders", [("log", "kafka"), ("peer", "debezium"), .. await Debezium.DrainAsync(source.Server.Port, kafka!, "no_data", rows, stop)]);
            await Sql.RunAsync(orders, $"select pg_drop_replication_slot('cdcsync_{name}')", stop);
        }
    }
}

/// <summary>A capture worker in a process of its own, whose cost is counted.</summary>
static class Worker
{
    /// <summary>Starts one; without a number it runs until it is ended. Several connections, with | between them, are several sources.</summary>
    public static Process Start(string name, string connection, string log, string place, int? rows = null) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(CaptureProcess.Marker).Assembly.Location, name, connection, log, place, .. rows is { } count ? [count.ToString()] : Array.Empty<string>()])
        {
            RedirectStandardOutput = true, UseShellExecute = false,
        })!;

    /// <summary>Runs until so many rows are durable in the log.</summary>
    public static async Task<(string, object?)[]> DrainAsync(string name, string orders, string log, string place, int rows, CancellationToken stop)
    {
        using var worker = Start(name, orders, log, place, rows);
        var text = await worker.StandardOutput.ReadToEndAsync(stop);
        await worker.WaitForExitAsync(stop);
        var line = text.Split('\n').LastOrDefault(l => l.StartsWith('{')) ?? throw new InvalidOperationException($"The worker measured nothing: {text}");
        var seen = JsonDocument.Parse(line).RootElement;
        return [("perSecond", seen.GetProperty("perSecond").GetDouble()), ("cpuSecondsPerMillion", seen.GetProperty("cpuSecondsPerMillion").GetDouble()), ("residentMiB", seen.GetProperty("residentMiB").GetInt64()), ("peakMiB", seen.GetProperty("peakMiB").GetInt64())];
    }
}

static class Sql
{
    public static async Task RunAsync(string connection, string sql, CancellationToken stop)
    {
        await using var open = new NpgsqlConnection(connection);
        await open.OpenAsync(stop);
        await using var command = new NpgsqlCommand(sql, open) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync(stop);
    }
}
