using CdcSync.Capture.Access;
using CdcSync.Capture.Mapping;
using CdcSync.Capture.SqlServer;
using CdcSync.Servers.SqlServer;
using Microsoft.Data.SqlClient;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>The scripted login can do what it must, and no more; a second run has nothing to do; the undo leaves nothing behind.</summary>
public class SqlServerAccessTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    // Two tables asked for, one not; nothing is switched on, nobody may anything.
    static async Task<(SqlServerRig Rig, ModelDatabase Model, string Admin, SourceAccess Access)> NewAsync(CaptureMode mode = CaptureMode.Cdc, params string[] tables)
    {
        var rig = await SqlServerRig.NewAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        (model.IsCdcEnabled, model.AllowsSnapshot) = (false, false);
        rig.Server.Model.Access = new ModelAccess();
        foreach (var name in (string[])["dbo.item", "sales.order's", "dbo.salary"]) await rig.Server.CreateAsync(rig.Database, name, "id int key; name nvarchar(50)", captured: false);
        var connection = new SqlConnectionStringBuilder(rig.Settings.Connection);
        rig.Settings = rig.Settings with
        {
            Mode = mode, Snapshot = SnapshotStart.Initial, Tables = tables.Length > 0 ? tables : ["dbo.item"], ExceptTables = tables.Length > 0 ? [] : ["dbo.salary"],
            Connection = new SqlConnectionStringBuilder(rig.Settings.Connection) { UserID = "reader", Password = "it's secret" }.ConnectionString,
        };
        connection.UserID = "sa";
        connection.InitialCatalog = "master";
        return (rig, model, connection.ConnectionString, new SourceCatalog().OpenAccess(rig.Settings, [])!);
    }

    static async Task<AccessScript> ApplyAsync(SourceAccess access, string admin, bool undo = false)
    {
        var script = await access.ScriptAsync(undo, admin, Stop);
        await access.ApplyAsync(script, admin, _ => { }, Stop);
        return script;
    }

    [Fact]
    public async Task The_script_says_what_is_missing_and_no_secret()
    {
        var (rig, _, admin, access) = await NewAsync();
        await using var _ = rig;
        var script = await access.ScriptAsync(undo: false, admin, Stop);
        var database = rig.Database;
        Assert.Equal(
            [
                "use [master]; create login [reader] with password = /* N'the password' */",
                $"use [{database}]; create user [reader] for login [reader]",
                $"use [{database}]; exec sys.sp_cdc_enable_db",
                $"use [{database}]; exec sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'item', @role_name = null, @supports_net_changes = 0",
                $"use [master]; alter database [{database}] set allow_snapshot_isolation on",
                $"use [{database}]; grant select on schema::cdc to [reader]",
                $"use [{database}]; grant select on [dbo].[item] to [reader]",
                $"use [{database}]; grant view database state to [reader]",
                "use [msdb]; if user_id(N'reader') is null create user [reader] for login [reader]; grant select on dbo.cdc_jobs to [reader]",
                "use [master]; grant view server state to [reader]",
            ],
            script.Steps.Select(s => s.Sql));
        Assert.DoesNotContain(script.Lines(), l => l.Contains("secret", StringComparison.Ordinal) || l is "begin;" or "commit;");
    }

    [Fact]
    public async Task The_scripted_login_captures_and_a_second_run_has_nothing_to_do()
    {
        var (rig, _, admin, access) = await NewAsync();
        await using var _ = rig;
        await ApplyAsync(access, admin);
        Assert.Empty((await access.ScriptAsync(undo: false, admin, Stop)).Steps);
        Assert.Empty((await access.ScriptAsync(undo: false, null, Stop)).Steps);    // asked by itself
        await using (var source = rig.Open()) Assert.DoesNotContain(await source.CheckAsync(Stop), f => f.Level == PreflightLevel.Fail);
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)), Insert("dbo.salary", ("id", 1)));
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        await rig.UntilAsync(2);
        await using var connection = new SqlConnection(rig.Settings.Connection);
        await connection.OpenAsync(Stop);
        await using var read = new SqlCommand("-- cdcsync: rows\nselect [id] from [dbo].[salary]  where 1 = 1 ;", connection);
        await Assert.ThrowsAsync<SqlException>(() => read.ExecuteScalarAsync(Stop));
    }

    [Fact]
    public async Task Only_what_is_missing_is_written_and_check_says_the_same_sql()
    {
        var (rig, model, admin, access) = await NewAsync();
        await using var _ = rig;
        await ApplyAsync(access, admin);
        model.AllowsSnapshot = false;
        rig.Settings = rig.Settings with { Tables = ["dbo.item", "sales.order's"] };
        rig.Server.Model.Access!.Grants.Remove((rig.Database, "reader", "view database state"));
        var more = new SourceCatalog().OpenAccess(rig.Settings, [])!;
        var script = await more.ScriptAsync(undo: false, admin, Stop);
        Assert.Equal(["enable_table", "allow_snapshot", "grant select on [sales].[order's]", "view database state"],
            script.Steps.Select(s => new[] { "enable_table", "allow_snapshot", "grant select on [sales].[order's]", "view database state" }.Single(p => s.Sql.Contains(p, StringComparison.Ordinal))));
        Assert.Contains("@source_name = N'order''s'", script.Steps[0].Sql, StringComparison.Ordinal);
        await using var source = rig.Open();
        var fixes = (await source.CheckAsync(Stop)).Where(f => f.Fix is not null).Select(f => f.Fix!).ToList();
        Assert.All(script.Steps.Where(s => !s.Sql.Contains("allow_snapshot", StringComparison.Ordinal)), s => Assert.Contains($"{s.Sql};", fixes));
    }

    [Fact]
    public async Task All_of_a_schema_is_granted_as_a_schema_and_what_is_captured_already_stays_the_default()
    {
        var (rig, _, admin, access) = await NewAsync(CaptureMode.Cdc, "dbo.*");
        await using var _ = rig;
        var script = await access.ScriptAsync(undo: false, admin, Stop);
        Assert.Contains(script.Steps, s => s.Sql.EndsWith("grant select on schema::[dbo] to [reader]", StringComparison.Ordinal));
        Assert.Equal(2, script.Steps.Count(s => s.Sql.Contains("sp_cdc_enable_table", StringComparison.Ordinal)));
        rig.Settings = rig.Settings with { Tables = ["*.*"] };
        var all = await new SourceCatalog().OpenAccess(rig.Settings, [])!.ScriptAsync(undo: false, admin, Stop);
        Assert.DoesNotContain(all.Steps, s => s.Sql.Contains("sp_cdc_enable_table", StringComparison.Ordinal));
        Assert.Contains(all.Notes, n => n.Contains("name them in 'tables'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_table_that_a_mapping_reads_besides_is_granted_and_said()
    {
        var (rig, _, admin, _) = await NewAsync();
        await using var _ = rig;
        var mapping = new MappingSettings
        {
            Object = "item", Source = "erp", Key = ["dbo.item.id"], Query = "select i.id from dbo.item i where i.id = any(@keys)", AffectedBy = new Dictionary<string, string> { ["dbo.salary"] = "id" },
        };
        var access = new SourceCatalog().OpenAccess(rig.Settings, [mapping])!;
        var script = await access.ScriptAsync(undo: false, admin, Stop);
        Assert.Equal(["[dbo].[item]", "[dbo].[salary]"], script.Steps.Where(s => s.Sql.Contains("grant select on [", StringComparison.Ordinal)).Select(s => s.Sql.Split(' ')[^3]));
        Assert.Contains(script.Notes, n => n.Contains("dbo.salary", StringComparison.Ordinal) && n.Contains("its changes do not come", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Change_tracking_is_switched_on_and_seen()
    {
        var (rig, _, admin, access) = await NewAsync(CaptureMode.ChangeTracking);
        await using var _ = rig;
        var script = await ApplyAsync(access, admin);
        Assert.DoesNotContain(script.Steps, s => s.Sql.Contains("cdc", StringComparison.Ordinal) || s.Sql.Contains("snapshot", StringComparison.Ordinal));
        Assert.Empty((await access.ScriptAsync(undo: false, admin, Stop)).Steps);
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)));
        await rig.FollowAsync();
        await rig.UntilAsync(1);
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        await rig.UntilAsync(2);
        await rig.StopAsync();
        await ApplyAsync(access, admin, undo: true);
        Assert.False(rig.Server.Model.Databases[rig.Database].IsTracked);
        Assert.Empty((await access.ScriptAsync(undo: true, admin, Stop)).Steps);
    }

    [Fact]
    public async Task The_undo_takes_back_what_was_given_and_leaves_what_others_use()
    {
        var (rig, model, admin, access) = await NewAsync();
        await using var _ = rig;
        await ApplyAsync(access, admin);
        model.EnableCdc("dbo.item", "audit");
        var script = await ApplyAsync(access, admin, undo: true);
        Assert.Contains(script.Notes, n => n.Contains("stays captured as audit", StringComparison.Ordinal));
        Assert.Equal("audit", Assert.Single(model.Instances).Name);
        Assert.True(model.IsCdcEnabled);
        Assert.DoesNotContain("reader", rig.Server.Model.Access!.Logins.Keys);
        Assert.Empty(rig.Server.Model.Access.Users);
        model.DisableCdc("audit");
        await ApplyAsync(access, admin, undo: true);
        Assert.False(model.IsCdcEnabled);
        Assert.Empty((await access.ScriptAsync(undo: true, admin, Stop)).Steps);
    }

    [Fact]
    public async Task A_login_that_others_use_stays()
    {
        var (rig, _, admin, access) = await NewAsync();
        await using var _ = rig;
        await ApplyAsync(access, admin);
        var other = await rig.Server.NewDatabaseAsync();
        rig.Server.Model.Access!.Users.Add((other, "reader"));
        var script = await access.ScriptAsync(undo: true, admin, Stop);
        Assert.DoesNotContain(script.Steps, s => s.Sql.Contains("drop login", StringComparison.Ordinal));
        Assert.Contains(script.Notes, n => n.Contains(other, StringComparison.Ordinal));
    }
}
