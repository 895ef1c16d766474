using CdcSync.Demo;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Reconcile.Tests;

public sealed class DemoDatabasesTests(TestPostgres postgres)
{
    [Fact]
    public async Task The_demo_has_what_its_readme_says()
    {
        var demo = await DemoDatabases.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);

        Assert.Equal(4950, await CountAsync(demo.ErpCapture, "select count(*) from \"CUSMAS\""));
        Assert.Equal(550, await CountAsync(demo.WmsCapture, "select count(*) from consignee"));
        Assert.Equal(2000, await CountAsync(demo.WmsCapture, "select count(*) from sku"));
        Assert.Equal(3, await CountAsync(demo.WmsCapture, "select count(*) from warehouse"));
        Assert.Equal(0, await CountAsync(demo.WmsCapture,
            "select count(*) from sku where (select sum(substr(gtin, p, 1)::int * case when p % 2 = 1 then 1 else 3 end) from generate_series(1, 13) p) % 10 <> 0"));
        await Assert.ThrowsAsync<PostgresException>(() => CountAsync(demo.ErpCapture, "delete from \"CUSMAS\""));
    }

    static async Task<long> CountAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) ?? 0L);
    }
}
