using System.Diagnostics;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Demo;
using CdcSync.EventLog;
using CdcSync.EventLog.Store;
using CdcSync.Mdm;
using CdcSync.Mdm.Resolution;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Bench;

/// <summary>Customers resolved into golden records, durable: an empty store filled, then changes against it. One in ten is another system's record of the customer before it. <c>--rows N --batch N</c>.</summary>
public sealed class MdmBench : IBench
{
    static readonly DateTimeOffset Began = DateTimeOffset.UnixEpoch.AddYears(56);
    long _offset;

    public string Name => "mdm";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var (rows, batch) = (args.Number("--rows", 50_000), args.Number("--batch", 1000));
        await using var server = await PrivatePostgres.StartAsync(stop, "fsync=on");
        await using var store = StoreConnection.Open(await server.CreateDatabaseAsync("store", stop), prepared: true);
        await StoreMigrations.ApplyAsync(store, typeof(MdmWorker).Assembly, stop);
        var resolver = new GoldenResolver(store, new MdmSettings { Sources = ["erp", "wms"] }, NullLogger.Instance);
        await MeasureAsync($"mdm {rows} new customers", Enumerable.Range(0, rows).Select(i => Customer(i, 1)), rows);
        await MeasureAsync($"mdm {rows / 4} changed customers", Enumerable.Range(0, rows / 4).Select(i => Customer(i * 4, 2)), rows / 4);

        async Task MeasureAsync(string name, IEnumerable<CanonicalRecord> records, int count)
        {
            var clock = Stopwatch.StartNew();
            foreach (var part in records.Chunk(batch)) await resolver.ResolveAsync([.. part.Select(r => new Arrival(new LogPlace(r.Kind.Topic, 0, _offset++), r))], stop);
            output.Show(name, ("peer", "cdcsync"), ("perSecond", Math.Round(count / clock.Elapsed.TotalSeconds)));
        }
    }

    static CanonicalRecord Customer(int i, int version)
    {
        var (twin, person) = (i % 10 == 9, i % 10 == 9 ? i - 1 : i);
        var value = new Customer
        {
            Source = twin ? "wms" : "erp", SourceId = $"{i}", Version = new SourcePosition((UInt128)version, 0).ToString(), CommittedAt = Began, CorrelationId = $"bench:{version}",
            Name = $"Customer {person} {(twin ? "LTD" : "Limited")} {version % 2}",
            TaxIds = person % 3 == 0 ? [new TaxId { Scheme = "vat", Value = $"DE{100_000_000 + person}" }] : [],
            Contacts = [new Contact { Email = $"mail{person}@example.com" }],
            Addresses = [new Address { Street = $"{person % 200} Main Street", PostalCode = $"{person % 100_000:d5}" }],
        };
        return new CanonicalRecord(CanonicalCatalog.Of(typeof(Customer)), value.Key, value.Position, value, value.CommittedAt, value.CorrelationId);
    }
}
