using System.Reflection;
using Npgsql;

namespace CdcSync.Demo;

/// <summary>The demo's two legacy databases, the same on every run: an ERP and a WMS that know some customers and all goods in different words.</summary>
/// <param name="Erp">The ERP as its applications use it.</param>
/// <param name="Wms">The WMS as its applications use it.</param>
/// <param name="ErpCapture">The ERP as capture may use it: reading and replication, nothing else.</param>
/// <param name="WmsCapture">The WMS as capture may use it.</param>
public sealed record DemoDatabases(string Erp, string Wms, string ErpCapture, string WmsCapture)
{
    /// <summary>The role that capture logs in with: REPLICATION, and SELECT on the tables.</summary>
    public const string CaptureRole = "cdcsync_capture";

    /// <summary>Creates both on a server that has neither.</summary>
    public static async Task<DemoDatabases> CreateAsync(PrivatePostgres server, CancellationToken stop)
    {
        var databases = await Task.WhenAll(FillAsync(server, "erp", stop), FillAsync(server, "wms", stop));
        var (erp, wms) = (databases[0], databases[1]);
        await CopyCustomersAsync(erp, wms, stop);
        await ExecuteAsync(server.Connection("postgres"), $"create role {CaptureRole} login replication password '{CaptureRole}'", stop);
        foreach (var (database, tables) in new[] { (erp, ErpTables), (wms, WmsTables) }) await GrantAsync(database, tables, stop);
        return new DemoDatabases(erp, wms, AsCapture(erp), AsCapture(wms));
    }

    static readonly string[] ErpTables = ["CUSMAS", "ITMMAS", "PRCLST", "ORDHDR", "ORDLIN"];
    static readonly string[] WmsTables = ["warehouse", "bin", "sku", "lot", "stock", "hold", "consignee"];

    static async Task<string> FillAsync(PrivatePostgres server, string name, CancellationToken stop)
    {
        var connection = await server.CreateDatabaseAsync(name, stop);
        using var text = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream($"CdcSync.Demo.{name}.sql")!);
        await ExecuteAsync(connection, $"{await text.ReadToEndAsync(stop)}; analyze", stop);
        return connection;
    }

    // What a DBA would do for capture: a publication is made in advance, for a role that does not own the tables cannot make one; old rows whole where a mapping needs them.
    static Task GrantAsync(string database, string[] tables, CancellationToken stop)
    {
        var names = string.Join(", ", tables.Select(t => $"public.\"{t}\""));
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        var identity = string.Join("; ", tables.Select(t => $"alter table public.\"{t}\" replica identity full"));
        return ExecuteAsync(database, $"grant usage on schema public to {CaptureRole}; grant select on {names} to {CaptureRole}; {identity}; create publication cdcsync_{name} for table {names}", stop);
    }

    // 250 customers of the ERP are consignees of the WMS, typed in by other people: known by tax number, by mail and name, or by address and name.
    static async Task CopyCustomersAsync(string erp, string wms, CancellationToken stop)
    {
        await using var from = new NpgsqlConnection(erp);
        await from.OpenAsync(stop);
        await using var to = new NpgsqlConnection(wms);
        await to.OpenAsync(stop);
        await using var read = new NpgsqlCommand("""
            copy (select "CUSNO"::int - 100000, lower(replace(replace(trim("CUSNAM"), 'GmbH', 'G.m.b.H.'), 'Ltd', 'Limited')), split_part("STREET", ' ', 1) || ', ' || substr("STREET", strpos("STREET", ' ') + 1),
                trim("PSTCOD"), upper(trim("TOWN")), case "CTRY" when 'DEU' then 'DE' when 'AUT' then 'AT' when 'NLD' then 'NL' else 'GB' end,
                nullif(lower(trim("TAXNO")), ''), upper("EMAIL"), replace(trim("PHONE"), '+49 30 ', '0049 (0)30/')
            from "CUSMAS" where "CUSNO" between '100001' and '104500' and "CUSNO"::int % 18 = 0) to stdout
            """, from);
        using var rows = await from.BeginTextExportAsync(read.CommandText, stop);
        await using var write = await to.BeginTextImportAsync("copy consignee(id, title, line1, zip, city, country, vat, mail, tel) from stdin", stop);
        while (await rows.ReadLineAsync(stop) is { } line) await write.WriteAsync($"{line}\n".AsMemory(), stop);
    }

    static string AsCapture(string connection) => new NpgsqlConnectionStringBuilder(connection) { Username = CaptureRole, Password = CaptureRole }.ConnectionString;

    static async Task ExecuteAsync(string connection, string sql, CancellationToken stop)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync(stop);
    }
}
