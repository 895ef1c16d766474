using CdcSync.Capture.Access;
using CdcSync.Capture.Mapping;
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

    public IMappingQueries OpenQueries(SourceSettings settings) => new TablesQueries((TablesSettings)settings);

    public ISourceAccess? Access => new TablesAccess();

    public string? SnapshotAgain(string? state, IReadOnlyCollection<string> tables) => TablesState.Parse(state).Again(tables).Write();
}
