using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Postgres;
using CdcSync.EventLog.Registry;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Tests.Likeness;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static CdcSync.Mdm.Tests.Samples;

namespace CdcSync.Mdm.Tests;

public sealed class MdmWorkerTests(TestPostgres postgres)
{
    static readonly MdmSettings Settings = new() { Sources = ["erp", "wms"], BatchRecords = 40, RetryAfter = TimeSpan.FromMilliseconds(50) };
    readonly CanonicalRecords _records = new(new MemoryRegistry());

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Canonical_records_become_golden_records_and_cross_references()
    {
        await using var store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("mdm"));
        await using var log = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        await using var running = new Running(store, log, _records);
        await AppendAsync(log, 1, Customer("erp/1", 1, "Müller GmbH", vat: "DE123456789"), Customer("wms/9", 1, "MUELLER", vat: "DE123456789"));
        await UntilAsync(store, "select count(*) = 2 from mdm.record", running);
        await AppendAsync(log, 2, Item("erp/1", 1, "A1"));
        await UntilAsync(store, "select count(*) = 3 from mdm.record", running);
        await AppendAsync(log, 3, Gone<Customer>("wms/9", 2), Record("erp/7", 1, new SalesOrder { CustomerId = "1", Status = "confirmed" }));
        await UntilAsync(store, "select body is null from mdm.record where source = 'wms'", running);
        await UntilAsync(store, "select not exists (select from mdm.outbox) and (select count(*) from mdm.progress) = 3 and (select array_agg(kind || source || source_id) = '{customererp1}' from mdm.open_order)", running);

        var golden = await ReadAllAsync(log, "golden.customer");
        var id = Assert.IsType<Customer>(golden[^1].Object).SourceId;
        Assert.Equal("C00000001", id);
        var xref = await ReadAllAsync(log, "xref.customer");
        Assert.Equal([("erp/1", id), ("wms/9", id), ("wms/9", null)], xref.Select(x => (x.Key.ToString(), ((CrossReference?)x.Object)?.GoldenId)));
        Assert.Equal("gone:2", xref[^1].CorrelationId);
        Assert.Equal("I00000002", Assert.Single(await ReadAllAsync(log, "golden.item")).Key.Id);
        Assert.True(golden.Concat(xref).All(r => r.Object is null || r.Object.Position == r.Version));
    }

    [Fact]
    public async Task Cut_off_at_any_step_nothing_is_lost_or_doubled()
    {
        var connection = new NpgsqlConnectionStringBuilder(await postgres.NewDatabaseAsync("mdm")) { ApplicationName = "mdm under test" }.ConnectionString;
        await using var store = NpgsqlDataSource.Create(connection);
        await using var observer = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "observer" }.ConnectionString);
        await using var log = await PostgresLog.OpenAsync(observer, null, null, null, Stop);
        var random = new Random(11);
        for (var i = 0; i < 30; i++) await AppendAsync(log, i + 1, [.. Enumerable.Range(0, 40).Select(n => Busy(random, i * 40 + n + 1))]);

        var flaky = new FlakyLog(log, new Random(7));
        for (var kills = 0; kills < 12; kills++)
        {
            await using var running = new Running(store, flaky, _records);
            await Task.Delay(random.Next(20, 120), Stop);
            if (kills % 2 == 0)
                await using (var kill = observer.CreateCommand("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mdm under test' and datname = current_database()"))
                    await kill.ExecuteNonQueryAsync(Stop);
            await Task.Delay(random.Next(0, 60), Stop);
        }
        await using (var running = new Running(store, flaky, _records))
            await UntilAsync(observer, "select coalesce(sum(next_offset), 0) = 1200 and not exists (select from mdm.outbox) from mdm.progress", running);

        Assert.True(flaky.LostAnswers > 0);
        await AgreesAsync(observer, log);
        Assert.All(await new Resolution.GoldenRebuild(observer, Settings, NullLogger.Instance).RunAsync(dryRun: true, learn: false, Stop), r => Assert.Equal((0, 0), (r.Moved, r.Rewritten)));
    }

    [Fact]
    public async Task Likeness_is_learnt_once_there_are_records_enough_while_more_come()
    {
        await using var store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("mdm"));
        await using var log = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        await AppendAsync(log, 1, [.. LikenessTests.Crowd(400)]);
        await AppendAsync(log, 2, LikenessTests.Party("erp/9001", 1, "Zimmermann & Partner Kaltetechnik GmbH", "Gartenweg 7", "Rostock", "18055", "0381 445566"),
            LikenessTests.Party("wms/9002", 1, "ZIMMERMANN PARTNER KÄLTETECHNIK", "Gartenweg 7", "Rostok", "18055", "+49 381 445566"));
        await using var running = new Running(store, log, _records,
            (Settings with { LearnFrom = 100, BatchRecords = 1000 }).With(new Dictionary<string, MatchRules> { ["customer"] = LikenessTests.Rules }));
        await UntilAsync(store, "select count(*) = 1 from mdm.model", running);
        await UntilAsync(store, "select count(distinct golden_id) = 1 and not exists (select from mdm.outbox) from mdm.record where source_id in ('9001', '9002')", running);
    }

    [Fact]
    public async Task Rules_that_changed_rebuild_at_the_next_start()
    {
        await using var store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("mdm"));
        await using var log = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        await AppendAsync(log, 1, Item("erp/1", 1, "A-1"), Item("wms/1", 1, "A1"));
        await using (var running = new Running(store, log, _records)) await UntilAsync(store, "select count(*) = 2 and not exists (select from mdm.outbox) from mdm.golden", running);
        await using (var running = new Running(store, log, _records, Settings with { SharedItemNumbers = ["erp", "wms"] }))
            await UntilAsync(store, "select count(*) = 1 and not exists (select from mdm.outbox) from mdm.golden", running);
        var golden = await ReadAllAsync(log, "golden.item");
        Assert.Equal(["I00000001", "I00000002", "I00000002 gone"], golden.Select(r => r.Key.Id + (r.Object is null ? " gone" : "")));
        Assert.Equal("I00000001", ((CrossReference)(await ReadAllAsync(log, "xref.item")).Last(x => x.Key == Key("wms/1")).Object!).GoldenId);
    }

    [Fact]
    public async Task A_log_that_was_replaced_is_read_again_and_a_store_made_anew_counts_on()
    {
        await using var store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("mdm"));
        await using var first = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        await AppendAsync(first, 1, Customer("erp/1", 1, "One"), Customer("erp/2", 1, "Two"));
        await using (var running = new Running(store, first, _records)) await UntilAsync(store, "select count(*) = 2 and not exists (select from mdm.outbox) from mdm.golden", running);

        await using var elsewhere = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("log"));
        await using var second = await PostgresLog.OpenAsync(elsewhere, null, null, null, Stop);
        await AppendAsync(second, 1, Customer("erp/3", 1, "Three"));
        await using (var running = new Running(store, second, _records)) await UntilAsync(store, "select count(*) = 3 and not exists (select from mdm.outbox) from mdm.golden", running);

        // The other log gets all there is, not only what changes from now on.
        Assert.Equal(["C00000001", "C00000002", "C00000003"], (await ReadAllAsync(second, "golden.customer")).Select(r => r.Key.Id));
        Assert.Equal([("erp/1", "C00000001"), ("erp/2", "C00000002"), ("erp/3", "C00000003")],
            (await ReadAllAsync(second, "xref.customer")).Select(r => (r.Key.ToString(), ((CrossReference)r.Object!).GoldenId)));

        await using var anew = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("mdm"));
        await using (var running = new Running(anew, first, _records)) await UntilAsync(anew, "select count(*) = 2 and not exists (select from mdm.outbox) from mdm.golden", running);
        var versions = (await ReadAllAsync(first, "golden.customer")).Select(r => r.Version).ToList();
        Assert.Equal(4, versions.Count);
        Assert.Equal(versions.Order(), versions);
        Assert.Equal(4, versions.Distinct().Count());
    }

    // A few customers with few values, changing and going: merges, splits and deletes all the time.
    static CanonicalRecord Busy(Random random, int version)
    {
        var key = $"{(random.Next(2) == 0 ? "erp" : "wms")}/{random.Next(30)}";
        if (random.Next(8) == 0) return Gone<Customer>(key, version);
        return Customer(key, version, $"Name {version}", vat: random.Next(2) == 0 ? $"DE12345{random.Next(20):d4}" : null, ein: random.Next(3) == 0 ? $"12-34567{random.Next(20):d2}" : null);
    }

    async Task AgreesAsync(NpgsqlDataSource store, PostgresLog log)
    {
        var (golden, xref) = (await ReadAllAsync(log, "golden.customer"), await ReadAllAsync(log, "xref.customer"));
        // Every outbox id once: none is missing between the first and the last, none stands there twice.
        var ids = golden.Concat(xref).Select(r => (long)r.Version.Commit).Order().ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(ids.Order(), ids);
        await using var command = store.CreateCommand("select source || '/' || source_id, golden_id from mdm.record where golden_id is not null");
        await using var rows = await command.ExecuteReaderAsync(Stop);
        var stored = new Dictionary<string, string>();
        while (await rows.ReadAsync(Stop)) stored.Add(rows.GetString(0), $"C{rows.GetInt64(1):d8}");
        var told = xref.GroupBy(x => x.Key).Select(g => g.Last()).Where(x => x.Object is not null && x.Key.Source != "golden").ToDictionary(x => x.Key.ToString(), x => ((CrossReference)x.Object!).GoldenId);
        Assert.Equal(stored.OrderBy(s => s.Key), told.OrderBy(s => s.Key));
        Assert.Equal(stored.Values.Distinct().Order(), golden.GroupBy(g => g.Key.Id).Where(g => g.Last().Object is not null).Select(g => g.Key).Order());
    }

    async Task AppendAsync(PostgresLog log, int position, params CanonicalRecord[] records)
    {
        await using var writer = await log.OpenWriterAsync("test", Stop);
        var batch = new LogBatch();
        foreach (var record in records)
            if (record.Object is { } value) await _records.WriteAsync(batch, record.Kind.Topic, value, Stop);
            else await _records.WriteDeleteAsync(batch, record.Kind.Topic, record.Key, record.Version, record.CommittedAt, record.CorrelationId, Stop);
        await writer.AppendAsync(batch, new Bookmark(new SourcePosition((UInt128)position, 0)), Stop);
    }

    async Task<List<CanonicalRecord>> ReadAllAsync(PostgresLog log, string topic)
    {
        await using var reader = await log.OpenReaderAsync($"test-{Guid.NewGuid():n}", [topic], Stop);
        var next = (await log.ListTopicsAsync(Stop)).Single(t => t.Name == topic).Partitions.Sum(p => p.Next);
        var all = new List<CanonicalRecord>();
        while (all.Count < next)
            foreach (var record in await reader.ReadAsync(1000, TimeSpan.FromSeconds(10), Stop)) all.Add(await _records.ReadAsync(record, Stop));
        return all;
    }

    static async Task UntilAsync(NpgsqlDataSource store, string sql, Running running)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            Assert.False(running.Work.IsFaulted, running.Work.Exception?.ToString());
            try
            {
                await using var command = store.CreateCommand(sql);
                if (await command.ExecuteScalarAsync(Stop) is true) return;
            }
            catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
            {
                // The worker has yet to make its tables.
            }
            await Task.Delay(50, Stop);
        }
        Assert.Fail($"Not within 30 s: {sql}");
    }

    /// <summary>A worker at work until disposed.</summary>
    sealed class Running : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();

        public Running(NpgsqlDataSource store, IEventLog log, CanonicalRecords records, MdmSettings? settings = null) =>
            Work = Task.Run(() => new MdmWorker(store, log, records, settings ?? Settings, NullLogger<MdmWorker>.Instance).RunAsync(_stop.Token));

        public Task Work { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Work.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            Assert.True(Work.IsCanceled, Work.Exception?.ToString());
            _stop.Dispose();
        }
    }
}
