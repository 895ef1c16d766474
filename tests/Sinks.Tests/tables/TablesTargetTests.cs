using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using CdcSync.Servers;
using CdcSync.Sinks.Tables;

namespace CdcSync.Sinks.Tests.Tables;

public class TablesTargetTests(TestPostgres postgres)
{
    static readonly CanonicalKind Customers = CanonicalCatalog.Find("customer")!;
    static readonly CanonicalKind Orders = CanonicalCatalog.Find("sales_order")!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Customer CustomerOf(string id, int version, string name) => new()
    {
        Source = "erp", SourceId = id, Version = new SourcePosition((UInt128)(uint)version, 1).ToString(), CommittedAt = DateTimeOffset.UtcNow, Name = name, CreditLimit = 12.50m,
        Addresses = [new Address { City = "Köln", Street = "A\nB" }],
    };

    static Parcel ParcelOf(CanonicalKind kind, CanonicalObject value) => new(kind, value.Key, TargetKeys.Join([value.Source, value.SourceId]), value.Position, value);

    static async Task<List<ComparedRow>> ReadAsync(TablesTarget target, CanonicalKind kind, params string[] keys)
    {
        var rows = new List<ComparedRow>();
        await foreach (var row in target.ReadAsync(kind, keys.Length == 0 ? null : keys, Stop)) rows.Add(row);
        return rows;
    }

    async Task<TablesTarget> OpenAsync(bool soft = false) => new("dw", new TablesSettings { Connection = await postgres.NewDatabaseAsync(), Schema = "dw", SoftDeletes = soft });

    [Fact]
    public async Task What_is_read_back_is_what_was_delivered_in_the_order_of_keys()
    {
        await using var target = await OpenAsync();
        var customers = new[] { "b", "B", "a", "é", "\U0001F600", "\uFFFD", "a|b", "10", "9" }.Select(id => CustomerOf(id, 1, $"Name {id} ")).ToArray();
        var outcomes = await target.DeliverAsync(Customers, [.. customers.Select(c => ParcelOf(Customers, c))], Stop);
        Assert.All(outcomes, o => Assert.Equal(OutcomeClass.Done, o.Class));
        var wanted = customers.Select(c => target.Project(Customers, c)!).OrderBy(r => r.Key, KeyOrder.Instance).ToList();
        var there = await ReadAsync(target, Customers);
        Assert.Equal(wanted.Select(r => r.Key), there.Select(r => r.Key));
        foreach (var (want, have) in wanted.Zip(there)) Assert.Equal(want.Values.OrderBy(v => v.Key), have.Values.OrderBy(v => v.Key));
        Assert.Equal(["erp|9", "erp|a"], (await ReadAsync(target, Customers, "erp|a", "erp|9", "erp|none")).Select(r => r.Key));
    }

    [Fact]
    public async Task Documents_with_lines_and_dates_come_back_equal()
    {
        await using var target = await OpenAsync();
        var order = new SalesOrder
        {
            Source = "erp", SourceId = "1", Version = "1:1", Number = "SO1", Date = new DateOnly(2026, 2, 3), Total = 99.900m, CustomerId = "7",
            Lines = [new Line { LineId = "1" }, new Line { LineId = "2" }],
        };
        await target.DeliverAsync(Orders, [ParcelOf(Orders, order)], Stop);
        Assert.Equal(target.Project(Orders, order)!.Values.OrderBy(v => v.Key), (await ReadAsync(target, Orders)).Single().Values.OrderBy(v => v.Key));
    }

    [Fact]
    public async Task An_older_version_changes_nothing_and_a_repair_may_write_the_same_one()
    {
        await using var target = await OpenAsync();
        await target.DeliverAsync(Customers, [ParcelOf(Customers, CustomerOf("1", 300, "new"))], Stop);
        await target.DeliverAsync(Customers, [ParcelOf(Customers, CustomerOf("1", 20, "old"))], Stop);
        await target.DeliverAsync(Customers, [ParcelOf(Customers, CustomerOf("1", 300, "doubled"))], Stop);
        Assert.Equal("new", (await ReadAsync(target, Customers)).Single().Values["name"]);
        await target.DeliverAsync(Customers, [ParcelOf(Customers, CustomerOf("1", 300, "repaired")) with { Forced = true }], Stop);
        Assert.Equal("repaired", (await ReadAsync(target, Customers)).Single().Values["name"]);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Deletes_remove_or_mark_and_an_older_one_does_not(bool soft)
    {
        await using var target = await OpenAsync(soft);
        var (one, two) = (CustomerOf("1", 5, "one"), CustomerOf("2", 5, "two"));
        await target.DeliverAsync(Customers, [ParcelOf(Customers, one), ParcelOf(Customers, two)], Stop);
        await target.DeliverAsync(Customers, [ParcelOf(Customers, one) with { Object = null, Version = new SourcePosition(6, 1) }, ParcelOf(Customers, two) with { Object = null, Version = new SourcePosition(4, 1) }], Stop);
        Assert.Equal("two", (await ReadAsync(target, Customers)).Single().Values["name"]);
    }

    [Fact]
    public async Task A_row_the_database_cannot_hold_is_refused_with_its_batch()
    {
        await using var target = await OpenAsync();
        var outcomes = await target.DeliverAsync(Customers, [ParcelOf(Customers, CustomerOf("1", 1, "a\0b")), ParcelOf(Customers, CustomerOf("2", 1, "fine"))], Stop);
        Assert.All(outcomes, o => Assert.Equal((OutcomeClass.Refused, true), (o.Class, o.OfWholeCall)));
    }

    [Fact]
    public async Task Through_the_sink_the_bad_row_is_parked_and_the_rest_arrives()
    {
        await using var bench = await SinkRig.OpenAsync(postgres);
        await using var target = await OpenAsync();
        var customers = Enumerable.Range(0, 200).Select(n => CustomerOf($"{n}", n + 1, n == 77 ? "a\0b" : $"Name {n}")).ToArray();
        await bench.WriteAsync(customers);
        await bench.WhileRunningAsync(SinkRig.Settings("customer"), target, () => bench.CaughtUpAsync());
        Assert.Equal(199, (await ReadAsync(target, Customers)).Count);
        Assert.Equal("erp/77", Assert.Single(await bench.Letters.ListAsync(null, 10, Stop)).Key.ToString());
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_tried_again()
    {
        await using var target = new TablesTarget("dw", new TablesSettings { Connection = "Host=127.0.0.1;Port=1;Timeout=2" });
        Assert.Equal(OutcomeClass.Retry, (await target.DeliverAsync(Customers, [ParcelOf(Customers, CustomerOf("1", 1, "x"))], Stop)).Single().Class);
    }
}
