using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.Capture;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Canonical;
using CdcSync.Demo;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Bench;

/// <summary>
/// The 13-column order row as Debezium encodes it, and a canonical object: nanoseconds and bytes allocated a record, beside npm's avsc. "As captured" is what capture does with a row:
/// from PostgreSQL's binary cells to the whole envelope with its key.
/// </summary>
public sealed class AvroBench : IBench
{
    const int Rows = 1000;

    const string Orders = """
        {"type":"record","name":"Value","namespace":"erp.public.orders","fields":[
          {"name":"id","type":"long"},{"name":"customer_id","type":"int"},{"name":"status","type":"string"},
          {"name":"placed","type":{"type":"string","connect.version":1,"connect.name":"io.debezium.time.ZonedTimestamp"}},
          {"name":"ship_date","type":["null",{"type":"int","connect.version":1,"connect.name":"io.debezium.time.Date"}],"default":null},
          {"name":"currency","type":["null","string"],"default":null},
          {"name":"total","type":["null",{"type":"bytes","scale":2,"precision":14,"connect.version":1,"logicalType":"decimal"}],"default":null},
          {"name":"weight","type":["null","double"],"default":null},{"name":"lines","type":["null","int"],"default":null},
          {"name":"priority","type":["null","boolean"],"default":null},{"name":"note","type":["null","string"],"default":null},
          {"name":"updated","type":["null",{"type":"long","connect.version":1,"connect.name":"io.debezium.time.MicroTimestamp"}],"default":null},
          {"name":"external_ref","type":["null",{"type":"string","connect.version":1,"connect.name":"io.debezium.data.Uuid"}],"default":null}]}
        """;

    readonly AvroRecordSchema _schema = (AvroRecordSchema)AvroSchema.Parse(Orders);
    readonly ArrayBufferWriter<byte> _output = new(4096);

    /// <inheritdoc/>
    public string Name => "avro";

    /// <inheritdoc/>
    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var time = TimeSpan.FromSeconds(args.Number("--seconds", 1));
        var rows = Enumerable.Range(1, Rows).Select(Encoded).ToArray();
        await CapturedAsync(time, output, stop);
        await RowAsync(rows, time, output);
        await GenericAsync(rows, time, output);
        await CanonicalAsync(time, output);
        await PeerAsync(rows, time, output, stop);
    }

    static async Task CapturedAsync(TimeSpan time, BenchOutput output, CancellationToken stop)
    {
        await using var server = await PrivatePostgres.StartAsync(stop);
        var orders = await server.CreateDatabaseAsync("orders", stop);
        await Sql.RunAsync(orders, await File.ReadAllTextAsync(Shared.Path("bench", "orders.sql"), stop), stop);
        await using var source = new PostgresSource(new PostgresSettings { Name = "bench", Connection = orders }, new Ids(), NullLogger.Instance, TimeProvider.System);
        var loaded = false;
        await foreach (var batch in source.ReadAsync(null, stop))
        {
            using var _ = batch;
            if (!loaded && source.Status.State == SourceState.Streaming) await Sql.RunAsync(orders, $"call load({Rows}, {Rows})", stop);
            loaded |= source.Status.State == SourceState.Streaming;
            if (batch.Count < Rows) continue;
            var records = new LogBatch();
            await MeasureAsync("order row as captured, cells to envelope", time, output, () =>
            {
                records.Clear();
                return source.WriteRawAsync(batch, records, stop);
            });
            return;
        }
    }

    // Ids of schemas are not measured.
    sealed class Ids : ISchemaRegistry
    {
        public Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop) => Task.FromResult(1);

        public Task<RegisteredSchema> GetAsync(int id, CancellationToken stop) => throw new NotSupportedException();
    }

    async Task RowAsync(byte[][] rows, TimeSpan time, BenchOutput output)
    {
        var (row, filled) = (new AvroRow(_schema), new AvroRow(_schema));
        await MeasureAsync("order row, decode into slots (AvroRow)", time, output, i => row.Read(rows[i]));
        await MeasureAsync("order row, decode and encode (AvroRow)", time, output, i =>
        {
            row.Read(rows[i]);
            _output.ResetWrittenCount();
            row.Write(_output);
        });
        await MeasureAsync("order row, fill slots and encode (AvroRow)", time, output, i => Fill(filled, i));
    }

    void Fill(AvroRow row, int i)
    {
        row.Clear();
        row.SetLong(0, i);
        row.SetLong(1, i * 7919 % 50_000);
        row.SetBytes(2, "INVOICED"u8);
        row.SetBytes(3, "2026-11-04T11:51:30.123456Z"u8);
        row.SetLong(4, 20_761);
        row.SetBytes(5, "EUR"u8);
        row.SetDecimal(6, new decimal(i * 100 / 7, 0, 0, false, 2));
        row.SetDouble(7, i * 1.25);
        row.SetLong(8, i % 9);
        row.SetBoolean(9, i % 2 == 0);
        if (i % 3 == 0) row.SetBytes(10, "customer asked for delivery before noon"u8);
        row.SetLong(11, 1_762_257_090_123_456 + i);
        row.SetBytes(12, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"u8);
        _output.ResetWrittenCount();
        row.Write(_output);
    }

    byte[] Encoded(int i)
    {
        Fill(new AvroRow(_schema), i);
        return _output.WrittenSpan.ToArray();
    }

    async Task GenericAsync(byte[][] rows, TimeSpan time, BenchOutput output)
    {
        var (reader, writer) = (AvroReader.For(_schema), AvroWriter.For(_schema));
        var values = rows.Select(r => reader.Read(r)).ToArray();
        await MeasureAsync("order row, decode (AvroReader)", time, output, i => reader.Read(rows[i]));
        await MeasureAsync("order row, encode (AvroWriter)", time, output, i =>
        {
            _output.ResetWrittenCount();
            writer.Write(values[i], _output);
        });
    }

    async Task CanonicalAsync(TimeSpan time, BenchOutput output)
    {
        var codec = AvroObject.Codec<Inventory>();
        var reader = codec.ReaderFor(codec.Schema);
        var value = new Inventory
        {
            Source = "wms", SourceId = "4711|2", Version = "16b3748:2", CommittedAt = DateTimeOffset.UnixEpoch.AddDays(20_000), CorrelationId = "wms:16b3748", ItemId = "4711",
            ItemNumber = "SKU-4711", LocationId = "2", LocationNumber = "W2", OnHand = 120.5m, Allocated = 20, Available = 100.5m, Unit = "EA",
        };
        _output.ResetWrittenCount();
        codec.Write(value, _output);
        var data = _output.WrittenSpan.ToArray();
        await MeasureAsync("inventory object, encode (AvroObject)", time, output, _ =>
        {
            _output.ResetWrittenCount();
            codec.Write(value, _output);
        });
        await MeasureAsync("inventory object, decode (AvroObject)", time, output, _ => reader.Read(data));
    }

    static Task MeasureAsync(string name, TimeSpan time, BenchOutput output, Action<int> one) => MeasureAsync(name, time, output, () =>
    {
        for (var i = 0; i < Rows; i++) one(i);
        return ValueTask.CompletedTask;
    });

    static async Task MeasureAsync(string name, TimeSpan time, BenchOutput output, Func<ValueTask> pass)
    {
        // Until the JIT has settled; then the median of many short passes, which other work on the machine hardly touches.
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < time / 2;) await pass();
        var passes = new long[1 << 16];
        var (count, before) = (0, GC.GetAllocatedBytesForCurrentThread());
        for (var start = Stopwatch.GetTimestamp(); count < passes.Length && Stopwatch.GetElapsedTime(start) < time; count++)
        {
            var begin = Stopwatch.GetTimestamp();
            await pass();
            passes[count] = Stopwatch.GetTimestamp() - begin;
        }
        var allocated = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / count / Rows;
        Array.Sort(passes, 0, count);
        var nanoseconds = passes[count / 2] * 1e9 / Stopwatch.Frequency / Rows;
        output.Show(name, ("nsPerRecord", Math.Round(nanoseconds, 1)), ("bytesPerRecord", Math.Round(allocated, 1)));
    }

    static async Task PeerAsync(byte[][] rows, TimeSpan time, BenchOutput output, CancellationToken stop)
    {
        var tools = ToolsFolder();
        if (tools is null || !Directory.Exists(Path.Combine(tools, "node_modules", "avsc")))
        {
            output.Note("No peer: avsc is not there (npm install in tests/tools)");
            return;
        }
        var start = new ProcessStartInfo("node", [Path.Combine(tools, "avro_bench.mjs")]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = tools };
        using var process = Process.Start(start)!;
        var input = new JsonObject { ["schema"] = JsonNode.Parse(Orders), ["milliseconds"] = time.TotalMilliseconds, ["rows"] = new JsonArray([.. rows.Select(r => (JsonNode)Convert.ToHexString(r))]) };
        await process.StandardInput.WriteAsync(input.ToJsonString().AsMemory(), stop);
        process.StandardInput.Close();
        while (await process.StandardOutput.ReadLineAsync(stop) is { } line)
        {
            var figure = JsonElement.Parse(line);
            output.Show($"order row, {figure.GetProperty("name").GetString()} (peer: avsc on node)", ("nsPerRecord", figure.GetProperty("nsPerRecord").GetDouble()), ("bytesPerRecord", null));
        }
        await process.WaitForExitAsync(stop);
    }

    static string? ToolsFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CdcSync.sln"))) return Path.Combine(folder.FullName, "tests", "tools");
        return null;
    }
}
