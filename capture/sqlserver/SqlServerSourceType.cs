using CdcSync.Capture.Mapping;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary><c>kind: sqlserver</c>.</summary>
sealed class SqlServerSourceType : ISourceType
{
    public string Kind => "sqlserver";

    public Type SettingsType => typeof(SqlServerSettings);

    public Access.ISourceAccess Access { get; } = new SqlServerAccess();

    public IChangeSource Open(SourceSettings settings, ISchemaRegistry registry, ILoggerFactory loggers, TimeProvider clock) =>
        new SqlServerSource((SqlServerSettings)settings, registry, loggers.CreateLogger<SqlServerSource>(), clock);

    public IMappingQueries OpenQueries(SourceSettings settings) => new SqlServerQueries((SqlServerSettings)settings);

    // Tables may be named with their database: db.schema.table.
    public string? SnapshotAgain(string? state, IReadOnlyCollection<string> tables)
    {
        var source = DatabaseStates.Parse(state);
        return (source with
        {
            Databases = source.Databases.ToDictionary(d => d.Key, d => d.Value with
            {
                Done = tables.Count == 0 ? [] : [.. d.Value.Done.Where(t => !tables.Contains(t) && !tables.Contains($"{d.Key}.{t}"))], Table = null, LastKey = null, Again = true,
            }),
        }).Write();
    }
}
