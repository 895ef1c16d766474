using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Decisions;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using static CdcSync.Mdm.Tests.Samples;

namespace CdcSync.Mdm.Tests.Decisions;

/// <summary>When golden ids change, whoever keeps something under them is told what to carry over.</summary>
public sealed class MovesTests(TestPostgres postgres)
{
    const string Moves =
        """
        with taken as (delete from mdm.outbox returning *)
        select source_id || '>' || (body->>'golden_id') || case when (body->>'merged')::bool then ' merged' else '' end
            || (select string_agg(' ' || (r->>'source') || '/' || (r->>'source_id'), '') from json_array_elements(body->'records') r) || ' ' || (body->'dependents'->>0)
        from taken where topic = 'moves.customer' order by id
        """;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Merges_splits_and_moves_name_the_records_and_what_depends_on_them()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "A", vat: "DE123456781"), Customer("erp/2", 1, "A", vat: "DE123456781"), Customer("wms/1", 1, "B"));
        Assert.Empty(await store.TextsAsync(Moves));
        var steward = new Steward(store.Data, store.Settings, NullLogger.Instance);
        var merged = await steward.MergeAsync("customer", "C00000001", "C00000002", new Author("ann", "w"), Stop);
        Assert.Equal(["C00000002>C00000001 merged wms/1 price"], await store.TextsAsync(Moves));
        await steward.UndoAsync(merged.Act, null, new Author("ann", "w"), Stop);
        Assert.Equal(["C00000001>C00000003 wms/1 price"], await store.TextsAsync(Moves));
    }

    [Fact]
    public async Task A_record_that_comes_to_another_golden_record_by_its_values_is_told_too()
    {
        await using var store = await GoldenStore.NewAsync(postgres);
        await store.ResolveAsync(Customer("erp/1", 1, "A", vat: "DE123456781"), Customer("erp/2", 1, "A", vat: "DE123456781"), Customer("erp/3", 1, "B", vat: "DE123456782"), Customer("erp/4", 1, "B", vat: "DE123456782"));
        await store.TextsAsync(Moves);
        await store.ResolveAsync(Customer("erp/2", 2, "B", vat: "DE123456782"));
        Assert.Equal(["C00000001>C00000002 erp/2 price"], await store.TextsAsync(Moves));
        await store.ResolveAsync(Gone<Customer>("erp/2", 3));
        Assert.Empty(await store.TextsAsync(Moves));
    }
}
