using System.Text;
using CdcSync.Capture.Mapping;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Settings;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

public class MappingTests(TestPostgres postgres)
{
    [Theory]
    [InlineData("select 1 from t where t.id = any(@keys)", "select 1 from t where <t.id>")]
    [InlineData("where (a.x, b.y) = ANY ( @keys ) and z", "where <(a.x, b.y)> and z")]
    [InlineData("where \"Id\" =any(@keys) -- x = any(@keys)\n/* y = any(@keys) */", "where <\"Id\"> -- x = any(@keys)\n/* y = any(@keys) */")]
    [InlineData("select 'a = any(@keys)', $x$ b = any(@keys) $x$ where c = any(@keys)", "select 'a = any(@keys)', $x$ b = any(@keys) $x$ where <c>")]
    [InlineData("a = any(@keys) union b = any(@keys)", "<a> union <b>")]
    public void The_key_filter_is_found_outside_quotes_and_comments(string query, string expected) =>
        Assert.Equal(expected, KeyFilter.Replace(query, operand => $"<{operand}>"));

    [Theory]
    [InlineData("X | trim", "  a ", "a"), InlineData("X | trim", "   ", null), InlineData("X | upper", "ab", "AB")]
    [InlineData("X | number", "12.50", "12.50"), InlineData("X | number", " ", null)]
    [InlineData("X | bool", "Y", "true"), InlineData("X | bool", "0", "false"), InlineData("X | bool", "N", "false")]
    [InlineData("X | date(yyyyMMdd)", "20240229", "2024-02-29"), InlineData("X | date(yyyyMMdd)", "99991231", null), InlineData("X | date(yyyyMMdd)", "00000000", null)]
    [InlineData("X | map(A=active, *=hold)", "A", "active"), InlineData("X | map(A=active, *=hold)", "Q", "hold")]
    [InlineData("X | default(n/a)", null, "n/a"), InlineData("'EA'", "x", "EA"), InlineData("X | trim | upper", " q ", "Q")]
    public void Conversions_are_functions_of_the_value(string expression, string? value, string? expected) =>
        Assert.Equal(expected, RowExpression.Parse("f", expression).Apply(_ => value)?.ToString());

    [Theory]
    [InlineData("X | number", "12a"), InlineData("X | date(yyyyMMdd)", "20241341"), InlineData("X | map(A=b)", "Z")]
    public void A_value_that_does_not_convert_says_so(string expression, string value) =>
        Assert.StartsWith("f: ", Assert.Throws<FormatException>(() => RowExpression.Parse("f", expression).Apply(_ => value)).Message, StringComparison.Ordinal);

    [Fact]
    public void Settings_that_cannot_be_say_what_to_do()
    {
        var good = new MappingSettings { Object = "customer", Source = "erp", Key = ["c.id"], Query = "select id, name from c where id = any(@keys)" };
        good.Validate();
        Assert.Contains("did you mean 'customer'", Wrong(good with { Object = "custmer" }), StringComparison.Ordinal);
        Assert.Contains("any(@keys)", Wrong(good with { Query = "select id from c" }), StringComparison.Ordinal);
        Assert.Contains("did you mean 'trim'", Wrong(good with { Query = null, Table = "public.c", Row = new Dictionary<string, string> { ["name"] = "N | trimm" } }), StringComparison.Ordinal);
        static string Wrong(MappingSettings settings) => Assert.Throws<SettingsException>(settings.Validate).Message;
    }

    [Fact]
    public async Task Preflight_names_the_wrong_field_and_the_lost_key()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table c(id int primary key, nme text); create table a(id int primary key, c int)");
        await using var rig = MappingRig.Of(connection,
            [new() { Object = "customer", Source = "erp", Key = ["c.id"], Query = "select id, nme from c where id = any(@keys)", AffectedBy = new Dictionary<string, string> { ["a"] = "c" } }]);
        var found = await rig.Mapper.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Contains(found, f => f.What.Contains("no field 'nme'; did you mean 'name'", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Fix == "alter table \"public\".\"a\" replica identity full;");
    }

    [Fact]
    public async Task A_row_that_is_no_object_stops_itself_only()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table c(id int primary key, name text, lim numeric, d int default 1)");
        await using var rig = MappingRig.Of(connection,
            [new() { Object = "customer", Source = "erp", Key = ["c.id"], Query = "select id, name || (1 / d) as name, lim as credit_limit from c where id = any(@keys)" }]);
        await rig.PrepareAsync();
        await rig.Captured.ExecuteAsync("insert into c values (9, 'i')");
        rig.Captured.Start();
        await rig.AgreeAsync();
        await rig.Captured.ExecuteAsync("insert into c values (1, 'a', 'NaN', 1), (2, 'b', 2.5, 1), (3, 'c', 1, 0), (4, 'd', 4, 1), (5, 'e', null, 1)");
        await rig.Captured.UntilAsync(_ => rig.DeadLetters.Count() >= 2);
        Assert.Equal(["customer 2", "customer 4", "customer 5", "customer 9"], (await rig.TopicsAsync()).Keys);
        var letters = rig.DeadLetters.Select(r => Encoding.UTF8.GetString(r.Value!)).ToList();
        Assert.Equal(2, letters.Count);
        Assert.Contains(letters, l => l.Contains("credit_limit", StringComparison.Ordinal));
        Assert.Contains(letters, l => l.Contains("division by zero", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_row_that_cannot_be_evaluated_stops_no_snapshot_and_no_comparison()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table c(id int primary key, d int); insert into c select i, case i when 3001 then 0 else 1 end from generate_series(1, 5000) i");
        await using var rig = MappingRig.Of(connection, [new() { Object = "customer", Source = "erp", Key = ["c.id"], Query = "select id, 'n' || (1 / d) as name from c where id = any(@keys)" }]);
        await rig.PrepareAsync();
        rig.Captured.Start();
        await rig.Captured.UntilAsync(_ => rig.DeadLetters.Any());
        await rig.Captured.ExecuteAsync("insert into c values (5001, 1)");
        await rig.Captured.UntilAsync(records => records.Any(r => r.Topic == "canonical.customer" && Encoding.UTF8.GetString(r.Key!).Contains("5001", StringComparison.Ordinal)));
        var topics = await rig.TopicsAsync();
        Assert.Equal(5000, topics.Count);
        Assert.DoesNotContain("customer 3001", topics.Keys);
        Assert.Single(rig.DeadLetters);

        var read = await rig.Mapper.ReadAsync("erp.customer", null, TestContext.Current.CancellationToken).Select(o => o.SourceId).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 5001).Where(i => i != 3001).Select(i => $"{i}").Order(StringComparer.Ordinal), read);
    }

    [Fact]
    public async Task A_query_that_fails_waits_and_goes_on_without_loss()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table c(id int primary key, name text)");
        await using var rig = MappingRig.Of(connection, [new() { Object = "customer", Source = "erp", Key = ["c.id"], Query = "select id, name from c where id = any(@keys)" }]);
        rig.Captured.Start();
        await rig.Captured.ExecuteAsync("insert into c values (1, 'a')");
        await rig.AgreeAsync();
        await rig.Captured.ExecuteAsync("alter table c rename name to nom; insert into c values (2, 'b')");
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        await rig.Captured.ExecuteAsync("alter table c rename nom to name");
        await rig.AgreeAsync();
        Assert.Equal(2, (await rig.TopicsAsync()).Count);
    }

    [Fact]
    public async Task Objects_are_all_published_once_also_where_no_rows_are()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table c(id int primary key, name text); insert into c values (1, 'a'), (2, 'b')");
        await using var rig = MappingRig.Of(connection, [new() { Object = "customer", Source = "erp", Key = ["c.id"], Query = "select id, name from c where id = any(@keys)" }]);
        rig.Captured.Settings = rig.Captured.Settings with { Snapshot = SnapshotMode.Never };
        rig.Captured.Start();
        await rig.Captured.UntilAsync(records => records.Count(r => r.Topic == "canonical.customer") == 2);
        await rig.Captured.ExecuteAsync("update c set name = 'B' where id = 2; insert into c values (3, 'c')");
        await rig.AgreeAsync();
        Assert.Equal(3, (await rig.TopicsAsync()).Count);
        Assert.Equal(4, rig.Captured.Log.Records.Count(r => r.Topic == "canonical.customer"));
        Assert.Equal(2, rig.Captured.Log.Records.Count(r => r.Topic.EndsWith(".public.c", StringComparison.Ordinal)));
    }
}
