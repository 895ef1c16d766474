using CdcSync.Demo;

namespace CdcSync.Bench;

/// <summary>
/// The first snapshot of existing orders, as Avro into no log (capture alone), into the PostgreSQL log and into a real Kafka, by a process of its own whose cost is counted.
/// <c>--rows N --log none,postgres,kafka --peer debezium</c>.
/// </summary>
public sealed class SnapshotBench : IBench
{
    public string Name => "snapshot";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var rows = args.Number("--rows", 2_000_000);
        await using var source = await PrivatePostgres.StartAsync(stop);
        await using var store = await PrivatePostgres.StartAsync(stop);
        var orders = await source.CreateDatabaseAsync("orders", stop);
        await Sql.RunAsync(orders, await File.ReadAllTextAsync(Shared.Path("bench", "orders.sql"), stop), stop);
        await Sql.RunAsync(orders, $"call load({rows}, 10000)", stop);
        await Sql.RunAsync(orders, "vacuum analyze orders", stop);
        await Sql.RunAsync(orders, "checkpoint", stop);
        await using var kafka = args.Text("--peer") is not null || (args.Text("--log") ?? "kafka").Contains("kafka", StringComparison.Ordinal) ? await SharedKafka.StartAsync(stop) : null;
        foreach (var log in (args.Text("--log") ?? "none,postgres,kafka").Split(','))
        {
            var place = log switch { "kafka" => kafka!.Bootstrap, "postgres" => await store.CreateDatabaseAsync("store_snapshot", stop), _ => "none" };
            output.Show($"snapshot {rows} orders", [("log", log), ("peer", "cdcsync"), .. await Worker.DrainAsync($"s_{log}", orders, log, place, rows, stop)]);
        }
        if (args.Text("--peer") == "debezium") output.Show($"snapshot {rows} orders", [("log", "kafka"), ("peer", "debezium"), .. await Debezium.DrainAsync(source.Port, kafka!, "initial", rows, stop)]);
    }
}
