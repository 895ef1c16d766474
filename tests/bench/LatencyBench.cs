using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using CdcSync.Contract.Avro;
using CdcSync.Demo;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Bench;

/// <summary>Commits at a steady rate: how long until the record is in the log, and until a shop has the change. <c>--rate 1000 --seconds 20 --warm-up 5</c>; the warm-up is not counted.</summary>
public sealed class LatencyBench : IBench
{
    public string Name => "latency";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var (rate, seconds, warmUp) = (args.Number("--rate", 1000), args.Number("--seconds", 20), args.Number("--warm-up", 5));
        await using var server = await PrivatePostgres.StartAsync(stop);
        var orders = await server.CreateDatabaseAsync("orders", stop);
        var store = await server.CreateDatabaseAsync("store", stop);
        await Sql.RunAsync(orders, await File.ReadAllTextAsync(Shared.Path("bench", "orders.sql"), stop), stop);
        var (toLog, toShop) = (new ConcurrentBag<Arrival>(), new ConcurrentBag<Arrival>());
        await using var shop = await ShopAsync(toShop, stop);
        var settings = ApplianceLoader.Parse("latency.yaml", Yaml(orders, store, shop.Urls.First()));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var opened = new TaskCompletionSource<Appliance>(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = RunProcess.RunAsync(settings, [], NullLoggerFactory.Instance, (appliance, _) => opened.SetResult(appliance), ended.Token);
        await Task.WhenAny(run, opened.Task);
        var reading = ReadAsync(await opened.Task, toLog, ended.Token);
        await Task.Delay(3000, stop);
        await LoadAsync(server, rate, warmUp, stop);
        toLog.Clear();
        toShop.Clear();
        await LoadAsync(server, rate, seconds, stop);
        await Task.Delay(3000, stop);
        await ended.CancelAsync();
        await run;
        await reading;
        output.Show($"commit -> log at {rate}/s", [("log", "postgres"), .. Percentiles(toLog)]);
        output.Show($"commit -> shop at {rate}/s", [("log", "postgres"), .. Percentiles(toShop)]);
        if (args.Has("--seconds-each"))
            foreach (var second in toShop.GroupBy(a => a.Committed.ToUnixTimeSeconds()).OrderBy(s => s.Key))
                output.Show($"commit -> shop, second {second.Key % 100}", [("log", "postgres"), .. Percentiles([.. second])]);
    }

    static async Task LoadAsync(PrivatePostgres server, int rate, int seconds, CancellationToken stop)
    {
        using var load = Process.Start(new ProcessStartInfo("pgbench",
            ["-n", "-f", Shared.Path("bench", "orders_insert.sql"), "-R", $"{rate}", "-T", $"{seconds}", "-c", "4", "-j", "1", "-h", "127.0.0.1", "-p", $"{server.Port}", "-U", "postgres", "orders"])
            { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        await load.WaitForExitAsync(stop);
    }

    readonly record struct Arrival(DateTimeOffset Committed, double Milliseconds)
    {
        public static Arrival Of(DateTimeOffset committed) => new(committed, (DateTimeOffset.UtcNow - committed).TotalMilliseconds);
    }

    static async Task ReadAsync(Appliance appliance, ConcurrentBag<Arrival> latencies, CancellationToken stop)
    {
        AvroReader? values = null;
        var id = 0;
        await using var reader = await appliance.Log.OpenReaderAsync("latency", ["erp.public.orders"], CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            foreach (var record in await reader.ReadAsync(1000, TimeSpan.FromMilliseconds(500), CancellationToken.None))
            {
                var schema = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(record.Value.AsSpan(1));
                if (schema != id) (id, values) = (schema, AvroReader.For(AvroSchema.Parse((await appliance.Registry.GetAsync(schema, CancellationToken.None)).Text)));
                var source = (AvroRecord)((AvroRecord)values!.Read(record.Value.AsSpan(5))!)["source"]!;
                latencies.Add(Arrival.Of(DateTimeOffset.UnixEpoch.AddMicroseconds((long)(source["ts_us"] is AvroBranch branch ? branch.Value : source["ts_us"])!)));
            }
        }
    }

    static async Task<WebApplication> ShopAsync(ConcurrentBag<Arrival> latencies, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var shop = builder.Build();
        shop.MapPost("/orders", async context =>
        {
            var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
            // A batch of one comes as the single call's body.
            foreach (var order in body.ValueKind == JsonValueKind.Array ? body.EnumerateArray().ToArray() : [body]) latencies.Add(Arrival.Of(order.GetProperty("at").GetDateTimeOffset()));
            context.Response.StatusCode = 200;
        });
        await shop.StartAsync(stop);
        return shop;
    }

    static string Yaml(string orders, string store, string shop) => $$"""
        store: {{store}}
        http: { listen: "127.0.0.1:{{PrivatePostgres.FreePort()}}" }
        registry: { listen: "127.0.0.1:{{PrivatePostgres.FreePort()}}" }
        sources:
          - { name: erp, kind: postgres, connection: "{{orders}}", tables: [public.orders] }
        canonical:
          - object: sales_order
            source: erp
            table: public.orders
            key: id
            row: { number: id, customer_id: customer_id, total: total, currency: currency }
        sinks:
          - name: shop
            kind: http
            objects: { sales_order: canonical }
            target:
              url: {{shop}}
              objects:
                sales_order:
                  key: number
                  upsert: { method: POST, path: /orders, body: { number: "{number}", at: "{committed_at}" } }
                  batch: { path: /orders, max: 200 }
                  ignore_deletes: true
        """;

    static (string, object?)[] Percentiles(IReadOnlyCollection<Arrival> arrivals)
    {
        var sorted = arrivals.Select(a => a.Milliseconds).Order().ToArray();
        object? At(double share) => sorted.Length == 0 ? null : Math.Round(sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)], 1);
        return [("changes", sorted.Length), ("p50ms", At(0.5)), ("p95ms", At(0.95)), ("p99ms", At(0.99)), ("maxms", At(1))];
    }
}
