using CdcSync.Capture.Care;
using CdcSync.Capture.Mapping;
using CdcSync.Capture.Snapshot;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Postgres;

/// <summary><c>kind: postgres</c>.</summary>
sealed class PostgresSourceType : ISourceType
{
    public string Kind => "postgres";

    public Type SettingsType => typeof(PostgresSettings);

    public IChangeSource Open(SourceSettings settings, ISchemaRegistry registry, ILoggerFactory loggers, TimeProvider clock) =>
        new PostgresSource((PostgresSettings)settings, registry, loggers.CreateLogger<PostgresSource>(), clock);

    public IRetentionWatch OpenWatch(SourceSettings settings, ILoggerFactory loggers, TimeProvider clock) => new SlotWatch((PostgresSettings)settings, loggers.CreateLogger<SlotWatch>(), clock);

    public IMappingQueries OpenQueries(SourceSettings settings) => PostgresQueries.Open(((PostgresSettings)settings).Connection, settings.Name);

    public Access.ISourceAccess Access { get; } = new PostgresAccess();

    public string? SnapshotAgain(string? state, IReadOnlyCollection<string> tables) =>
        (SnapshotProgress.Parse(state) is var progress && tables.Count == 0 ? progress with { Done = [] } : progress with { Done = [.. progress.Done.Except(tables)] }).Write();
}
