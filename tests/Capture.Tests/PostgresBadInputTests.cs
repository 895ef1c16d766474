using System.Text;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Settings;
using CdcSync.Demo;
using CdcSync.EventLog.Registry;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Capture.Tests;

/// <summary>Everything that can be wrong at the source: a message with the fix, and nothing lost.</summary>
public class PostgresBadInputTests(TestPostgres postgres)
{
    [Fact]
    public async Task A_slot_dropped_between_runs_is_an_error_and_never_made_anew()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table item(id int primary key); insert into item values (1)");
        captured.Start();
        await captured.UntilAsync(records => records.Count == 1);
        await captured.StopAsync();
        while (await captured.ScalarAsync<bool>($"select active from pg_replication_slots where slot_name = 'cdcsync_{captured.Settings.Name}'")) await Task.Delay(50, TestContext.Current.CancellationToken);
        await captured.ExecuteAsync($"select pg_drop_replication_slot('cdcsync_{captured.Settings.Name}')");
        captured.Start();
        var error = await Assert.ThrowsAsync<SourceException>(() => captured.Running);
        Assert.Contains("is gone", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await captured.ScalarAsync<long>($"select count(*) from pg_replication_slots where slot_name = 'cdcsync_{captured.Settings.Name}'"));

        // Made anew by somebody: the gap is seen.
        await captured.ExecuteAsync("insert into item values (2)");
        await captured.ExecuteAsync($"select pg_create_logical_replication_slot('cdcsync_{captured.Settings.Name}', 'pgoutput')");
        await Assert.ThrowsAsync<SourceException>(captured.StopAsync);
        var again = new Captured(captured.Connection) { Settings = captured.Settings, Log = captured.Log };
        again.Start();
        Assert.Contains("somebody made it anew", (await Assert.ThrowsAsync<SourceException>(() => again.Running)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_without_rights_is_told_the_sql()
    {
        var connection = await postgres.NewDatabaseAsync();
        var role = $"poor_{Guid.NewGuid():n}"[..12];
        await TestPostgres.ExecuteAsync(connection, $"create table item(id int primary key); create role {role} login");
        var settings = new PostgresSettings { Name = "poor", Connection = connection.Replace("Username=postgres", $"Username={role}", StringComparison.Ordinal) };
        await using var captured = new Captured(settings.Connection) { Settings = settings };
        captured.Start();
        var error = await Assert.ThrowsAsync<SourceException>(() => captured.Running);
        Assert.Contains("create publication \"cdcsync_poor\" for table \"public\".\"item\"", error.Message, StringComparison.Ordinal);
        await using var source = new PostgresSource(settings, new MemoryRegistry(), NullLogger.Instance, TimeProvider.System);
        var check = await source.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Contains(check, r => r is { Level: PreflightLevel.Fail, Fix: { } fix } && fix.StartsWith("alter role", StringComparison.Ordinal));
        Assert.Contains(check, r => r is { Level: PreflightLevel.Fail, Fix: { } fix } && fix.StartsWith("grant select on \"public\".\"item\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_logical_wal_is_told_the_sql()
    {
        await using var server = await PrivatePostgres.StartAsync(TestContext.Current.CancellationToken, "wal_level=replica");
        var connection = await server.CreateDatabaseAsync("plain", TestContext.Current.CancellationToken);
        await TestPostgres.ExecuteAsync(connection, "create table item(id int primary key)");
        await using var captured = new Captured(connection);
        captured.Start();
        Assert.Contains("alter system set wal_level", (await Assert.ThrowsAsync<SourceException>(() => captured.Running)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_without_key_keeps_working_for_its_application()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table notes(line text); insert into notes values ('a')");
        captured.Start();
        await captured.UntilAsync(records => records.Count == 1);
        await captured.ExecuteAsync("insert into notes values ('b'); update notes set line = 'c' where line = 'a'; delete from notes where line = 'b'; insert into notes values ('d')");
        await captured.UntilAsync(records => records.Count == 3);
        Assert.All(captured.Log.Records, r => Assert.Null(r.Key));
    }

    [Fact]
    public async Task Values_without_a_place_in_the_schema_are_named_in_a_header_and_stop_nothing()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table odd(id int primary key, n numeric(10,2), m numeric not null, d date, ts timestamp, tz timestamptz)");
        captured.Start();
        await captured.CaughtUpAsync();
        await captured.ExecuteAsync("insert into odd values (1, 'NaN', 'Infinity', 'infinity', '-infinity', 'infinity'); insert into odd values (2, 1, 1, '4714-11-24 BC', '294276-12-31', '0001-01-01 BC')");
        await captured.UntilAsync(records => records.Count == 2);
        var header = Assert.Single(captured.Log.Records[0].Headers);
        Assert.Equal("""cdcsync.unrepresentable={"n":"NaN","m":"Infinity"}""", $"{header.Key}={Encoding.UTF8.GetString(header.Value!)}");
        Assert.Empty(captured.Log.Records[1].Headers);
    }

    [Fact]
    public async Task Invalid_utf8_of_a_sql_ascii_database_arrives_with_replacement_and_header()
    {
        var name = $"ascii_{Guid.NewGuid():n}"[..16];
        await TestPostgres.ExecuteAsync(postgres.Server.Connection("postgres"), $"create database {name} encoding 'SQL_ASCII' locale 'C' template template0");
        await using var captured = new Captured(postgres.Server.Connection(name) );
        await TestPostgres.ExecuteAsync(postgres.Server.Connection(name), "create table item(id int primary key, name text)");
        captured.Start();
        await captured.CaughtUpAsync();
        await TestPostgres.ExecuteAsync(postgres.Server.Connection(name) + ";Client Encoding=SQL_ASCII", "insert into item values (1, E'caf\\xe9')");
        await captured.UntilAsync(records => records.Count == 1);
        Assert.Equal("cdcsync.unrepresentable", Assert.Single(captured.Log.Records[0].Headers).Key);
    }

    [Fact]
    public async Task A_row_of_50_MB_passes_in_snapshot_and_stream()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table big(id int primary key, body text); alter table big alter body set storage external; insert into big values (1, repeat('x', 50000000)), (2, 'small')");
        captured.Start();
        await captured.UntilAsync(records => records.Count == 2);
        await captured.ExecuteAsync("insert into big select 3, body from big where id = 1; insert into big values (4, 'small')");
        await captured.UntilAsync(records => records.Count == 4);
        Assert.Equal([50_000_000, 0, 50_000_000, 0], captured.Log.Records.Select(r => r.Value!.Length / 50_000_000 * 50_000_000));
    }

    [Fact]
    public async Task A_registry_that_is_down_is_waited_for_and_one_that_refuses_stops_the_source()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table item(id int primary key); insert into item values (1)");
        captured.Registry.Refuse = _ => new HttpRequestException("registry is down");
        captured.Start();
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        Assert.False(captured.Running.IsCompleted);
        captured.Registry.Refuse = null;
        await captured.UntilAsync(records => records.Count == 1);
        captured.Registry.Refuse = _ => new SchemaRegistryException(409, "incompatible");
        await captured.ExecuteAsync("alter table item add column extra text; insert into item values (2, 'x')");
        await Assert.ThrowsAsync<SchemaRegistryException>(() => captured.Running);
        captured.Registry.Refuse = null;
        await Assert.ThrowsAsync<SchemaRegistryException>(captured.StopAsync);
        captured.Start();
        await captured.UntilAsync(records => records.Count == 2);
    }

    [Fact]
    public async Task An_idle_database_lets_its_wal_go()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table item(id int primary key)");
        captured.Start();
        await captured.CaughtUpAsync();
        var other = await postgres.NewDatabaseAsync("noise");
        await TestPostgres.ExecuteAsync(other, "create table noise(t text); insert into noise select repeat('n', 500) from generate_series(1, 20000)");
        var lsn = await captured.ScalarAsync<string>("select pg_current_wal_insert_lsn()::text");
        for (var waited = 0; !await captured.ScalarAsync<bool>($"select confirmed_flush_lsn >= '{lsn}' from pg_replication_slots where slot_name = 'cdcsync_{captured.Settings.Name}'"); waited++)
        {
            Assert.True(waited < 300, "the slot still holds the WAL of the other database after 30 s");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Settings_that_cannot_be_are_refused()
    {
        var good = new PostgresSettings { Name = "erp", Connection = "Host=x" };
        good.Validate();
        Assert.Equal("name", Assert.Throws<SettingsException>((good with { Name = "a b" }).Validate).Path);
        Assert.Equal("slot", Assert.Throws<SettingsException>((good with { Slot = "A-b" }).Validate).Path);
        Assert.Equal("tables", Assert.Throws<SettingsException>((good with { Tables = ["item"] }).Validate).Path);
        Assert.Equal("connection", Assert.Throws<SettingsException>((good with { Connection = "Hots=x" }).Validate).Path);
    }
}
