using System.Globalization;
using CdcSync.Capture.Mapping;
using CdcSync.Capture.Tables;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Capture.Tests.Tables;

/// <summary>A second database, through a provider that CdcSync does not know: change tables, high water, soft deletes, mappings.</summary>
public sealed class SqliteTests : IDisposable
{
    const string Schema = """
        create table customer(id integer primary key, name text not null, hold int not null default 0, town int);
        create table town(id integer primary key, name text);
        create table item(code text primary key, name text, price numeric, gone text, changed integer not null);
        create table cdcsync_customer(change_id integer primary key autoincrement, change_op text, change_at text default (strftime('%Y-%m-%d %H:%M:%f', 'now')),
          old_id int, old_name text, old_hold int, old_town int, new_id int, new_name text, new_hold int, new_town int);
        create trigger ci after insert on customer begin insert into cdcsync_customer(change_op, new_id, new_name, new_hold, new_town) values ('I', new.id, new.name, new.hold, new.town); end;
        create trigger cu after update on customer begin
          insert into cdcsync_customer(change_op, old_id, old_name, old_hold, old_town, new_id, new_name, new_hold, new_town) values ('U', old.id, old.name, old.hold, old.town, new.id, new.name, new.hold, new.town); end;
        create trigger cd after delete on customer begin insert into cdcsync_customer(change_op, old_id, old_name, old_hold, old_town) values ('D', old.id, old.name, old.hold, old.town); end;
        -- As a package would keep one: another layout, the row as it is now, no old values.
        create table town_log(seq integer primary key autoincrement, what text, id int, name text);
        create trigger ti after insert on town begin insert into town_log(what, id, name) values ('i', new.id, new.name); end;
        create trigger tu after update on town begin insert into town_log(what, id, name) values ('u', new.id, new.name); end;
        create trigger td after delete on town begin insert into town_log(what, id, name) values ('d', old.id, old.name); end;
        """;

    readonly string _file = Path.Combine(Path.GetTempPath(), $"cdcsync-{Guid.NewGuid():n}.db");

    string Connection => $"Data Source={_file};Pooling=false;Default Timeout=30";

    TablesSettings Settings => Polled.Of(Connection,
        new WatchedTable { Table = "customer" },
        new WatchedTable { Table = "town", ChangeTable = new() { Name = "town_log", Id = "seq", Operation = "what", At = "", OldPrefix = "-", NewPrefix = "" } },
        new WatchedTable { Table = "item", Changes = ChangeReading.HighWater, Column = "changed", DeletedColumn = "gone", DeletedValues = ["Y"] }) with { Provider = "Microsoft.Data.Sqlite", Lag = TimeSpan.FromMilliseconds(200), BatchRows = 25 };

    async Task<List<string[]>> RunAsync(string sql)
    {
        await using var connection = new SqliteConnection(Connection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var found = new List<string[]>();
        await using var rows = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await rows.ReadAsync(TestContext.Current.CancellationToken)) found.Add([.. Enumerable.Range(0, rows.FieldCount).Select(i => Convert.ToString(rows.GetValue(i), CultureInfo.InvariantCulture)!)]);
        return found;
    }

    [Fact]
    public async Task Topics_add_up_to_the_tables()
    {
        await RunAsync("pragma journal_mode = wal");
        await RunAsync(Schema + "with recursive g(i) as (select 1 union all select i + 1 from g where i < 100) insert into customer select i, 'c' || i, 0, i % 5 from g;"
            + "insert into town values (0, 'A'), (1, 'B'), (2, 'C'); insert into item values ('x', 'X', 1.50, 'N', 1), ('y', 'Y', 2, 'Y', 2)");
        await using var polled = new Polled(Settings);
        polled.Start();
        var random = new Random(5);
        for (var i = 0; i < 150; i++)
        {
#pragma warning disable CA5394 // Repeatable, not secret.
            var id = random.Next(1, 130);
            var sql = random.Next(8) switch
            {
                0 => $"delete from customer where id = {id}",
                1 => $"insert into customer values ({id}, 'n{i}', 1, 1) on conflict(id) do update set name = excluded.name",
                2 => $"update or ignore customer set id = id + 1000 where id = {id}",
                3 => $"insert into town values ({id % 6}, 't{i}') on conflict(id) do update set name = excluded.name",
                4 => $"delete from town where id = {id % 6}",
                5 => $"insert into item values ('i{id % 9}', 'n{i}', {i}.25, 'N', {i + 10}) on conflict(code) do update set name = excluded.name, changed = excluded.changed, gone = 'N'",
                6 => $"update item set gone = 'Y', changed = {i + 10} where code = 'i{id % 9}'",
                _ => $"begin; update customer set hold = 1 - hold where id < 20; insert into town values (99, 'never'); rollback",
            };
#pragma warning restore CA5394
            await RunAsync(sql);
            if (i == 70)
            {
                await polled.StopAsync();
                polled.Start();
            }
        }
        await polled.SnapshotDoneAsync();
        await SameAsync(polled, "t.main.customer", "id", "name", "select id, name from customer");
        await SameAsync(polled, "t.main.town", "id", "name", "select id, name from town");
        await SameAsync(polled, "t.main.item", "code", "name", "select code, name from item where gone <> 'Y'");
    }

    async Task SameAsync(Polled polled, string topic, string key, string column, string sql)
    {
        var wanted = new SortedDictionary<string, string>((await RunAsync(sql)).ToDictionary(r => r[0], r => r[1]), StringComparer.Ordinal);
        for (var tries = 0; tries < 200 && !wanted.SequenceEqual(await polled.StateAsync(topic, key, column)); tries++) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(wanted, await polled.StateAsync(topic, key, column));
    }

    [Fact]
    public async Task Mappings_run_there_too()
    {
        await RunAsync(Schema + "insert into customer values (1, 'One', 0, 7); insert into town values (7, 'Seven'); insert into item values ('a', 'Apple', 1.50, 'N', 1), ('b', 'Gone', 1, 'Y', 2)");
        MappingSettings[] mappings =
        [
            new()
            {
                Object = "customer", Source = Settings.Name, Key = ["customer.id"],
                Query = "select c.id, c.name, (select json_group_array(json_object('city', t.name)) from town t where t.id = c.town) as addresses from customer c where c.id = any(@keys)",
                AffectedBy = new Dictionary<string, string> { ["town"] = "select id from customer where town = any(@ids)" },
            },
            new() { Object = "item", Source = Settings.Name, Key = ["item.code"], Table = "main.item", Row = new Dictionary<string, string> { ["number"] = "code", ["name"] = "name" } },
        ];
        var settings = Settings;
        mappings = [.. mappings.Select(m => m with { Source = settings.Name })];
        var records = new CanonicalRecords(new MemoryRegistry());
        await using var mapper = new CanonicalMapper(settings.Name, new TablesQueries(settings), mappings, records, NullLogger.Instance);
        Assert.DoesNotContain(await mapper.CheckAsync(TestContext.Current.CancellationToken), f => f.Level == PreflightLevel.Fail);
        await using var polled = new Polled(settings) { Mapper = mapper };
        polled.Start();
        await polled.UntilAsync(r => r.Count(x => x.Topic.StartsWith("canonical.", StringComparison.Ordinal)) == 2);
        await RunAsync("update town set name = 'Sieben' where id = 7");
        await polled.UntilAsync(r => r.Count(x => x.Topic == "canonical.customer") == 2);
        var customer = (Contract.Canonical.Customer)(await records.ReadAsync(polled.Log.Records.Last(r => r.Topic == "canonical.customer"), TestContext.Current.CancellationToken)).Object!;
        Assert.Equal(("One", "Sieben"), (customer.Name, customer.Addresses[0].City));
        await RunAsync("update item set gone = 'Y', changed = 3 where code = 'a'");
        await polled.UntilAsync(r => r.Count(x => x.Topic == "canonical.item") == 2);
        Assert.Null((await records.ReadAsync(polled.Log.Records.Last(r => r.Topic == "canonical.item"), TestContext.Current.CancellationToken)).Object);
        await RunAsync("insert into customer values (2, '[x] Two', 1, 7); delete from customer where id = 1");
        await polled.UntilAsync(r => r.Count(x => x.Topic == "canonical.customer") == 4);
    }

    [Fact]
    public async Task Check_says_what_is_wrong()
    {
        await RunAsync(Schema + "drop table town_log; alter table customer add extra text");
        await using var source = new TablesSource(Settings with { Tables = [.. Settings.Tables, new WatchedTable { Table = "item2", Changes = ChangeReading.HighWater, Column = "changed" }] }, new MemoryRegistry(), NullLogger.Instance, TimeProvider.System);
        var found = await source.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Contains(found, f => f.Level == PreflightLevel.Fail && f.What.StartsWith("town: ", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Level == PreflightLevel.Fail && f.What.StartsWith("item2: ", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Level == PreflightLevel.Warn && f.What.Contains("customer.extra is not in", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Level == PreflightLevel.Warn && f.What.Contains("reconciliation only", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"]) File.Delete(_file + suffix);
    }
}
