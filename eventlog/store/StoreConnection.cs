using Npgsql;

namespace CdcSync.EventLog.Store;

/// <summary>How the store is connected to.</summary>
public static class StoreConnection
{
    // All statements there are, several times over: planning them takes the server longer than running them.
    const int Prepared = 500;

    const string AutoPrepare = "Max Auto Prepare";

    /// <summary>Opens a pool of connections.</summary>
    /// <param name="connection">The connection string.</param>
    /// <param name="prepared">
    /// Prepare statements when they come again, unless the connection string says otherwise (<c>Max Auto Prepare=0</c>, for a pooler that cannot). For whoever looks up by keys alone: a plan made
    /// while a table was empty stays.
    /// </param>
    public static NpgsqlDataSource Open(string connection, bool prepared)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "cdcsync", MaxPoolSize = 50 };
        if (prepared && !builder.ShouldSerialize(AutoPrepare)) (builder.MaxAutoPrepare, builder.AutoPrepareMinUsages) = (Prepared, 2);
        return NpgsqlDataSource.Create(builder.ConnectionString);
    }
}
