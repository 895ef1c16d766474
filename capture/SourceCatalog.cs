using System.Collections.Frozen;
using CdcSync.Capture.Access;
using CdcSync.Capture.Care;
using CdcSync.Capture.Mapping;
using CdcSync.Contract.Settings;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture;

/// <summary>A kind of source and how it is opened: found once at start by <see cref="SourceCatalog"/>.</summary>
interface ISourceType
{
    /// <summary>Its name in the configuration: <c>kind: postgres</c>.</summary>
    string Kind { get; }

    /// <summary>The record its settings are bound to.</summary>
    Type SettingsType { get; }

    /// <summary>Opens a source without connecting.</summary>
    IChangeSource Open(SourceSettings settings, ISchemaRegistry registry, ILoggerFactory loggers, TimeProvider clock);

    /// <summary>Runs mappings' SQL at such a source; connects when asked.</summary>
    IMappingQueries OpenQueries(SourceSettings settings);

    /// <summary>
    /// The state (<see cref="Contract.Changes.Bookmark.State"/>, the source's own part) from which these tables, all when empty, are published again while the
    /// stream goes on from where it is.
    /// </summary>
    string? SnapshotAgain(string? state, IReadOnlyCollection<string> tables);

    /// <summary>How it is given its rights; null for a kind that cannot say.</summary>
    ISourceAccess? Access => null;

    /// <summary>What watches how long the source keeps what was not read; null for a kind that keeps nothing for us, or looks while it reads.</summary>
    IRetentionWatch? OpenWatch(SourceSettings settings, ILoggerFactory loggers, TimeProvider clock) => null;
}

/// <summary>The kinds of source there are: a new one is a new folder with a class that says how it is opened, nothing else.</summary>
public sealed class SourceCatalog
{
    readonly FrozenDictionary<string, ISourceType> _byKind = typeof(SourceCatalog).Assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ISourceType)))
        .Select(t => (ISourceType)Activator.CreateInstance(t)!)
        .ToFrozenDictionary(t => t.Kind);

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Kinds => [.. _byKind.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The record the settings of a kind are bound to.</summary>
    public Type SettingsType(string kind) => _byKind.TryGetValue(kind, out var type) ? type.SettingsType
        : throw new SettingsException("kind", $"there is no source '{kind}'; known: {string.Join(", ", Kinds)}");

    /// <summary>A source, not connected yet.</summary>
    public IChangeSource Open(SourceSettings settings, ISchemaRegistry registry, ILoggerFactory loggers, TimeProvider clock) => TypeOf(settings).Open(settings, registry, loggers, clock);

    /// <summary>A source's mappings, not connected yet.</summary>
    public CanonicalMapper OpenMapper(SourceSettings settings, IEnumerable<MappingSettings> mappings, CanonicalRecords records, ILogger logger) =>
        new(settings.Name, TypeOf(settings).OpenQueries(settings), mappings, records, logger);

    /// <summary>What watches how long a source keeps what was not read; null where nothing is to be watched apart from the reading.</summary>
    public IRetentionWatch? OpenWatch(SourceSettings settings, ILoggerFactory loggers, TimeProvider clock) => TypeOf(settings).OpenWatch(settings, loggers, clock);

    /// <summary>What gives a source its rights and takes them back; null for a kind that has no script.</summary>
    public SourceAccess? OpenAccess(SourceSettings settings, IEnumerable<MappingSettings> mappings) =>
        TypeOf(settings).Access is { } access ? new SourceAccess(access, settings, mappings) : null;

    /// <summary>
    /// Has existing rows published again, by the source's next start, while its stream goes on. Takes the source over: a process that captures it now stops. For a source
    /// that takes signals (<see cref="Snapshot.ISignalled"/>) only to restart it: anything less is a signal.
    /// </summary>
    /// <param name="log">The log that holds the bookmark.</param>
    /// <param name="settings">The source.</param>
    /// <param name="tables">These, as <c>schema.name</c>; empty for all. The mappings' objects are all published again.</param>
    /// <param name="restart">Forget the place in the source too: its log was lost, and what lies between is taken from the rows as they are.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>False when the source never published anything: its first start does all of it anyway.</returns>
    public async Task<bool> RequestSnapshotAsync(IEventLog log, SourceSettings settings, IReadOnlyCollection<string> tables, bool restart, CancellationToken stop)
    {
        await using var writer = await log.OpenWriterAsync(settings.Name, stop);
        if (writer.Bookmark is not { } bookmark) return false;
        var state = WorkerState.Parse(bookmark.State);
        var again = restart ? null : TypeOf(settings).SnapshotAgain(state.Source, tables);
        await writer.AppendAsync(new LogBatch(), new(restart ? Contract.Changes.SourcePosition.Start : bookmark.Position, WorkerState.Write(again, [], held: state.Held)), stop);
        return true;
    }

    /// <summary>What <c>check</c> says of the place up to which a source has published; nothing when it never did.</summary>
    public static async Task<IReadOnlyList<PreflightResult>> CheckPlaceAsync(IEventLog log, IChangeSource source, CancellationToken stop) =>
        await log.ReadBookmarkAsync(source.Name, stop) is { } bookmark ? await source.CheckPlaceAsync(bookmark with { State = WorkerState.Parse(bookmark.State).Source }, stop) : [];

    ISourceType TypeOf(SourceSettings settings) => _byKind.Values.Single(t => t.SettingsType == settings.GetType());
}
