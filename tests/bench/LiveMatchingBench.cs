using System.Diagnostics;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Demo;
using CdcSync.EventLog;
using CdcSync.EventLog.Store;
using CdcSync.Host.Settings;
using CdcSync.Mdm;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Resolution;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Bench;

/// <summary>
/// Golden records of a customer master with known duplicates, by the shipped rules, durable in PostgreSQL: filled, learnt from, and then changed one customer at a time at
/// a steady rate. <c>--rows N</c> (1,000,000), <c>--changes N</c> (20,000), <c>--rate N</c> a second (1,000), <c>--statements N</c>: the N that cost the server most.
/// </summary>
public sealed class LiveMatchingBench : IBench
{
    static readonly DateTimeOffset Began = DateTimeOffset.UnixEpoch.AddYears(56);
    long _offset;

    public string Name => "live";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var (rows, changes, rate, statements) = (args.Number("--rows", 1_000_000), args.Number("--changes", 20_000), args.Number("--rate", 1000), args.Number("--statements", 0));
        var table = RecordFile.Read(await Shared.CustomersAsync(rows, stop), stop);
        var settings = ApplianceLoader.Parse("bench", "store: Host=localhost;Database=x\nmdm: {}\n").Mdm!;
        await using var server = await PrivatePostgres.StartAsync(stop, "fsync=on", "synchronous_commit=on", "shared_buffers=2GB", "max_wal_size=16GB", "shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_planning=on");
        await using var store = StoreConnection.Open(await server.CreateDatabaseAsync("store", stop), prepared: true);
        await StoreMigrations.ApplyAsync(store, typeof(MdmWorker).Assembly, stop);
        var resolver = new GoldenResolver(store, settings, NullLogger.Instance);

        var clock = Stopwatch.StartNew();
        foreach (var part in Enumerable.Range(0, rows).Select(r => Record(table, r, 1)).Chunk(5000)) await ResolveAsync(resolver, part, stop);
        var filled = clock.Elapsed.TotalSeconds;
        var (keyPrecision, keyRecall) = await RightAsync(store, table, stop);
        clock.Restart();
        await new GoldenRebuild(store, settings, NullLogger.Instance).RunAsync(dryRun: false, learn: true, stop);
        var learnt = clock.Elapsed.TotalSeconds;
        var (precision, recall) = await RightAsync(store, table, stop);
        output.Show($"live {rows} customers", ("fillSeconds", Math.Round(filled, 1)), ("keyPrecision", $"{keyPrecision:0.0000}"), ("keyRecall", $"{keyRecall:0.0000}"), ("learnSeconds", Math.Round(learnt, 1)),
            ("precision", $"{precision:0.0000}"), ("recall", $"{recall:0.0000}"), ("f1", $"{2 * precision * recall / (precision + recall):0.0000}"), ("peakMiB", Process.GetCurrentProcess().PeakWorkingSet64 >> 20));

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);      // as the worker does
        await using (var analyze = store.CreateCommand("vacuum analyze")) await analyze.ExecuteNonQueryAsync(stop);
        var random = new Random(7);
        var changed = Enumerable.Range(0, changes).Select(i => Record(table, random.Next(rows), i + 2)).ToList();
        foreach (var part in changed[..(changes / 10)].Chunk(50)) await ResolveAsync(resolver, part, stop);
        if (statements > 0) await Sql.RunAsync(server.Connection("store"), "create extension if not exists pg_stat_statements; select pg_stat_statements_reset()", stop);
        var (ours, servers) = (Process.GetCurrentProcess().TotalProcessorTime, ServerTime.Of(server.Port));
        clock.Restart();
        foreach (var part in changed[(changes / 10)..(changes / 2)].Chunk(50)) await ResolveAsync(resolver, part, stop);
        var (most, each) = ((changes * 4 / 10) / clock.Elapsed.TotalSeconds, changes * 4 / 10);
        var (ourMs, serverMs) = ((Process.GetCurrentProcess().TotalProcessorTime - ours).TotalMilliseconds / each, (ServerTime.Of(server.Port) - servers) * 1000 / each);
        if (statements > 0) await ShowStatementsAsync(store, output, statements, stop);
        var latencies = await PacedAsync(resolver, changed[(changes / 2)..], rate, stop);
        output.Show($"live changes against {rows}", ("mostPerSecond", Math.Round(most)), ("cpuMsEach", Math.Round(ourMs, 2)), ("serverCpuMsEach", Math.Round(serverMs, 2)), ("rate", rate), ("p50ms", latencies[latencies.Count / 2]), ("p95ms", latencies[latencies.Count * 95 / 100]), ("p99ms", latencies[latencies.Count * 99 / 100]),
            ("residentMiB", Process.GetCurrentProcess().WorkingSet64 >> 20));
    }

    static async Task ShowStatementsAsync(NpgsqlDataSource store, BenchOutput output, int most, CancellationToken stop)
    {
        await using var command = store.CreateCommand(
            """
            select calls, total_plan_time / calls, total_exec_time / calls, rows / calls, left(regexp_replace(query, '\s+', ' ', 'g'), 90)
            from pg_stat_statements where calls > 0 order by total_plan_time + total_exec_time desc limit $1
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = most });
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            output.Show(row.GetString(4), ("calls", row.GetInt64(0)), ("planMs", Math.Round(row.GetDouble(1), 3)), ("runMs", Math.Round(row.GetDouble(2), 3)), ("rows", row.GetInt64(3)));
    }

    // A change is due at its time, whether or not those before it are done.
    async Task<List<double>> PacedAsync(GoldenResolver resolver, IReadOnlyList<CanonicalRecord> changes, int rate, CancellationToken stop)
    {
        var (clock, done, latencies) = (Stopwatch.StartNew(), 0, new List<double>());
        while (done < changes.Count)
        {
            var due = Math.Min(changes.Count, (int)(clock.Elapsed.TotalSeconds * rate));
            if (due == done)
            {
                await Task.Delay(1, stop);
                continue;
            }
            due = Math.Min(due, done + 500);
            await ResolveAsync(resolver, [.. changes.Skip(done).Take(due - done)], stop);
            for (; done < due; done++) latencies.Add(Math.Round((clock.Elapsed.TotalSeconds - (done / (double)rate)) * 1000, 1));
        }
        latencies.Sort();
        return latencies;
    }

    Task<Outcome> ResolveAsync(GoldenResolver resolver, CanonicalRecord[] records, CancellationToken stop) =>
        resolver.ResolveAsync([.. records.Select(r => new Arrival(new LogPlace(r.Kind.Topic, 0, _offset++), r))], stop);

    // A version above 1 is written a little otherwise.
    static CanonicalRecord Record(RawTable table, int row, int version)
    {
        string? At(string column) => table[column].At(row);
        var name = At("name") ?? "";
        var value = new Customer
        {
            Source = At("source")!, SourceId = At("id")!, Version = new SourcePosition((UInt128)version, 0).ToString(), CommittedAt = Began, CorrelationId = $"bench:{version}",
            Name = version > 1 && name.Length > 4 ? name.Remove(version % (name.Length - 1), 1) : name,
            TaxIds = At("tax_id") is { } tax ? [new TaxId { Scheme = "vat", Value = tax }] : [],
            Contacts = [new Contact { Name = At("contact"), Phone = At("phone"), Email = At("email") }],
            Addresses = [new Address { Street = At("street"), City = At("city"), PostalCode = At("postcode"), Region = At("region") }],
        };
        return new CanonicalRecord(CanonicalCatalog.Of(typeof(Customer)), value.Key, value.Position, value, value.CommittedAt, value.CorrelationId);
    }

    static async Task<(double Precision, double Recall)> RightAsync(NpgsqlDataSource store, RawTable table, CancellationToken stop)
    {
        var golden = new Dictionary<(string, string), long>();
        await using (var command = store.CreateCommand("select source, source_id, golden_id from mdm.record"))
        await using (var read = await command.ExecuteReaderAsync(stop))
            while (await read.ReadAsync(stop)) golden[(read.GetString(0), read.GetString(1))] = read.GetInt64(2);
        var rows = Enumerable.Range(0, table.Rows).Select(r => (Entity: table["entity"].At(r) ?? "", Golden: golden[(table["source"].At(r)!, table["id"].At(r)!)])).ToList();
        double Pairs<T>(IEnumerable<T> of) where T : notnull => of.CountBy(x => x).Sum(c => c.Value * (c.Value - 1) / 2.0);
        var right = Pairs(rows);
        return (right / Pairs(rows.Select(r => r.Golden)), right / Pairs(rows.Select(r => r.Entity)));
    }
}
