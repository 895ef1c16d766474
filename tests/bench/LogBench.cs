using System.Diagnostics;
using System.Globalization;
using CdcSync.Contract.Changes;
using CdcSync.Demo;
using CdcSync.EventLog.Store;
using CdcSync.EventLog;
using CdcSync.EventLog.Kafka;
using CdcSync.EventLog.Postgres;
using Npgsql;

namespace CdcSync.Bench;

/// <summary>Appends of several sizes to both logs, each done before the next: PostgreSQL with fsync, Kafka as its broker is set up (in the page cache). <c>--log postgres,kafka --batch 1,10,100,1000,5000 --seconds 3 --bytes 200</c>.</summary>
public sealed class LogBench : IBench
{
    const string Topic = "bench.log";

    public string Name => "log";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var sizes = (args.Text("--batch") ?? "1,10,100,1000,5000").Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture)).ToList();
        var (time, bytes) = (TimeSpan.FromSeconds(args.Number("--seconds", 3)), args.Number("--bytes", 200));
        foreach (var kind in (args.Text("--log") ?? "postgres,kafka").Split(','))
        {
            await using var server = kind == "postgres" ? await PrivatePostgres.StartAsync(stop, "fsync=on", "synchronous_commit=on") : null;
            await using var kafka = kind == "kafka" ? await SharedKafka.StartAsync(stop) : null;
            await using var store = server is null ? null : StoreConnection.Open(await server.CreateDatabaseAsync("store", stop), prepared: false);
            await using IEventLog log = store is not null ? await PostgresLog.OpenAsync(store, null, null, null, stop)
                : await KafkaLog.OpenAsync(new KafkaLogSettings { Bootstrap = kafka!.Bootstrap }, null, stop);
            await log.EnsureTopicAsync(new TopicSettings(Topic), stop);
            await using var writer = await log.OpenWriterAsync("bench", stop);
            var position = 0L;
            foreach (var size in sizes) position = await AppendAsync(kind, writer, size, bytes, time, position, output, stop);
        }
    }

    static async Task<long> AppendAsync(string kind, ILogWriter writer, int size, int bytes, TimeSpan time, long position, BenchOutput output, CancellationToken stop)
    {
        var (value, batch, took) = (new byte[bytes], new LogBatch(), new List<double>());
        new Random(7).NextBytes(value);
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            batch.Clear();
            for (var i = 0; i < size; i++) batch.Add(Topic, BitConverter.GetBytes(position * size + i), value, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            var begin = Stopwatch.GetTimestamp();
            await writer.AppendAsync(batch, new Bookmark(new SourcePosition((UInt128)(ulong)++position, 0), null), stop);
            took.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        took.Sort();
        output.Show($"append {size} records of {bytes} bytes", ("log", kind), ("perSecond", Math.Round(took.Count * size / seconds)), ("appendsPerSecond", Math.Round(took.Count / seconds, 1)),
            ("p50ms", Math.Round(took[took.Count / 2], 2)), ("p99ms", Math.Round(took[took.Count * 99 / 100], 2)));
        return position;
    }
}
