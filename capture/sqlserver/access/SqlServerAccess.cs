using System.Data.Common;
using CdcSync.Capture.Access;
using CdcSync.Capture.Mapping;
using CdcSync.Contract.Settings;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>A login as a database sees it.</summary>
/// <param name="Exists">Whether the server has it.</param>
/// <param name="User">The user it is in the database; null for none.</param>
/// <param name="IsSelf">Whether it is the one that asks.</param>
/// <param name="IsSysadmin">Whether it may do everything.</param>
readonly record struct Principal(bool Exists, string? User, bool IsSelf, bool IsSysadmin)
{
    public static async Task<Principal> ReadAsync(SqlServerConnections connections, string login, CancellationToken stop) =>
        (await connections.ListAsync("principal", r => new Principal(r.GetBoolean(0), r.IsDBNull(1) ? null : r.GetString(1), r.GetBoolean(2), r.GetBoolean(3)), stop,
            new SqlParameter("@login", System.Data.SqlDbType.NVarChar, 128) { Value = login }))[0];
}

/// <summary>Writes the script that gives a SQL Server source its login, its rights and its change tables, and the one that takes them back.</summary>
sealed class SqlServerAccess : ISourceAccess
{
    // The connection tells its text again with the password: each database is looked at on a connection of its own.
    public DbConnection Connect(SourceSettings settings, string? administrator) => new SqlConnection(
        new SqlConnectionStringBuilder(administrator ?? ((SqlServerSettings)settings).Connection) { ApplicationName = "cdcsync access", PersistSecurityInfo = true, Pooling = false }.ConnectionString);

    public async Task<AccessScript> EnableAsync(SourceSettings settings, IReadOnlyList<MappingSettings> mappings, DbConnection connection, CancellationToken stop)
    {
        var source = (SqlServerSettings)settings;
        var grants = new SqlServerGrants(source, LoginOf(source));
        foreach (var database in source.DatabaseNames)
            await grants.DatabaseAsync(As(source, connection, database), database == source.DatabaseNames[0] ? [.. mappings.Select(m => new ObjectMapping(m, "dbo"))] : [], stop);
        return grants.Script();
    }

    public Task<AccessScript> DisableAsync(SourceSettings settings, IReadOnlyList<MappingSettings> mappings, DbConnection connection, CancellationToken stop)
    {
        var source = (SqlServerSettings)settings;
        return new SqlServerWithdrawal(source, LoginOf(source)).ScriptAsync(database => As(source, connection, database), stop);
    }

    static SqlServerConnections As(SqlServerSettings settings, DbConnection connection, string database) => new(settings with { Connection = connection.ConnectionString }, database);

    static string LoginOf(SqlServerSettings settings) => settings.Login is { Length: > 0 } login ? login
        : throw new SettingsException("connection", "names no user (User ID=...): `enable` would not know whom to give the rights. For a Windows or Entra account follow docs/sources/sqlserver.md by hand");
}
