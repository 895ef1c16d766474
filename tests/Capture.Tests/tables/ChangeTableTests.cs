using System.Globalization;
using CdcSync.Capture.Tables;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests.Tables;

/// <summary>Change tables on a real PostgreSQL: by its snapshots, and as any database would have to, by numbers and lag.</summary>
public class ChangeTableTests(TestPostgres postgres)
{
    static readonly WatchedTable Thing = new() { Table = "public.thing" };

    // Without its transaction column it is a change table as any database has.
    static WatchedTable Watched(bool windows) => windows ? Thing : Thing with { ChangeTable = new() { Transaction = "" } };

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task The_story_of_each_key_is_the_sources(bool windows)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, RandomLoad.Schema);
        var settings = Polled.Of(connection, Watched(windows)) with { BatchRows = 60 };
        await Polled.EnableAsync(settings);
        await using var polled = new Polled(settings);
        polled.Start();
        await polled.BeganAsync();
        if (!windows) await polled.SnapshotDoneAsync();   // before it is ready it cannot tell changes from rows
        using var load = new CancellationTokenSource();
        var writers = Task.WhenAll(RandomLoad.RunAsync(connection, 1, 5, load.Token), RandomLoad.RunAsync(connection, 2, 5, load.Token), LateAsync(connection, load.Token));
        for (var i = 0; i < 4; i++)
        {
            await Task.Delay(1200, TestContext.Current.CancellationToken);
            if (i == 1) await TestPostgres.ExecuteAsync(connection, "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()");
            if (i != 2) continue;
            await polled.StopAsync();
            polled.Start();
        }
        await load.CancelAsync();
        await writers;
        await polled.SnapshotDoneAsync();
        await CaughtUpAsync(polled, connection);
        Assert.Empty(Polled.Compare(await RandomLoad.HistoryAsync(connection), await polled.StoryAsync("t.public.thing")).Take(10));
        AssertOrdered(await polled.EnvelopesAsync("t.public.thing"));
    }

    [Fact]
    public async Task Rows_are_read_no_faster_than_the_load_budget_lets_them_and_changes_do_not_wait()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table thing(id bigint primary key, version int not null, note text); insert into thing select g, 0 from generate_series(1, 900) g");
        var settings = Polled.Of(connection, Thing) with { Load = new Care.LoadSettings { RowsPerSecond = 200 } };
        await Polled.EnableAsync(settings);
        await using var polled = new Polled(settings);
        var at = TimeProvider.System.GetTimestamp();
        polled.Start();
        await polled.UntilAsync(records => records.Count > 0);
        await TestPostgres.ExecuteAsync(connection, "insert into thing values (0, 1)");
        await polled.UntilAsync(records => records.Count >= 901);
        Assert.InRange(TimeProvider.System.GetElapsedTime(at), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(60));
        var story = await polled.StoryAsync("t.public.thing");
        Assert.Equal(901, story.Count);
        Assert.Equal(["c1"], story[0]);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Who_writes_without_pause_keeps_no_other_table_waiting(bool highWater)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table busy(id bigserial primary key, tick bigserial); create index on busy(tick); create table quiet(id int primary key, tick bigserial)");
        var way = highWater ? new WatchedTable { Table = "", Changes = ChangeReading.HighWater, Column = "tick" } : new WatchedTable { Table = "", ChangeTable = new() { Transaction = "" } };
        var settings = Polled.Of(connection, way with { Table = "public.busy" }, way with { Table = "public.quiet" }) with { BatchRows = 2, Lag = TimeSpan.FromMilliseconds(300) };
        if (!highWater) await Polled.EnableAsync(settings);
        await using var polled = new Polled(settings);
        polled.Start();
        await polled.SnapshotDoneAsync();
        using var enough = new CancellationTokenSource();
        var writing = BusyAsync(connection, () => polled.Log.Records.Count(r => r.Topic == "t.public.busy"), enough.Token);
        await polled.UntilAsync(r => r.Count > 0);
        await TestPostgres.ExecuteAsync(connection, "insert into quiet values (1)");
        await polled.UntilAsync(r => r.Any(x => x.Topic == "t.public.quiet"));
        await enough.CancelAsync();
        await writing;
    }

    // However fast it is read, there is always more, and never much.
    static async Task BusyAsync(string connection, Func<int> read, CancellationToken stop)
    {
        const int Ahead = 300;
        await using var opened = new NpgsqlConnection(connection + ";Pooling=false");
        await opened.OpenAsync(CancellationToken.None);
        await using var insert = new NpgsqlCommand("insert into busy select from generate_series(1, 300)", opened);
        for (var written = 0; !stop.IsCancellationRequested;)
            if (written - read() > Ahead) await Task.Delay(2, CancellationToken.None);
            else written += await insert.ExecuteNonQueryAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Stopped_in_the_middle_of_a_round_and_again_before_it_goes_on_it_doubles_nothing()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table thing(id bigint primary key, version int not null, note text)");
        var settings = Polled.Of(connection, Thing) with { BatchRows = 10 };
        await Polled.EnableAsync(settings);
        var (bookmark, _) = await UntilAsync(settings, null, b => b.IsSnapshotDone);
        await TestPostgres.ExecuteAsync(connection, "insert into thing select g, 1 from generate_series(1, 50) g");

        var (cut, told) = await UntilAsync(settings, bookmark, b => b.Count > 0);
        Assert.Equal(10, told.Count);
        var (again, none) = await UntilAsync(settings, cut, _ => true);     // what it writes first, before it has read anything
        Assert.Empty(none);
        var seen = 10;
        var (_, rest) = await UntilAsync(settings, again, b => (seen += b.Count) >= 50);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), told.Concat(rest));
    }

    // The keys of what is read, and the place it is left at.
    static async Task<(Bookmark Place, List<long> Keys)> UntilAsync(TablesSettings settings, Bookmark? from, Func<ChangeBatch, bool> enough)
    {
        await using var source = new TablesSource(settings, new MemoryRegistry(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System);
        var keys = new List<long>();
        await foreach (var batch in source.ReadAsync(from, TestContext.Current.CancellationToken))
        {
            using var _ = batch;
            for (var i = 0; i < batch.Count; i++) keys.Add((long)batch[i].After.Value(batch[i].Table, 0)!);
            if (enough(batch)) return (new Bookmark(batch.End, batch.State), keys);
        }
        throw new InvalidOperationException("It ended");
    }

    // Takes numbers and a transaction id early, and commits late: long after others have gone past. Some give up.
    static async Task LateAsync(string connection, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            try
            {
                await using var opened = new NpgsqlConnection(connection + ";Pooling=false");
                await opened.OpenAsync(CancellationToken.None);
                await using var transaction = await opened.BeginTransactionAsync(CancellationToken.None);
                await using var insert = new NpgsqlCommand($"insert into thing values ({9_000_000 + i}, 1, 'late')", opened, transaction);
                await insert.ExecuteNonQueryAsync(CancellationToken.None);
                await Task.Delay(700, CancellationToken.None);
                insert.CommandText = $"update thing set version = 2 where id = {9_000_000 + i}";
                await insert.ExecuteNonQueryAsync(CancellationToken.None);
                if (i % 3 == 2) await transaction.RollbackAsync(CancellationToken.None);
                else await transaction.CommitAsync(CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // The connection was cut: its transaction never happened.
            }
        }
    }

    static async Task CaughtUpAsync(Polled polled, string connection)
    {
        await polled.UntilAsync(_ => true);
        var history = await RandomLoad.HistoryAsync(connection);
        var changes = history.Where(h => h.Key > RandomLoad.FirstRows).Sum(h => h.Value.Count);
        for (var tries = 0; tries < 300; tries++)
        {
            if ((await polled.StoryAsync("t.public.thing")).Where(s => s.Key > RandomLoad.FirstRows).Sum(s => s.Value.Count(v => v[0] != 'r')) >= changes) break;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        await Task.Delay(300, TestContext.Current.CancellationToken);   // and nothing twice
    }

    static void AssertOrdered(IEnumerable<AvroRecord?> envelopes)
    {
        var last = SourcePosition.Start;
        foreach (var source in envelopes.OfType<AvroRecord>().Where(e => (string?)e["op"] != "r").Select(e => (AvroRecord)e["source"]!))
        {
            var position = SourcePosition.Parse((string)source["position"]!);
            Assert.True(position > last, $"{position} after {last}");
            last = position;
        }
    }

    [Fact]
    public async Task Records_have_debeziums_envelope()
    {
        var connection = await postgres.NewDatabaseAsync("erp");
        await TestPostgres.ExecuteAsync(connection, """
            create type mood as enum ('sad', 'glad');
            create table wide(id int, part smallint, name text not null, price numeric(14,2), rate numeric, weight double precision, ok boolean, born date, at time, stamp timestamp, zoned timestamptz,
              raw bytea, ref uuid, doc jsonb, tags int[], feeling mood, span interval, primary key (id, part));
            insert into wide values (1, 2, 'Jörg', 12.30, 1.5000, 0.25, true, '2024-02-29', '12:34:56.789', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56.789+01', '\xCAFE',
              '6f1c4d0e-9a58-4a41-8a53-1f5d7b1f2f6a', '{"a":1}', '{1,2}', 'glad', '1 mon 2 days');
            """);
        var settings = Polled.Of(connection, new WatchedTable { Table = "public.wide" });
        await Polled.EnableAsync(settings);
        Assert.Empty((await new SourceCatalog().OpenAccess(settings, [])!.ScriptAsync(false, null, TestContext.Current.CancellationToken)).Steps);
        await using var polled = new Polled(settings);
        polled.Start();
        await polled.SnapshotDoneAsync();
        await TestPostgres.ExecuteAsync(connection, "update wide set price = 99999999999.99, rate = 12345678901234567890123456789012345678.5 where id = 1");
        await TestPostgres.ExecuteAsync(connection, "update wide set id = 7; delete from wide; insert into wide(id, part, name) values (8, 8, ''); truncate wide");
        await polled.UntilAsync(r => r.Count >= 9);
        var records = polled.Log.Records;
        var all = await polled.EnvelopesAsync("t.public.wide");
        Assert.Equal(["r", "u", "d", null, "c", "d", null, "c", "t"], all.Select(e => (string?)e?["op"]));
        var row = (AvroRecord)all[0]!["after"]!;
        Assert.Equal(("Jörg", 19782, 45296789000L, 1709210096789012L, "2024-02-29T11:34:56.789Z"), ((string)row["name"]!, (int)row["born"]!, (long)row["at"]!, (long)row["stamp"]!, (string)row["zoned"]!));
        Assert.Equal(("6f1c4d0e-9a58-4a41-8a53-1f5d7b1f2f6a", "{\"a\": 1}", "{1,2}", "glad", "1 mon 2 days"), ((string)row["ref"]!, (string)row["doc"]!, (string)row["tags"]!, (string)row["feeling"]!, (string)row["span"]!));
        Assert.Equal("first_in_data_collection", ((AvroRecord)all[0]!["source"]!)["snapshot"]);
        var update = all[1]!;
        Assert.Equal((AvroText(row, "price"), "false"), (AvroText((AvroRecord)update["before"]!, "price"), (string)((AvroRecord)update["source"]!)["snapshot"]!));
        Assert.Equal(["version", "connector", "name", "ts_ms", "snapshot", "db", "sequence", "ts_us", "ts_ns", "schema", "table", "position", "txId", "change_id"], ((AvroRecord)update["source"]!).Schema.Fields.Select(f => f.Name));
        Assert.Equal("tables", ((AvroRecord)update["source"]!)["connector"]);
        Assert.Contains(records[2].Headers, h => h.Key == "__debezium.newkey" && System.Text.Encoding.UTF8.GetString(h.Value!) == """{"id":7,"part":2}""");
        Assert.Contains(records[4].Headers, h => h.Key == "__debezium.oldkey");
        Assert.Null(records[8].Key);
    }

    static string AvroText(AvroRecord row, string field) => Convert.ToString(row[field], CultureInfo.InvariantCulture)!;

    [Fact]
    public async Task Published_change_rows_are_cleaned_up_and_no_other()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table thing(id bigint primary key, version int)");
        var settings = Polled.Of(connection, Thing) with { CleanUp = true, CleanUpRows = 40 };
        await Polled.EnableAsync(settings);
        await using var late = new NpgsqlConnection(connection);
        await late.OpenAsync(TestContext.Current.CancellationToken);
        await using var polled = new Polled(settings);
        polled.Start();
        await polled.SnapshotDoneAsync();
        await using var open = await late.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var insert = new NpgsqlCommand("insert into thing values (1000, 1)", late, open)) await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await TestPostgres.ExecuteAsync(connection, "insert into thing select g, 0 from generate_series(1, 300) g");
        await polled.UntilAsync(r => r.Count >= 300);
        await open.CommitAsync(TestContext.Current.CancellationToken);
        await polled.UntilAsync(r => r.Count >= 301);
        await TestPostgres.ExecuteAsync(connection, "insert into thing values (1001, 0)");   // something must move before the last rows are old
        for (var tries = 0; (await Polled.RowsAsync(connection, "select count(*), 0 from cdcsync.public_thing")).ContainsKey("0") is false; tries++)
        {
            Assert.True(tries < 300, "the change table is not cleaned up");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Equal(302, polled.Log.Records.Count);
    }

    [Fact]
    public async Task What_enable_made_disable_takes_back_and_the_reading_role_can_do_no_more()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table thing(id bigint primary key, version int, gone text); create table other(id int)");
        var role = $"reader_{Guid.NewGuid():n}"[..20];
        var settings = Polled.Of(new NpgsqlConnectionStringBuilder(connection) { Username = role }.ConnectionString, Thing);
        var access = new SourceCatalog().OpenAccess(settings, [])!;
        await access.ApplyAsync(await access.ScriptAsync(false, connection, TestContext.Current.CancellationToken), connection, _ => { }, TestContext.Current.CancellationToken);
        await using var polled = new Polled(settings);
        polled.Start();
        await polled.SnapshotDoneAsync();
        await TestPostgres.ExecuteAsync(connection, "insert into thing values (1, 1)");
        await polled.UntilAsync(r => r.Count == 1);
        foreach (var forbidden in (string[])["select * from other", "insert into thing values (2, 2)", "delete from cdcsync.public_thing", "create table cdcsync.x(i int)"])
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => TestPostgres.ExecuteAsync(settings.Connection, forbidden))).SqlState);

        // A column more, and one less: the script brings the change table after it, and records follow without a restart.
        await TestPostgres.ExecuteAsync(connection, "alter table thing add extra text");
        await access.ApplyAsync(await access.ScriptAsync(false, connection, TestContext.Current.CancellationToken), connection, _ => { }, TestContext.Current.CancellationToken);
        await TestPostgres.ExecuteAsync(connection, "alter table thing drop gone");
        await access.ApplyAsync(await access.ScriptAsync(false, connection, TestContext.Current.CancellationToken), connection, _ => { }, TestContext.Current.CancellationToken);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        await TestPostgres.ExecuteAsync(connection, "insert into thing values (3, 3, 'more')");
        await polled.UntilAsync(r => r.Count == 2);
        Assert.Equal("more", ((AvroRecord)(await polled.EnvelopesAsync("t.public.thing"))[^1]!["after"]!)["extra"]);

        await polled.StopAsync();
        await access.ApplyAsync(await access.ScriptAsync(true, connection, TestContext.Current.CancellationToken), connection, _ => { }, TestContext.Current.CancellationToken);
        await TestPostgres.ExecuteAsync(connection, "insert into thing values (4, 4, 'after')");
        Assert.Empty(await Polled.RowsAsync(connection, "select oid, 1 from pg_class where relname = 'public_thing' union all select oid, 1 from pg_trigger where tgname like '!cdcsync%'"));
        Assert.Empty((await access.ScriptAsync(true, connection, TestContext.Current.CancellationToken)).Steps);
    }

    [Fact]
    public async Task A_table_without_key_comes_once_and_its_changes_follow()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table thing(version int); insert into thing select g from generate_series(1, 100) g");
        var settings = Polled.Of(connection, Thing) with { BatchRows = 30 };
        await Polled.EnableAsync(settings);
        await using var polled = new Polled(settings);
        polled.Start();
        await polled.BeganAsync();
        for (var i = 101; i <= 140; i++) await TestPostgres.ExecuteAsync(connection, $"insert into thing values ({i})");
        await polled.UntilAsync(r => r.Count >= 140);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 140), (await polled.EnvelopesAsync("t.public.thing")).Select(e => (int)((AvroRecord)e!["after"]!)["version"]!).Order());
        Assert.All(polled.Log.Records, r => Assert.Null(r.Key));
    }
}
