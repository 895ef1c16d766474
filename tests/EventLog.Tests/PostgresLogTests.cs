using CdcSync.Conformance;
using CdcSync.Contract.Changes;
using CdcSync.EventLog.Postgres;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.EventLog.Tests;

public sealed class PostgresLogTests(TestPostgres postgres) : EventLogConformance, IAsyncLifetime
{
    readonly List<NpgsqlDataSource> _stores = [];
    string _connection = "";

    protected override int LargeValue => 20 * 1024 * 1024;
    protected override int? RefusesAbove => null;

    public async ValueTask InitializeAsync() => _connection = await postgres.NewDatabaseAsync("log");

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
    }

    protected override async Task<IEventLog> OpenAsync() => await OpenAsync(_connection);

    protected override async Task DieWhileAppendingAsync(string producer, LogBatch batch, Bookmark bookmark)
    {
        await using var log = await OpenAsync();
        await using var writer = await log.OpenWriterAsync(producer, Stop);
        // Slow from the 50th record on: the writer is ended in the middle of its COPY.
        await TestPostgres.ExecuteAsync(_connection, """
            create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
            create trigger slow before insert on log.record for each row when (new."offset" = 50) execute function slow();
            """);
        var append = writer.AppendAsync(batch, bookmark, Stop);
        await EventuallyTrueAsync("select exists (select from pg_stat_activity where application_name = 'cdcsync log writer' and wait_event = 'PgSleep')");
        await TestPostgres.ExecuteAsync(_connection, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cdcsync log writer' and wait_event = 'PgSleep'");
        var error = await Assert.ThrowsAsync<EventLogException>(() => append);
        Assert.Contains("the store ended the connection", error.Message, StringComparison.Ordinal);
        await TestPostgres.ExecuteAsync(_connection, "drop trigger slow on log.record; drop function slow()");
    }

    // The commit takes a second, on the server, and the wire is cut meanwhile: the server commits and the writer never hears of it. A fresh writer must wait for that.
    protected override async Task CutOffDuringAsync(string producer, Func<ILogWriter, Task> append)
    {
        var address = new NpgsqlConnectionStringBuilder(_connection);
        await using var wire = new TcpCut(address.Port);
        await TestPostgres.ExecuteAsync(_connection, """
            drop trigger if exists slow on log.record;
            create or replace function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return null; end $$;
            create constraint trigger slow after insert on log.record deferrable initially deferred for each row when (new."offset" % 200 = 0) execute function slow();
            """);
        address.Port = wire.Port;
        await using var log = await OpenAsync(address.ConnectionString);
        await using var writer = await log.OpenWriterAsync(producer, Stop);
        var appending = append(writer);
        await EventuallyTrueAsync("select exists (select from pg_stat_activity where application_name = 'cdcsync log writer' and wait_event = 'PgSleep')");
        wire.Cut();
        await appending;
    }

    protected override Task LoseReadersAsync(string group) => TestPostgres.ExecuteAsync(_connection, """
        select pg_terminate_backend(a.pid) from pg_stat_activity a join pg_locks l on l.pid = a.pid and l.locktype = 'advisory' and l.granted
        where a.application_name = 'cdcsync log reader' and a.datname = current_database()
        """);

    protected override async Task<string?> QuestionsAskedAsync() =>
        await ScalarAsync<string>("select string_agg(pid || ' ' || query_start, ', ' order by pid) from pg_stat_activity where application_name like 'cdcsync log%' and datname = current_database()");

    protected override Task MaintainAsync(IEventLog log, string topic) => ((PostgresLog)log).MaintainOnceAsync(Stop);

    async Task<PostgresLog> OpenAsync(string connection)
    {
        var store = NpgsqlDataSource.Create(connection);
        _stores.Add(store);
        return await PostgresLog.OpenAsync(store, new PostgresLogSettings { CompactAfterRecords = 1, CompactAfterRatio = 0, MaintenanceChunk = 7 }, null, null, Stop);
    }

    async Task EventuallyTrueAsync(string sql)
    {
        while (!await ScalarAsync<bool>(sql)) await Task.Delay(20, Stop);
    }

    async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(_connection);
        await connection.OpenAsync(Stop);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(Stop))!;
    }
}
