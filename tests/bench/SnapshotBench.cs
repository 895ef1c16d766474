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
        await using var source = await OrdersSource.StartAsync(stop);
        var orders = source.Orders;
        await Sql.RunAsync(orders, $"call load({rows}, 10000)", stop);
        await Sql.RunAsync(orders, "vacuum analyze orders", stop);
        await Sql.RunAsync(orders, "checkpoint", stop);
        await using var kafka = args.Text("--peer") is not null || (args.Text("--log") ?? "kafka").Contains("kafka", StringComparison.Ordinal) ? await SharedKafka.StartAsync(stop) : null;
        foreach (var log in (args.Text("--log") ?? "none,postgres,kafka").Split(','))
        {
            var place = await source.PlaceAsync(log, "snapshot", kafka, stop);
            output.Show($"snapshot {rows} orders", [("log", log), ("peer", "cdcsync"), .. await Worker.DrainAsync($"s_{log}", orders, log, place, rows, stop)]);
        }
        if (args.Text("--peer") == "debezium") output.Show($"snapshot {rows} orders", [("log", "kafka"), ("peer", "debezium"), .. await Debezium.DrainAsync(source.Server.Port, kafka!, "initial", rows, stop)]);
    }
}
