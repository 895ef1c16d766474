using CdcSync.Capture.Mapping;
using CdcSync.Capture.Postgres;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Tables;

/// <summary><c>kind: tables</c>.</summary>
sealed class TablesSourceType : ISourceType
{
    public string Kind => "tables";

    public Type SettingsType => typeof(TablesSettings);

    public IChangeSource Open(SourceSettings settings, ISchemaRegistry registry, ILoggerFactory loggers, TimeProvider clock) =>
        new TablesSource((TablesSettings)settings, registry, loggers.CreateLogger<TablesSource>(), clock);

    public IMappingQueries OpenQueries(SourceSettings settings) => PostgresQueries.Open(((TablesSettings)settings).Connection, settings.Name);

    public string? SnapshotAgain(string? state, IReadOnlyCollection<string> tables) => TablesState.Parse(state).Again(tables).Write();
}
