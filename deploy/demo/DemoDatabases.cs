using Npgsql;

namespace CdcSync.Demo;

/// <summary>The demo's two legacy databases and CdcSync's store, in a private cluster, with the least-privilege role that captures.</summary>
/// <param name="Erp">Connection string of the ERP's owner: the traffic uses it.</param>
/// <param name="Wms">Connection string of the WMS's owner.</param>
/// <param name="ErpCapture">What CdcSync is given for the ERP.</param>
/// <param name="WmsCapture">What CdcSync is given for the WMS.</param>
/// <param name="Store">CdcSync's own database.</param>
/// <param name="Finance">A database that finance reads: a target.</param>
public sealed record DemoDatabases(string Erp, string Wms, string ErpCapture, string WmsCapture, string Store, string Finance)
{
    const string CaptureRole = "cdcsync_reader";

    /// <summary>Creates and fills them; the same data every time.</summary>
    public static async Task<DemoDatabases> CreateAsync(PrivatePostgres server, CancellationToken stop)
    {
        var store = await server.CreateDatabaseAsync("cdcsync", stop);
        await RunAsync(store, $"create role {CaptureRole} login replication", stop);
        var erp = await server.CreateDatabaseAsync("erp", stop);
        var wms = await server.CreateDatabaseAsync("wms", stop);
        var finance = await server.CreateDatabaseAsync("finance", stop);
        await Task.WhenAll(FillAsync(erp, "erp", stop), FillAsync(wms, "wms", stop));
        return new DemoDatabases(erp, wms, AsCapture(erp), AsCapture(wms), store, finance);
    }

    static async Task FillAsync(string connection, string name, CancellationToken stop)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "demo", "databases");
        await RunAsync(connection, await File.ReadAllTextAsync(Path.Combine(folder, $"{name}.sql"), stop), stop);
        // What `cdcsync enable --print` asks a database administrator for: read the tables, replicate, and a publication made by the owner.
        await RunAsync(connection, $"grant usage on schema public to {CaptureRole}; grant select on all tables in schema public to {CaptureRole}; create publication cdcsync_{name} for all tables; analyze", stop);
    }

    static string AsCapture(string connection) => new NpgsqlConnectionStringBuilder(connection) { Username = CaptureRole }.ConnectionString;

    static async Task RunAsync(string connection, string sql, CancellationToken stop)
    {
        await using var open = new NpgsqlConnection(connection);
        await open.OpenAsync(stop);
        await using var command = new NpgsqlCommand(sql, open) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync(stop);
    }
}
