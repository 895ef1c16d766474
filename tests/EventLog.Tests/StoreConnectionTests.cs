using CdcSync.EventLog.Store;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.EventLog.Tests;

public sealed class StoreConnectionTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_statement_that_comes_again_is_prepared_on_the_server()
    {
        Assert.True(await PreparedAsync("", prepared: true) > 0);
        Assert.Equal(0, await PreparedAsync(";Max Auto Prepare=0", prepared: true));
        Assert.Equal(0, await PreparedAsync("", prepared: false));
    }

    async Task<long> PreparedAsync(string options, bool prepared)
    {
        await using var store = StoreConnection.Open(await postgres.NewDatabaseAsync() + options, prepared);
        await using var connection = await store.OpenConnectionAsync(Stop);
        for (var i = 0; i < 3; i++)
        {
            await using var command = new NpgsqlCommand("select $1 + 1", connection) { Parameters = { new() { Value = i } } };
            await command.ExecuteScalarAsync(Stop);
        }
        await using var count = new NpgsqlCommand("select count(*) from pg_prepared_statements where statement = 'select $1 + 1'", connection);
        return (long)(await count.ExecuteScalarAsync(Stop))!;
    }
}
