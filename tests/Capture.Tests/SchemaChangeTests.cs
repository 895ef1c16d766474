using CdcSync.Capture.Mapping;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Changes;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>The source's schema changes under way: what cannot go on stops alone, says why, and misses nothing once it is mended.</summary>
public class SchemaChangeTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static readonly MappingSettings Customer = new() { Object = "customer", Source = "erp", Key = ["party.id"], Query = "select p.id, p.name from party p where p.id = any(@keys)", AffectedBy = new Dictionary<string, string> { ["tag"] = "party" } };
    static readonly MappingSettings Item = new() { Object = "item", Source = "erp", Key = ["public.item.id"], Table = "public.item", Row = new Dictionary<string, string> { ["number"] = "code", ["name"] = "label", ["base_unit"] = "'EA'" } };

    async Task<MappingRig> NewAsync(params MappingSettings[] mappings)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, """
            create table party(id int primary key, name text); create table tag(id int primary key, party int); alter table tag replica identity full; create table item(id int primary key, code text, label text);
            insert into party values (1, 'ada'), (2, 'bob'); insert into item values (1, 'A', 'axe')
            """);
        var rig = MappingRig.Of(connection, mappings);
        rig.Captured.Start();
        await rig.AgreeAsync();
        return rig;
    }

    static async Task<IReadOnlyList<StoppedMapping>> StoppedAsync(MappingRig rig, int count)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            if (rig.Captured.Running.IsCompleted) await rig.Captured.Running;
            var stopped = CaptureWorker.StoppedIn(await rig.Captured.Log.ReadBookmarkAsync("erp", Stop));
            if (stopped.Count == count) return stopped;
            await Task.Delay(50, Stop);
        }
        throw new TimeoutException($"{count} mappings should stand still; log says:\n{string.Join('\n', rig.Captured.Said.Lines)}");
    }

    [Fact]
    public async Task A_mapping_that_loses_a_column_stops_alone_and_catches_up_when_it_is_back()
    {
        await using var rig = await NewAsync(Customer, Item);
        await rig.Captured.ExecuteAsync("alter table party rename name to nom; insert into party values (3, 'cleo')");
        var stopped = Assert.Single(await StoppedAsync(rig, 1));
        Assert.Equal("erp.customer", stopped.Mapping);
        Assert.Contains("name", stopped.Reason, StringComparison.Ordinal);

        // Meanwhile: everything else goes on, and the stopped one misses an insert, a change and a delete.
        await rig.Captured.ExecuteAsync("insert into item values (2, 'B', 'bow'); update party set nom = 'bert' where id = 2; delete from party where id = 1");
        await rig.Captured.UntilAsync(r => r.Count(x => x.Topic == "canonical.item") == 2 && r.Count(x => x.Topic == "erp.public.party" && x.Value is null) == 1);
        Assert.Equal(["customer 1", "customer 2", "item 1", "item 2"], (await rig.TopicsAsync()).Keys);

        await rig.Captured.ExecuteAsync("alter table party rename nom to name");
        await StoppedAsync(rig, 0);
        await rig.AgreeAsync();
        Assert.Equal(["customer 2", "customer 3", "item 1", "item 2"], (await rig.TopicsAsync()).Keys);
        await rig.Captured.ExecuteAsync("insert into party values (4, 'dora')");
        await rig.AgreeAsync();
        Assert.Contains(rig.Captured.Said.Lines, l => l.Contains("erp.customer goes on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_row_mapping_and_a_lost_way_to_the_key_stop_alone_too()
    {
        await using var rig = await NewAsync(Customer, Item);
        await rig.Captured.ExecuteAsync("alter table item drop column label; insert into item values (2, 'B'); alter table tag drop column party; insert into tag values (1); insert into party values (3, 'cleo')");
        var stopped = await StoppedAsync(rig, 2);
        Assert.Contains(stopped, s => s.Mapping == "erp.item" && s.Reason.Contains("label", StringComparison.Ordinal));
        Assert.Contains(stopped, s => s.Mapping == "erp.customer" && s.Reason.Contains("party", StringComparison.Ordinal));
        await rig.Captured.UntilAsync(r => r.Count(x => x.Topic == "erp.public.party") == 3);

        // Mended by new settings and a start; what stood still is remembered until then.
        await rig.Captured.StopAsync();
        await rig.Captured.ExecuteAsync("update party set name = 'bert' where id = 2; delete from item where id = 1");
        await using var mended = MappingRig.Of(rig.Captured.Connection, [Customer with { AffectedBy = new Dictionary<string, string>() }, Item with { Row = new Dictionary<string, string> { ["number"] = "code", ["name"] = "code", ["base_unit"] = "'EA'" } }], after: rig);
        Assert.Equal(2, CaptureWorker.StoppedIn(await mended.Captured.Log.ReadBookmarkAsync("erp", Stop)).Count);
        mended.Captured.Start();
        await StoppedAsync(mended, 0);
        await mended.AgreeAsync();
        Assert.Equal(["customer 1", "customer 2", "customer 3", "item 2"], (await mended.TopicsAsync()).Keys);
    }

    [Fact]
    public async Task A_mapping_left_out_of_the_settings_for_a_while_reads_all_again()
    {
        await using var both = await NewAsync(Customer, Item);
        await both.Captured.StopAsync();
        await using (var one = MappingRig.Of(both.Captured.Connection, [Item], after: both))
        {
            one.Captured.Start();
            await one.Captured.ExecuteAsync("insert into party values (3, 'cleo'); delete from party where id = 1");
            await one.Captured.CaughtUpAsync();
            await one.Captured.StopAsync();
        }
        await using var again = MappingRig.Of(both.Captured.Connection, [Customer, Item], after: both);
        again.Captured.Start();
        await again.AgreeAsync();
        Assert.Equal(["customer 2", "customer 3", "item 1"], (await again.TopicsAsync()).Keys);
    }

    [Fact]
    public async Task Each_change_of_a_table_is_told_with_what_downstream_will_see()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table t(id int primary key, a text, b int, c text); insert into t values (1)");
        captured.Start();
        await captured.CaughtUpAsync();
        await captured.ExecuteAsync("insert into t values (2)");
        await captured.CaughtUpAsync();
        await captured.ExecuteAsync("alter table t rename a to z; alter table t alter b type bigint; alter table t drop column c; alter table t replica identity full; insert into t values (3)");
        await captured.UntilAsync(r => r.Count == 3);
        var said = Assert.Single(captured.Said.Lines, l => l.Contains("has changed", StringComparison.Ordinal));
        foreach (var part in (string[])["column a went", "(a rename looks the same)", "column z (text) came", "b was integer and is bigint", "column c went", "replica identity was default and is full"])
            Assert.Contains(part, said, StringComparison.Ordinal);
        await captured.ExecuteAsync("update t set b = 1");
        await captured.CaughtUpAsync();
        await captured.ExecuteAsync("alter table t drop constraint t_pkey; alter table t add primary key (id, b)");
        await captured.ExecuteAsync("insert into t values (4, 'x', 1)");
        await captured.CaughtUpAsync();
        Assert.Contains(captured.Said.Lines, l => l.Contains("the key was (id) and is (id, b)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tables_that_come_into_scope_are_taken_in_and_partitions_are_told()
    {
        await using var first = await Captured.NewAsync(postgres, "create table t(id int primary key); insert into t values (1); create table p(id int primary key) partition by range (id); create table p_1 partition of p for values from (0) to (10)");
        await using var captured = new Captured(first.Connection) { Settings = first.Settings with { ScopeInterval = TimeSpan.FromMilliseconds(200) } };
        captured.Start();
        await captured.CaughtUpAsync();
        await captured.ExecuteAsync("create table late(id int primary key); insert into late values (7)");
        await captured.UntilAsync(r => r.Any(x => x.Topic == "t.public.late"));
        Assert.Contains(captured.Said.Lines, l => l.Contains("public.late came into scope", StringComparison.Ordinal));
        await captured.ExecuteAsync("insert into late values (8); create table p_2(id int primary key); insert into p_2 values (15); alter table p attach partition p_2 for values from (10) to (20)");
        await captured.UntilAsync(r => r.Count(x => x.Topic == "t.public.late") == 2 && captured.Said.Lines.Any(l => l.Contains("public.p_2 was attached to public.p", StringComparison.Ordinal)));
        await captured.ExecuteAsync("alter table p detach partition p_1; drop table p_1");
        await captured.UntilAsync(_ => captured.Said.Lines.Any(l => l.Contains("public.p_1 was detached from public.p", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_table_the_role_may_not_publish_is_left_out_with_the_command_and_taken_in_later()
    {
        var admin = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(admin, "create table t(id int primary key); insert into t values (1)");
        var name = Guid.NewGuid().ToString("n")[..10];
        var settings = new PostgresSettings { Name = name, TopicPrefix = "t", Connection = admin.Replace("Username=postgres", $"Username=l{name}", StringComparison.Ordinal), HeartbeatInterval = TimeSpan.FromMilliseconds(300), ScopeInterval = TimeSpan.FromMilliseconds(200) };
        var access = new SourceCatalog().OpenAccess(settings, [])!;
        await access.ApplyAsync(await access.ScriptAsync(undo: false, admin, Stop), admin, _ => { }, Stop);
        await TestPostgres.ExecuteAsync(admin, "create table late(id int primary key); insert into late values (7)");
        await using var captured = new Captured(settings.Connection) { Settings = settings };
        captured.Start();
        await captured.UntilAsync(r => r.Count == 1 && captured.Said.Lines.Any(l => l.Contains($"public.late are named by 'tables' but not published", StringComparison.Ordinal) && l.Contains($"cdcsync enable {name} --apply", StringComparison.Ordinal)));
        await access.ApplyAsync(await access.ScriptAsync(undo: false, admin, Stop), admin, _ => { }, Stop);
        await captured.UntilAsync(r => r.Any(x => x.Topic == "t.public.late"));
    }
}
