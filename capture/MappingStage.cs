using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture;

/// <summary>
/// Where each mapping of a source stands. One that cannot go on stops alone, while raw records and the other mappings go on; the bookmark remembers it. When it has been
/// mended (its table, its rights, its settings), all its objects are read again as they are now, so that nothing of the time between is lost.
/// </summary>
sealed class MappingStage(string source, ICanonicalMapper mapper, TimeSpan firstPause, ILogger logger, TimeProvider clock)
{
    static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5), Calm = TimeSpan.FromMinutes(1);
    readonly IReadOnlyList<string> _names = mapper.Mappings;
    readonly Dictionary<string, Trial> _trials = new(StringComparer.Ordinal);

    readonly record struct Trial(int Attempts, DateTimeOffset Next);

    /// <summary>Mappings whose objects are all published, and follow the changes. A new list at each change.</summary>
    public IReadOnlyList<string> Mapped { get; private set; } = [];

    /// <summary>Mappings that stand still. A new list at each change.</summary>
    public IReadOnlyList<StoppedMapping> Stopped { get; private set; } = [];

    /// <summary>Takes over what a bookmark says. A mapping that the settings lack is forgotten: should it come back, changes of the time between would be missing.</summary>
    public void Load(IReadOnlyList<string> mapped, IReadOnlyList<StoppedMapping> stopped)
    {
        _trials.Clear();   // the settings or the source may be other ones now: each gets its chance at once
        Mapped = [.. mapped.Where(_names.Contains)];
        Stopped = [.. stopped.Where(s => _names.Contains(s.Mapping))];
        foreach (var name in _names) CaptureMetrics.MappingStopped(source, name, Stopped.Any(s => s.Mapping == name));
    }

    /// <summary>Has every mapping read all its objects again.</summary>
    public void MapAgain() => Mapped = [];

    /// <summary>Has the mappings that a table belongs to read all their objects again.</summary>
    public void MapAgain(string table)
    {
        var again = mapper.MappingsOf(table);
        Mapped = [.. Mapped.Where(m => !again.Contains(m))];
    }

    /// <summary>The mappings whose objects are to be read now: never read ones, and stopped ones that are due for a trial.</summary>
    public IEnumerable<string> Due() => Mapped.Count == _names.Count ? [] : _names.Where(m => !Mapped.Contains(m) && (!_trials.TryGetValue(m, out var trial) || !IsStopped(m) || trial.Next <= clock.GetUtcNow()));

    /// <summary>Adds the canonical records that follow from a batch. A mapping that cannot go on is stopped; the caller appends the batch with the state that says so.</summary>
    public async ValueTask MapAsync(ChangeBatch batch, LogBatch output, CancellationToken stop)
    {
        foreach (var (mapping, reason) in await mapper.MapAsync(batch, Stopped.Select(s => s.Mapping).ToHashSet(StringComparer.Ordinal), output, stop)) Stop(mapping, reason);
    }

    /// <summary>Notes that all objects of a mapping are published.</summary>
    public void Done(string mapping, long objects)
    {
        if (IsStopped(mapping)) Log.MappingGoesOn(logger, source, mapping, objects);
        else Log.MappingSnapshot(logger, source, mapping, objects);
        Mapped = [.. Mapped, mapping];
        Stopped = [.. Stopped.Where(s => s.Mapping != mapping)];
        CaptureMetrics.MappingStopped(source, mapping, false);
    }

    /// <summary>Notes that a mapping cannot go on.</summary>
    public void Stop(string mapping, string reason)
    {
        var now = clock.GetUtcNow();
        // One that fails again soon after it went on is no better off than before.
        var attempts = _trials.TryGetValue(mapping, out var last) && (IsStopped(mapping) || now - last.Next < Calm) ? last.Attempts + 1 : 0;
        var pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, firstPause.Ticks << Math.Min(attempts, 12)));
        _trials[mapping] = new Trial(attempts, now + pause);
        Log.MappingStopped(logger, source, mapping, reason, pause);
        Mapped = [.. Mapped.Where(m => m != mapping)];
        Stopped = [.. Stopped.Where(s => s.Mapping != mapping), new(mapping, reason, Stopped.FirstOrDefault(s => s.Mapping == mapping)?.Since ?? now)];
        CaptureMetrics.MappingStopped(source, mapping, true);
    }

    bool IsStopped(string mapping) => Stopped.Any(s => s.Mapping == mapping);
}
