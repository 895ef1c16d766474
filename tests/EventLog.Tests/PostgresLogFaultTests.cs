using System.Text;
using CdcSync.Contract.Changes;
using CdcSync.EventLog.Postgres;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.EventLog.Tests;

/// <summary>What the PostgreSQL log does when the store is in trouble.</summary>
public sealed class PostgresLogFaultTests(TestPostgres postgres) : IAsyncLifetime
{
    const string Topic = "faults";
    static readonly Bookmark One = new(new SourcePosition(1, 0)), Two = new(new SourcePosition(2, 0));
    NpgsqlDataSource _store = null!;
    PostgresLog _log = null!;
    string _connection = "";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await postgres.NewDatabaseAsync("faults");
        _store = NpgsqlDataSource.Create(_connection);
        _log = await PostgresLog.OpenAsync(_store, null, null, null, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_full_store_is_said_and_nothing_is_half_done()
    {
        await using var writer = await _log.OpenWriterAsync("p", Stop);
        await writer.AppendAsync(Batch("before"), One, Stop);
        await TestPostgres.ExecuteAsync(_connection, """
            create function full_disk() returns trigger language plpgsql as $$
            begin raise exception 'could not extend file "base/1/2": No space left on device' using errcode = '53100'; end $$;
            create trigger full_disk before insert on log.record for each row when (new."offset" = 2) execute function full_disk();
            """);
        var full = await Assert.ThrowsAsync<EventLogException>(() => writer.AppendAsync(Batch("a", "b", "c"), Two, Stop));
        Assert.Contains("disk is full", full.Message, StringComparison.Ordinal);
        Assert.Contains("Free space", full.Message, StringComparison.Ordinal);
        var ended = await Assert.ThrowsAsync<EventLogException>(() => writer.AppendAsync(Batch("a"), Two, Stop));
        Assert.Contains("Open a fresh one", ended.Message, StringComparison.Ordinal);

        await TestPostgres.ExecuteAsync(_connection, "drop trigger full_disk on log.record");
        await using var fresh = await _log.OpenWriterAsync("p", Stop);
        Assert.Equal(One, fresh.Bookmark);
        await fresh.AppendAsync(Batch("a", "b", "c"), Two, Stop);
        Assert.Equal(["before", "a", "b", "c"], await ReadAsync("all", 4));
    }

    [Fact]
    public async Task A_restart_of_the_server_loses_and_doubles_nothing()
    {
        await using var server = await Demo.PrivatePostgres.StartAsync(Stop, "fsync=on");
        await using var store = NpgsqlDataSource.Create(await server.CreateDatabaseAsync("log", Stop));
        await using var log = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        await using var writer = await log.OpenWriterAsync("p", Stop);
        await using var reader = await log.OpenReaderAsync("g", [Topic], Stop);
        await writer.AppendAsync(Batch("1"), One, Stop);
        var first = Assert.Single(await reader.ReadAsync(10, TimeSpan.FromSeconds(30), Stop));
        await reader.CommitAsync([new LogPlace(Topic, 0, first.Offset + 1)], Stop);

        await server.StopAsync("immediate", Stop);
        Assert.Contains("store", (await Assert.ThrowsAsync<EventLogException>(() => writer.AppendAsync(Batch("2"), Two, Stop))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventLogException>(() => log.OpenWriterAsync("p", Stop));
        await Assert.ThrowsAsync<EventLogException>(() => log.ListTopicsAsync(Stop));
        await server.RestartAsync(Stop);

        await using var fresh = await log.OpenWriterAsync("p", Stop);
        Assert.Equal(One, fresh.Bookmark);
        await fresh.AppendAsync(Batch("2"), Two, Stop);
        await using var again = await log.OpenReaderAsync("g", [Topic], Stop);
        Assert.Equal("2", Text(Assert.Single(await again.ReadAsync(10, TimeSpan.FromSeconds(30), Stop))));
        // The log's own listening connection has come back too.
        var waiting = again.ReadAsync(10, TimeSpan.FromSeconds(60), Stop);
        await Task.Delay(200, Stop);
        await fresh.AppendAsync(Batch("3"), new(new SourcePosition(3, 0)), Stop);
        Assert.Equal("3", Text(Assert.Single(await waiting)));
    }

    [Fact]
    public async Task A_lost_listening_connection_is_made_again_and_what_was_missed_is_read()
    {
        await using var reader = await _log.OpenReaderAsync("g", [Topic], Stop);
        await using var writer = await _log.OpenWriterAsync("p", Stop);
        await writer.AppendAsync(Batch("1"), One, Stop);
        Assert.Single(await reader.ReadAsync(10, TimeSpan.FromSeconds(30), Stop));
        var waiting = reader.ReadAsync(10, TimeSpan.FromSeconds(60), Stop);
        // The append comes while nobody listens.
        await TestPostgres.ExecuteAsync(_connection, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cdcsync log listener' and datname = current_database()");
        await writer.AppendAsync(Batch("2"), Two, Stop);
        Assert.Equal("2", Text(Assert.Single(await waiting)));
    }

    [Fact]
    public async Task An_earlier_writer_that_hangs_in_an_append_is_ended()
    {
        var writer = await _log.OpenWriterAsync("p", Stop);
        await writer.AppendAsync(Batch("1"), One, Stop);
        await TestPostgres.ExecuteAsync(_connection, """
            create function hang() returns trigger language plpgsql as $$ begin perform pg_sleep(300); return new; end $$;
            create trigger hang before insert on log.record for each row execute function hang();
            """);
        var hanging = writer.AppendAsync(Batch("2"), Two, Stop);
        // Opened before the append holds its locks, the fresh writer would fence it instead of ending it.
        await TestPostgres.ExecuteAsync(_connection, """
            do $$ begin
                while not exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database() and pid <> pg_backend_pid()) loop
                    perform pg_sleep(0.02), pg_stat_clear_snapshot();
                end loop;
            end $$
            """);
        await using var fresh = await _log.OpenWriterAsync("p", Stop);
        Assert.Equal(One, fresh.Bookmark);
        await Assert.ThrowsAsync<EventLogException>(() => hanging);
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task Large_records_come_a_few_at_a_time()
    {
        await using var log = await PostgresLog.OpenAsync(_store, new PostgresLogSettings { ReadBytes = 2_500_000 }, null, null, Stop);
        await using var writer = await log.OpenWriterAsync("p", Stop);
        var batch = new LogBatch();
        for (byte i = 0; i < 6; i++) batch.Add(Topic, [i], new byte[1_000_000], i);
        await writer.AppendAsync(batch, One, Stop);
        await using var reader = await log.OpenReaderAsync("g", [Topic], Stop);
        var sizes = new List<int>();
        var keys = new List<byte>();
        while (keys.Count < 6)
        {
            var some = await reader.ReadAsync(100, TimeSpan.FromSeconds(30), Stop);
            sizes.Add(some.Count);
            keys.AddRange(some.Select(r => r.Key![0]));
        }
        Assert.Equal([3, 3], sizes);
        Assert.Equal([0, 1, 2, 3, 4, 5], keys);
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_said_at_the_start()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=x;Database=x");
        var down = await Assert.ThrowsAsync<EventLogException>(() => PostgresLog.OpenAsync(nowhere, null, null, null, Stop));
        Assert.Contains("connection to the store", down.Message, StringComparison.Ordinal);
    }

    static LogBatch Batch(params IEnumerable<string> values)
    {
        var batch = new LogBatch();
        foreach (var value in values) batch.Add(Topic, "k"u8.ToArray(), Encoding.UTF8.GetBytes(value), 1);
        return batch;
    }

    static string Text(LogRecord record) => Encoding.UTF8.GetString(record.Value!);

    async Task<List<string>> ReadAsync(string group, int count)
    {
        await using var reader = await _log.OpenReaderAsync(group, [Topic], Stop);
        var values = new List<string>();
        while (values.Count < count) values.AddRange((await reader.ReadAsync(100, TimeSpan.FromSeconds(30), Stop)).Select(Text));
        return values;
    }
}
