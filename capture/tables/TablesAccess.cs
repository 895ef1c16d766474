using System.Data.Common;
using CdcSync.Capture.Access;
using CdcSync.Capture.Mapping;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Tables;

/// <summary>What writes the change tables of one kind of database.</summary>
interface IChangeTableWriter
{
    Task<AccessScript> EnableAsync(TablesSettings settings, string role, SourceConnection connection, CancellationToken stop);

    Task<AccessScript> DisableAsync(TablesSettings settings, string role, SourceConnection connection, CancellationToken stop);
}

/// <summary><c>cdcsync enable</c> and <c>disable</c> of polled tables: change tables, their triggers, rights; and all of it undone.</summary>
sealed class TablesAccess : ISourceAccess
{
    public DbConnection Connect(SourceSettings settings, string? administrator)
    {
        var tables = (TablesSettings)settings;
        var connection = Providers.Find(tables).CreateConnection()!;
        connection.ConnectionString = administrator ?? tables.Connection;
        return connection;
    }

    public Task<AccessScript> EnableAsync(SourceSettings settings, IReadOnlyList<MappingSettings> mappings, DbConnection connection, CancellationToken stop) =>
        WriteAsync((TablesSettings)settings, connection, (writer, role, source) => writer.EnableAsync((TablesSettings)settings, role, source, stop), mappings);

    public Task<AccessScript> DisableAsync(SourceSettings settings, IReadOnlyList<MappingSettings> mappings, DbConnection connection, CancellationToken stop) =>
        WriteAsync((TablesSettings)settings, connection, (writer, role, source) => writer.DisableAsync((TablesSettings)settings, role, source, stop), []);

    static async Task<AccessScript> WriteAsync(
        TablesSettings settings, DbConnection connection, Func<IChangeTableWriter, string, SourceConnection, Task<AccessScript>> write, IReadOnlyList<MappingSettings> mappings)
    {
        var dialect = SqlDialect.Of(settings);
        IChangeTableWriter? writer = dialect switch { PostgresDialect => new PostgresChangeTables(), SqlServerDialect => new SqlServerChangeTables(), _ => null };
        if (writer is null)
            return new AccessScript([], [$"{settings.Name}: scripts are written for PostgreSQL and SQL Server. For other databases docs/sources/change-tables.md says how a change table and its triggers look"]);
        // Not disposed: the connection is the caller's.
        var script = await write(writer, RoleOf(settings), new SourceConnection(connection, dialect, settings.CommandTimeout, TimeProvider.System));
        return mappings.All(m => m.Query is null) ? script : script with { Notes = [.. script.Notes, "The queries of mappings read further tables: grant select on them too"] };
    }

    static string RoleOf(TablesSettings settings)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = settings.Connection };
        foreach (var name in (string[])["Username", "User ID", "User Id", "UID", "User"])
            if (parts.TryGetValue(name, out var user) && user.ToString() is { Length: > 0 } role) return role;
        throw new SettingsException("connection", "names no user: `enable` would not know whom to give the rights");
    }
}
