using System.CommandLine;
using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Store;
using CdcSync.Host.Cli;
using CdcSync.Mdm;
using CdcSync.Mdm.Resolution;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Host.Tests;

/// <summary><c>cdcsync mdm why</c> on a store with one golden record of two systems.</summary>
public sealed class MdmWhyTests(TestPostgres postgres) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("mdmwhy").FullName;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_says_whose_value_it_is_since_when_and_what_lost()
    {
        var config = await StoreAsync();
        var (code, text) = await RunAsync("why", "customer", "wms/8", "-c", config);
        Assert.Equal((ExitCode.Done, """
            C00000001  erp/7, wms/8  (legal entity)
            name: "Müller"
                erp/7 since 2026-03-01 00:00 (trust)
                not wms/8 since 2026-03-02 00:00: "MULLER LTD": erp is trusted more than wms
            kind: "company"
                erp/7 since 2026-03-01 00:00 (agreed)
                not wms/8 since 2026-03-02 00:00: "company": says the same
            status: "active"
                erp/7 since 2026-03-01 00:00 (agreed)
                not wms/8 since 2026-03-02 00:00: "active": says the same
            tax_ids: [{"scheme":"vat","value":"DE123456789"}]
                erp/7 since 2026-03-01 00:00 (agreed)
                not wms/8 since 2026-03-02 00:00: [{"scheme":"vat","value":"DE123456789"}]: says the same
            credit_limit: 900
                pinned by ann on 2026-04-01 until 2999-01-01 00:00: agreed (pin, group credit)
                not erp/7 since 2026-03-01 00:00: 500: a pin holds; without it this would show
                not wms/8 since 2026-03-02 00:00: 700: erp is trusted more than wms
            credit_hold: false
                erp/7 since 2026-03-01 00:00 (agreed, group credit)
                not wms/8 since 2026-03-02 00:00: false: says the same
            """), (code, text.TrimEnd()));

        using var one = JsonDocument.Parse((await RunAsync("why", "customer", "C00000001", "name", "--json", "-c", config)).Output);
        var value = Assert.Single(one.RootElement.GetProperty("values").EnumerateArray());
        Assert.Equal(("name", "Müller", "trust", "erp"), (value.GetProperty("attribute").GetString(), value.GetProperty("value").GetString(), value.GetProperty("by").GetString(),
            value.GetProperty("from")[0].GetProperty("key").GetProperty("source").GetString()));
    }

    [Theory]
    [InlineData("costumer", "erp/7", null)]
    [InlineData("customer", "erp/9", null)]
    [InlineData("customer", "I00000001", null)]
    [InlineData("customer", "nonsense", null)]
    [InlineData("customer", "erp/7", "nmae")]
    public async Task What_is_not_there_is_refused(string kind, string key, string? attribute)
    {
        var (code, text) = await RunAsync(["why", kind, key, .. attribute is null ? Array.Empty<string>() : [attribute], "-c", await StoreAsync()]);
        Assert.Equal((ExitCode.Failed, ""), (code, text));
    }

    async Task<string> StoreAsync()
    {
        var connection = await postgres.NewDatabaseAsync("why");
        await using var store = NpgsqlDataSource.Create(connection);
        await StoreMigrations.ApplyAsync(store, typeof(MdmWorker).Assembly, Stop);
        await new GoldenResolver(store, new MdmSettings { Sources = ["erp", "wms"] }, NullLogger.Instance).ResolveAsync(
            [Arrival(0, "erp", "7", "Müller", 500), Arrival(1, "wms", "8", "MULLER LTD", 700)], Stop);
        await TestPostgres.ExecuteAsync(connection, """
            with act as (insert into mdm.act (kind, verb, by_whom, why, at) values ('customer', 'pin', 'ann', 'agreed', '2026-04-01Z') returning id)
            insert into mdm.pin (act_id, kind, source, source_id, attribute, value, until) select id, 'customer', 'wms', '8', 'credit_limit', '900', '2999-01-01Z' from act
            """);
        var config = Path.Combine(_folder, "cdcsync.yaml");
        await File.WriteAllTextAsync(config, $$"""
            store: {{connection}}
            sources:
              - { name: erp, kind: postgres, connection: Host=h }
              - { name: wms, kind: postgres, connection: Host=h }
            mdm: { sources: [erp, wms] }
            """, Stop);
        return config;
    }

    static Arrival Arrival(int place, string source, string id, string name, decimal limit)
    {
        var customer = new Customer
        {
            Source = source,
            SourceId = id,
            Version = new SourcePosition((UInt128)1, 0).ToString(),
            CommittedAt = new DateTimeOffset(2026, 3, 1 + place, 0, 0, 0, TimeSpan.Zero),
            Name = name,
            CreditLimit = limit,
            TaxIds = [new TaxId { Value = "DE123456789" }],
        };
        return new Arrival(new LogPlace("canonical.customer", 0, place), new CanonicalRecord(CanonicalCatalog.Of(typeof(Customer)), customer.Key, customer.Position, customer, customer.CommittedAt, ""));
    }

    static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var code = await CommandLine.Create().Parse(["mdm", .. arguments]).InvokeAsync(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false }, Stop);
        return (code, output.ToString());
    }
}
