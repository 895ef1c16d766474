using System.Net;
using System.Net.Sockets;
using CdcSync.Capture.Postgres;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>What would break later is found, and the SQL that check prints mends it.</summary>
public class PostgresPreflightTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task<IReadOnlyList<PreflightResult>> CheckAsync(PostgresSettings settings)
    {
        await using var source = new PostgresSource(settings, new MemoryRegistry(), NullLogger.Instance, TimeProvider.System);
        return await source.CheckAsync(Stop);
    }

    [Fact]
    public async Task Everything_that_breaks_later_is_found_and_its_sql_mends_it()
    {
        var admin = await postgres.NewDatabaseAsync();
        var name = Guid.NewGuid().ToString("n")[..10];
        await TestPostgres.ExecuteAsync(admin, $"""
            create schema other; create extension postgres_fdw; create server far foreign data wrapper postgres_fdw;
            create table deferred(id int, primary key (id) deferrable);
            create unlogged table scratch(id int primary key);
            create foreign table away(id int) server far;
            create table part(id int primary key) partition by range (id); create table part_1 partition of part for values from (0) to (10); alter table part replica identity full;
            create type pair as (a int, b int); create table shape(id int primary key, way pair, twice int generated always as (id * 2) stored);
            create table big(id int primary key, body text); alter table big alter body set storage external; insert into big values (1, repeat('x', 100000));
            create table wide(id int primary key, body text); alter table wide alter body set storage external; alter table wide replica identity full; insert into wide select i, repeat('x', 50000) from generate_series(1, 20) i; analyze wide;
            create table guarded(id int primary key); alter table guarded enable row level security;
            create table narrow(id int primary key, a int);
            create table nokey(line text);
            create table other.thing(id int primary key);
            create table late(id int primary key);
            create role p{name} login; alter role p{name} set statement_timeout = 5000;
            grant select on all tables in schema public to p{name}; revoke select on narrow from p{name}; grant select (id) on narrow to p{name};
            create publication cdcsync_{name} for table deferred, part, shape where (id > 0), big (id), wide, guarded, narrow, other.thing with (publish = 'insert, update');
            """);
        // Ten idle slots at most are told, those that hold most: what other tests left would stand before ours.
        await TestPostgres.ExecuteAsync(admin, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active");
        await TestPostgres.ExecuteAsync(admin, $"select pg_create_logical_replication_slot('idle_{name}', 'pgoutput')");
        var settings = new PostgresSettings { Name = name, Connection = admin.Replace("Username=postgres", $"Username=p{name}", StringComparison.Ordinal), Tables = ["public.*", "other.*", "sales.*"] };
        var found = await CheckAsync(settings);
        (PreflightLevel, string)[] expected =
        [
            (PreflightLevel.Fail, "No replication connection"), (PreflightLevel.Fail, "may not replicate"), (PreflightLevel.Warn, "statement_timeout is 5000 ms"), (PreflightLevel.Warn, $"Nobody reads the slot idle_{name}"),
            (PreflightLevel.Warn, "'sales.*' of 'tables' names no table"), (PreflightLevel.Warn, "public.scratch is unlogged"), (PreflightLevel.Warn, "public.away is foreign"), (PreflightLevel.Fail, "1 tables are not published (public.late)"),
            (PreflightLevel.Fail, "sends partitions under their own names"), (PreflightLevel.Fail, "does not publish delete, truncate"), (PreflightLevel.Warn, "leaves out rows of public.shape"), (PreflightLevel.Warn, "leaves out columns of public.big"),
            (PreflightLevel.Fail, "may not look into schema other"), (PreflightLevel.Fail, "may read public.narrow, but not its columns a"), (PreflightLevel.Fail, "may not read other.thing"), (PreflightLevel.Fail, "hides rows of public.guarded"),
            (PreflightLevel.Warn, "public.nokey has no primary key"), (PreflightLevel.Fail, "public.deferred has a deferrable primary key"), (PreflightLevel.Fail, "part_1 has another replica identity"),
            (PreflightLevel.Warn, "public.shape.way has type public.pair"), (PreflightLevel.Warn, "public.shape.twice is a generated column"), (PreflightLevel.Warn, "public.big has"), (PreflightLevel.Warn, "public.wide has replica identity full and rows of about"),
            (PreflightLevel.Warn, "max_slot_wal_keep_size is unlimited"), (PreflightLevel.Pass, "wal_level is logical"), (PreflightLevel.Pass, "clocks of source"),
        ];
        foreach (var (level, what) in expected)
            Assert.True(found.Any(f => f.Level == level && f.What.Contains(what, StringComparison.Ordinal)), $"{level} '{what}' is not among\n{string.Join('\n', found.Select(f => $"{f.Level} {f.What} | {f.Fix}"))}");
        Assert.All(found, f => Assert.True(f.Level != PreflightLevel.Fail || f.Fix is not null, f.What));

        foreach (var fix in found.Where(f => f.Level == PreflightLevel.Fail).Select(f => f.Fix!).Distinct()) await TestPostgres.ExecuteAsync(admin, fix);
        var mended = await CheckAsync(settings);
        Assert.True(mended.All(f => f.Level != PreflightLevel.Fail), string.Join('\n', mended.Where(f => f.Level == PreflightLevel.Fail).Select(f => $"{f.What} | {f.Fix}")));
        await TestPostgres.ExecuteAsync(admin, $"select pg_drop_replication_slot('idle_{name}')");
    }

    [Fact]
    public async Task A_slot_nearly_lost_and_one_lost_are_told_apart()
    {
        await using var server = await Demo.PrivatePostgres.StartAsync(Stop, "max_slot_wal_keep_size=128MB", "min_wal_size=32MB", "wal_keep_size=0");
        var admin = await server.CreateDatabaseAsync("keep", Stop);
        await TestPostgres.ExecuteAsync(admin, "create table item(id int primary key); create publication cdcsync_keep for table item");
        var settings = new PostgresSettings { Name = "keep", Connection = admin };
        await TestPostgres.ExecuteAsync(admin, "select pg_create_logical_replication_slot('cdcsync_keep', 'pgoutput')");
        Assert.Contains(await CheckAsync(settings), f => f.Level == PreflightLevel.Pass && f.What.Contains("holds", StringComparison.Ordinal));
        for (var i = 0; i < 5; i++) await TestPostgres.ExecuteAsync(admin, "select pg_logical_emit_message(false, 'noise', repeat('x', 8000000)); select pg_switch_wal();");
        Assert.Contains(await CheckAsync(settings), f => f.Level == PreflightLevel.Warn && f.What.Contains("more it is lost", StringComparison.Ordinal));
        for (var i = 0; i < 7; i++) await TestPostgres.ExecuteAsync(admin, "select pg_logical_emit_message(false, 'noise', repeat('x', 8000000)); select pg_switch_wal();");
        await TestPostgres.ExecuteAsync(admin, "checkpoint");
        var lost = await CheckAsync(settings);
        Assert.Contains(lost, f => f is { Level: PreflightLevel.Fail, Fix: { } fix } && f.What.Contains("is lost", StringComparison.Ordinal) && fix.Contains("snapshot keep --restart", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pooler_in_between_is_found()
    {
        var admin = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(admin, "create table item(id int primary key)");
        using var pooler = new KeyChangingProxy(postgres.Server.Port);
        var direct = new NpgsqlConnectionStringBuilder(admin);
        var found = await CheckAsync(new PostgresSettings { Name = "pooled", Connection = new NpgsqlConnectionStringBuilder(admin) { Port = pooler.Port, SslMode = SslMode.Disable }.ConnectionString });
        Assert.Contains(found, f => f.Level == PreflightLevel.Fail && f.What.Contains("pooler", StringComparison.Ordinal));
        Assert.DoesNotContain(await CheckAsync(new PostgresSettings { Name = "pooled", Connection = direct.ConnectionString }), f => f.What.Contains("pooler", StringComparison.Ordinal));
    }

    [Fact]
    public void Clocks_apart_are_a_warning_and_a_slow_answer_is_none()
    {
        var now = DateTimeOffset.UnixEpoch.AddDays(20_000);
        Assert.Equal(PreflightLevel.Pass, ClockSkew.Judge("source", now.UtcDateTime.AddSeconds(0.9), now, now).Level);
        Assert.Equal(PreflightLevel.Warn, ClockSkew.Judge("source", now.UtcDateTime.AddSeconds(-3), now, now).Level);
        Assert.Equal(PreflightLevel.Pass, ClockSkew.Judge("source", now.UtcDateTime.AddSeconds(4), now, now.AddSeconds(6)).Level);
    }

    /// <summary>Tells clients another process id than the server's, as poolers do.</summary>
    sealed class KeyChangingProxy : IDisposable
    {
        readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        readonly CancellationTokenSource _stop = new();
        public KeyChangingProxy(int target)
        {
            _listener.Start();
            Running = AcceptAsync(target);
        }

        Task Running { get; }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        async Task AcceptAsync(int target)
        {
            var pumps = new List<Task>();
            while (!_stop.IsCancellationRequested)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, target, _stop.Token);
                pumps.Add(client.GetStream().CopyToAsync(server.GetStream(), _stop.Token));
                pumps.Add(ChangeAsync(server.GetStream(), client.GetStream()));
            }
        }

        async Task ChangeAsync(NetworkStream from, NetworkStream to)
        {
            var buffer = new byte[65536];
            for (int read; (read = await from.ReadAsync(buffer, _stop.Token)) > 0;)
            {
                var at = buffer.AsSpan(0, read).IndexOf("K\0\0\0\f"u8);
                if (at >= 0) buffer[at + 8] ^= 1;
                await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }

        public void Dispose()
        {
            _stop.Cancel();
            _listener.Dispose();
            _stop.Dispose();
        }
    }
}
