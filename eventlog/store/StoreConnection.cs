using Npgsql;

namespace CdcSync.EventLog.Store;

/// <summary>How the store is connected to.</summary>
public static class StoreConnection
{
    // All statements there are, several times over: planning them takes the server longer than running them.
    const int Prepared = 500;

    const string AutoPrepare = "Max Auto Prepare";

    /// <summary>Opens a pool of connections. Statements are prepared when they come again, unless the connection string says otherwise (<c>Max Auto Prepare=0</c>, for a pooler that cannot).</summary>
    public static NpgsqlDataSource Open(string connection)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "cdcsync", MaxPoolSize = 50 };
        if (!builder.ShouldSerialize(AutoPrepare)) (builder.MaxAutoPrepare, builder.AutoPrepareMinUsages) = (Prepared, 2);
        return NpgsqlDataSource.Create(builder.ConnectionString);
    }
}
