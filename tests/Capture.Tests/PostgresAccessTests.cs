using System.Text.Json;
using CdcSync.Capture.Access;
using CdcSync.Capture.Mapping;
using CdcSync.Capture.Postgres;
using CdcSync.EventLog;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>The scripted role can do what it must, and nothing else; the undo leaves nothing behind.</summary>
public class PostgresAccessTests(TestPostgres postgres)
{
    const string Schema = """
        create schema sales; create schema hidden; revoke create on schema public from public;
        create table public.party(id int primary key, name text);
        create table sales.address(id int primary key, party int, city text);
        create table public.note(line text);
        create table public.country(code text primary key, name text);
        create view public.country_name as select code, name from country;
        create function public.pretty(t text) returns text language sql stable as 'select initcap(t)'; revoke execute on function public.pretty(text) from public;
        create table public.secret(id int primary key, salary numeric);
        create table hidden.vault(id int primary key);
        alter table public.party enable row level security;
        insert into party values (1, 'ada'), (2, 'bob'); insert into sales.address values (10, 1, 'Bern'); insert into country values ('CH', 'Switzerland'); insert into note values ('n');
        """;

    static readonly MappingSettings Customer = new()
    {
        Object = "customer", Source = "erp", Key = ["party.id"],
        Query = """
            select p.id, pretty(p.name) as name, (select json_agg(json_build_object('city', a.city, 'country', (select c.name from country_name c limit 1)) order by a.id) from sales.address a where a.party = p.id) as addresses
              from party p where p.id = any(@keys)
            """,
        AffectedBy = new Dictionary<string, string> { ["sales.address"] = "party" },
    };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    async Task<(string Admin, PostgresSettings Settings, SourceAccess Access)> NewAsync()
    {
        var admin = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(admin, Schema);
        var name = Guid.NewGuid().ToString("n")[..12];
        var settings = new PostgresSettings
        {
            Name = "erp", TopicPrefix = "t", Connection = admin.Replace("Username=postgres", $"Username=r{name};Password=Geheim {name}", StringComparison.Ordinal), Slot = "s" + name,
            Tables = ["public.party", "public.note", "sales.*"], HeartbeatInterval = TimeSpan.FromMilliseconds(300),
        };
        return (admin, settings, new SourceCatalog().OpenAccess(settings, [Customer])!);
    }

    static async Task<AccessScript> ApplyAsync(SourceAccess access, string admin, bool undo = false)
    {
        var script = await access.ScriptAsync(undo, admin, Stop);
        await access.ApplyAsync(script, admin, _ => { }, Stop);
        return script;
    }

    [Fact]
    public async Task The_scripted_role_captures_maps_and_reads_what_is_there_and_can_do_nothing_else()
    {
        var (admin, settings, access) = await NewAsync();
        await ApplyAsync(access, admin);
        var records = new CanonicalRecords(new MemoryRegistry());
        await using var mapper = new CanonicalMapper("erp", PostgresQueries.Open(settings.Connection, "erp"), [Customer], records, NullLogger.Instance);
        await using var captured = new Captured(settings.Connection) { Settings = settings, Mapper = mapper };
        await using var source = new PostgresSource(settings, new MemoryRegistry(), NullLogger.Instance, TimeProvider.System);
        Assert.DoesNotContain(await source.CheckAsync(Stop), r => r.Level == PreflightLevel.Fail);
        Assert.DoesNotContain(await mapper.CheckAsync(Stop), r => r.Level == PreflightLevel.Fail);

        captured.Start();
        await captured.UntilAsync(r => r.Count(x => x.Topic == "t.public.party") == 2 && r.Count(x => x.Topic == "t.sales.address") == 1 && r.Count(x => x.Topic == "canonical.customer") == 2);
        await TestPostgres.ExecuteAsync(admin, "update sales.address set city = 'Basel' where id = 10; insert into party values (3, 'cleo'); insert into note values ('m')");
        await captured.UntilAsync(r => r.Count(x => x.Topic == "t.public.party") == 3 && r.Count(x => x.Topic == "t.public.note") == 2 && r.Count(x => x.Topic == "canonical.customer") == 4);
        await captured.StopAsync();

        foreach (var sql in (string[])
        [
            "insert into party values (9, 'x')", "update party set name = 'x'", "delete from sales.address", "truncate note", "drop table note", "alter table party add x int",
            "do $$ begin lock table party in share mode; end $$", "select * from secret", "select * from country", "copy secret to stdout", "select * from hidden.vault", "select * from pg_authid", "select * from pg_shadow",
            "create table public.mine(i int)", "create schema mine", "create table sales.mine(i int)", "create function public.f() returns int language sql as 'select 1'", "create extension hstore",
            "create publication mine for table party", "drop publication cdcsync_erp", "alter publication cdcsync_erp add table secret", "create role other", "create database other",
            "select pg_read_file('pg_hba.conf')", "copy party to '/tmp/x'", "copy party to program 'cat'", "alter system set work_mem = '1MB'", "select pg_reload_conf()", "select lo_export(1, '/tmp/x')",
            "create policy p on party using (true)", "alter role postgres nologin", "set session_replication_role = replica", "set role postgres",
        ])
        {
            var refused = await Record.ExceptionAsync(() => TestPostgres.ExecuteAsync(settings.Connection, sql));
            Assert.True(refused is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege }, $"{sql}: {refused?.Message ?? "was let through"}");
        }
    }

    [Fact]
    public async Task Run_again_it_finds_nothing_left_to_do_and_a_new_table_gets_only_its_own_rights()
    {
        var (admin, _, access) = await NewAsync();
        Assert.NotEmpty((await ApplyAsync(access, admin)).Steps);
        Assert.Empty((await access.ScriptAsync(undo: false, admin, Stop)).Steps);
        await TestPostgres.ExecuteAsync(admin, "create table sales.invoice(id int primary key)");
        Assert.Collection((await ApplyAsync(access, admin)).Steps,
            step => Assert.StartsWith("grant select on \"sales\".\"invoice\" to ", step.Sql, StringComparison.Ordinal),
            step => Assert.Equal("alter publication \"cdcsync_erp\" add table \"sales\".\"invoice\"", step.Sql));
        Assert.Empty((await access.ScriptAsync(undo: false, admin, Stop)).Steps);
    }

    [Fact]
    public async Task Printing_changes_nothing_and_the_undo_leaves_what_was_there()
    {
        var (admin, settings, access) = await NewAsync();
        var before = await CatalogAsync(admin, settings);
        Assert.NotEmpty((await access.ScriptAsync(undo: false, admin, Stop)).Steps);
        Assert.Equal(before, await CatalogAsync(admin, settings));
        await ApplyAsync(access, admin);
        Assert.NotEqual(before, await CatalogAsync(admin, settings));
        var undo = await ApplyAsync(access, admin, undo: true);
        Assert.Contains(undo.Notes, n => n.Contains("alter table \"sales\".\"address\" replica identity default", StringComparison.Ordinal));
        await TestPostgres.ExecuteAsync(admin, "alter table sales.address replica identity default");
        Assert.Equal(before, await CatalogAsync(admin, settings));
        Assert.Empty((await access.ScriptAsync(undo: true, admin, Stop)).Steps);
    }

    [Fact]
    public async Task A_role_that_has_more_than_we_gave_it_stays()
    {
        var (admin, settings, access) = await NewAsync();
        await ApplyAsync(access, admin);
        var role = new NpgsqlConnectionStringBuilder(settings.Connection).Username!;
        await TestPostgres.ExecuteAsync(admin, $"grant select on secret to {role}");
        var undo = await ApplyAsync(access, admin, undo: true);
        Assert.DoesNotContain(undo.Steps, s => s.Sql.StartsWith("drop role", StringComparison.Ordinal));
        Assert.Contains(undo.Notes, n => n.Contains("table secret", StringComparison.Ordinal));
        await TestPostgres.ExecuteAsync(settings.Connection, "select * from secret");
    }

    [Fact]
    public async Task The_password_reaches_the_server_as_a_verifier_and_no_output_at_all()
    {
        var (admin, settings, access) = await NewAsync();
        var script = await access.ScriptAsync(undo: false, admin, Stop);
        var shown = new List<AccessStep>();
        await access.ApplyAsync(script, admin, shown.Add, Stop);
        var output = JsonSerializer.Serialize(shown) + JsonSerializer.Serialize(script) + string.Join('\n', script.Lines()) + string.Join('\n', shown);
        Assert.DoesNotContain("Geheim", output, StringComparison.Ordinal);
        Assert.DoesNotContain("SCRAM-SHA-256$", output, StringComparison.Ordinal);

        // The verifier is the password's: a server that asks for it lets in whoever knows it, and nobody else.
        var role = new NpgsqlConnectionStringBuilder(settings.Connection).Username!;
        // All other tests of this server come in as before, replicating ones too.
        await TestPostgres.ExecuteAsync(admin, $$"""
            do $do$ begin
              execute format('copy (select line from (values (0, ''host all {{role}} 127.0.0.1/32 scram-sha-256''), (1, ''host all,replication all 127.0.0.1/32 trust''), (2, ''local all all trust'')) l(n, line) order by n) to %L', current_setting('hba_file'));
              perform pg_reload_conf();
            end $do$
            """);
        var wrong = settings.Connection.Replace("Password=Geheim ", "Password=other ", StringComparison.Ordinal) + ";Pooling=false";
        for (var tries = 0; await EntersAsync(wrong) && tries < 100; tries++) await Task.Delay(50, Stop);   // until the server has read its file again
        Assert.False(await EntersAsync(wrong));
        Assert.True(await EntersAsync(settings.Connection + ";Pooling=false"));
    }

    [Fact]
    public async Task A_refused_statement_rolls_back_its_neighbours_and_is_named()
    {
        var (admin, settings, access) = await NewAsync();
        var before = await CatalogAsync(admin, settings);
        var script = await access.ScriptAsync(undo: false, admin, Stop);
        var broken = script with { Steps = [.. script.Steps.Select(s => s.Sql.StartsWith("create publication", StringComparison.Ordinal) ? s with { Sql = "create publication broken for table nowhere" } : s)] };
        var error = await Assert.ThrowsAsync<SourceException>(() => access.ApplyAsync(broken, admin, _ => { }, Stop));
        Assert.Contains("publish", error.Message, StringComparison.Ordinal);
        Assert.Contains("rolled back", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await CatalogAsync(admin, settings));
    }

    static async Task<bool> EntersAsync(string connection)
    {
        try
        {
            await TestPostgres.ExecuteAsync(connection, "select 1");
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return false;
        }
    }

    // Everything a script could touch, as text.
    static async Task<string> CatalogAsync(string admin, PostgresSettings settings)
    {
        await using var connection = new NpgsqlConnection(admin);
        await connection.OpenAsync(Stop);
        // A null list of rights and the owner's own default say the same.
        await using var command = new NpgsqlCommand("""
            select string_agg(line, E'\n' order by line) from (
              select 'class ' || c.oid::regclass || ' ' || c.relreplident::text || ' ' || array_to_string(coalesce(c.relacl, acldefault('r', c.relowner)), ',') as line from pg_class c where c.relkind in ('r', 'v') and c.relnamespace::regnamespace::text in ('public', 'sales', 'hidden')
              union all select 'schema ' || nspname || ' ' || array_to_string(coalesce(nspacl, acldefault('n', nspowner)), ',') from pg_namespace where nspname in ('public', 'sales', 'hidden')
              union all select 'function ' || oid::regprocedure || ' ' || array_to_string(coalesce(proacl, acldefault('f', proowner)), ',') from pg_proc where pronamespace = 'public'::regnamespace
              union all select 'database ' || array_to_string(coalesce(datacl, acldefault('d', datdba)), ',') from pg_database where datname = current_database()
              union all select 'publication ' || pubname from pg_publication
              union all select 'policy ' || polname from pg_policy
              union all select 'role ' || rolname from pg_roles where rolname = $1
              union all select 'slot ' || slot_name from pg_replication_slots where slot_name = $2) l
            """, connection);
        command.Parameters.Add(new() { Value = new NpgsqlConnectionStringBuilder(settings.Connection).Username });
        command.Parameters.Add(new() { Value = settings.SlotName });
        return (string)(await command.ExecuteScalarAsync(Stop))!;
    }
}
