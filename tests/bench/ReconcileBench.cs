using System.Diagnostics;
using System.Runtime.CompilerServices;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;
using CdcSync.Demo;
using CdcSync.Reconcile;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Bench;

/// <summary>Equal sides in two real tables compared, beside one ordered scan of both with nothing done to the rows. <c>--rows N --runs N</c>.</summary>
public sealed class ReconcileBench : IBench
{
    public string Name => "reconcile";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var (rows, runs) = (args.Number("--rows", 1_000_000), args.Number("--runs", 3));
        var reports = Directory.CreateTempSubdirectory("cdcsync-bench-reports-").FullName;
        await using var server = await PrivatePostgres.StartAsync(stop);
        await using var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync("sides", stop));
        await Sql.RunAsync(database.ConnectionString, $"""
            create table source(key text collate "C" primary key, name text, amount numeric);
            create table target(key text collate "C" primary key, name text, amount numeric);
            insert into source select 'K' || lpad(n::text, 9, '0'), 'name ' || n, n / 100.0 from generate_series(1, {rows}) n;
            insert into target select * from source;
            analyze
            """, stop);
        var settings = new ReconcileSettings { Name = "bench", Object = "item", Sink = "target", Reports = reports };
        var ends = new Ends(new Side(database, "source", "erp"), new Side(database, "target", null), new Untraced(), new Untraced(), (_, _) => throw new UnreachableException("Equal sides have nothing to repair"));
        var reconciler = new Reconciler(settings, ends, database, TimeProvider.System, NullLogger.Instance);
        await ScanAsync(ends, stop);      // both tables into the cache, the loop through the JIT
        for (var i = 0; i < runs; i++)
        {
            var clock = Stopwatch.StartNew();
            await ScanAsync(ends, stop);
            output.Show($"reconcile {rows} records", ("peer", "scan"), ("perSecond", Math.Round(rows / clock.Elapsed.TotalSeconds)), ("residentMiB", Resident()));
            clock.Restart();
            var run = await reconciler.RunAsync(null, stop);
            if (run.Equal != rows) throw new InvalidOperationException($"{run.Equal} of {rows} records were found equal: {run.Message}");
            output.Show($"reconcile {rows} records", ("peer", "cdcsync"), ("perSecond", Math.Round(rows / clock.Elapsed.TotalSeconds)), ("residentMiB", Resident()));
        }
        Directory.Delete(reports, recursive: true);
    }

    static async Task ScanAsync(Ends ends, CancellationToken stop)
    {
        foreach (var side in new[] { ends.Source, ends.Target })
            await foreach (var _ in side.ReadAsync(null, stop)) { }
    }

    static long Resident()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64 >> 20;
    }

    sealed class Side(NpgsqlDataSource database, string table, string? source) : IComparedSide
    {
        public string Name => table;

        public async IAsyncEnumerable<ComparedRow> ReadAsync(IReadOnlyCollection<string>? keys, [EnumeratorCancellation] CancellationToken stop)
        {
            await using var command = database.CreateCommand($"select key, name, amount from {table} order by key");
            await using var row = await command.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
            {
                var key = row.GetString(0);
                yield return new ComparedRow(key, new Dictionary<string, string?> { ["name"] = row.GetString(1), ["amount"] = CanonicalText.Of(row.GetDecimal(2)) }, source is null ? null : new(source, key));
            }
        }
    }

    sealed class Untraced : IDeliveryTraces, IRepairs
    {
        public Task<IReadOnlyDictionary<CanonicalKey, DeliveryTrace>> TraceAsync(IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop) =>
            Task.FromResult<IReadOnlyDictionary<CanonicalKey, DeliveryTrace>>(new Dictionary<CanonicalKey, DeliveryTrace>());

        public Task<IReadOnlyDictionary<string, string?>> RepairAsync(IReadOnlyList<(Repair Repair, CanonicalObject? Object)> wanted, CancellationToken stop) =>
            throw new UnreachableException("Equal sides have nothing to repair");
    }
}
