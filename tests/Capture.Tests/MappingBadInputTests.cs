using System.Text;
using CdcSync.Capture.Postgres;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>What sources hold that objects cannot, and settings that name what is not there.</summary>
public sealed class MappingBadInputTests(TestPostgres postgres)
{
    const string Order = "select o.id, o.number, o.day as date, o.promised as promised_date, o.total, o.lines from o where o.id = any(@keys)";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("day", "'infinity'")]
    [InlineData("day", "'-infinity'")]
    [InlineData("day", "'4714-11-24 BC'")]
    [InlineData("promised", "'infinity'")]
    [InlineData("total", "'NaN'")]
    [InlineData("total", "'-Infinity'")]
    [InlineData("total", "1e40")]
    [InlineData("lines", "'[{\"quantity\": 1e40}]'")]
    [InlineData("lines", "'{\"not\": \"a list\"}'")]
    [InlineData("lines", "'[1]'")]
    public async Task A_value_an_object_cannot_hold_is_a_dead_letter_and_the_next_row_goes_on(string column, string value)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table o(id int primary key, number text, day date, promised date, total numeric, lines json)");
        await using var rig = MappingRig.Of(connection, [new() { Object = "sales_order", Source = "erp", Key = ["o.id"], Query = Order }]);
        rig.Captured.Start();
        await rig.Captured.CaughtUpAsync();
        await rig.Captured.ExecuteAsync($"insert into o (id, number, {column}) values (1, 'S1', {value}); insert into o (id, number) values (2, 'S2')");
        await rig.Captured.UntilAsync(_ => rig.DeadLetters.Any());
        await rig.Captured.UntilAsync(records => records.Any(r => r.Topic == "canonical.sales_order"));
        Assert.Equal(["sales_order 2"], (await rig.TopicsAsync()).Keys);
        // Perhaps twice: once of the change, once of the mapping's first reading.
        Assert.All(rig.DeadLetters, letter => Assert.Contains("\"1\"", Encoding.UTF8.GetString(letter.Value!), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_NUL_in_json_and_a_value_of_50_MB_arrive_as_they_are()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table c(id int primary key, name text, contacts json)");
        await using var rig = MappingRig.Of(connection, [new() { Object = "customer", Source = "erp", Key = ["c.id"], Query = "select id, name, contacts from c where id = any(@keys)" }]);
        rig.Captured.Start();
        await rig.Captured.CaughtUpAsync();
        await rig.Captured.ExecuteAsync("""insert into c values (1, 'a', '[{"name": "x\u0000y"}]'), (2, repeat('x', 50000000), null)""");
        await rig.Captured.UntilAsync(records => records.Count(r => r.Topic == "canonical.customer") == 2);
        var topics = await rig.TopicsAsync();
        Assert.Contains("x\\u0000y", topics["customer 1"], StringComparison.Ordinal);
        Assert.InRange(topics["customer 2"].Length, 50_000_000, 50_010_000);
    }

    [Fact]
    public async Task Tables_that_are_not_there_are_named_before_anything_starts()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table c(id int primary key, name text)");
        await using var rig = MappingRig.Of(connection,
        [
            new() { Object = "customer", Source = "erp", Key = ["c.id"], Query = "select id, name from c where id = any(@keys)", AffectedBy = new Dictionary<string, string> { ["nowhere"] = "c" } },
            new() { Object = "item", Source = "erp", Key = ["x.id"], Query = "select id, name from no_such where id = any(@keys)" },
        ]);
        var found = await rig.Mapper.CheckAsync(Stop);
        Assert.Contains(found, f => f.Level == PreflightLevel.Fail && f.What.Contains("no table public.nowhere", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Level == PreflightLevel.Fail && f.What.Contains("no_such", StringComparison.Ordinal));
    }
}
