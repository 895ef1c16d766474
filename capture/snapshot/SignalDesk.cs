using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Snapshot;

/// <summary>What a signal does to the progress: pure, so that it can be made durable together with the place it was found at.</summary>
/// <param name="source">Name of the source, for logs.</param>
/// <param name="notices">Says what was done.</param>
/// <param name="log">Says what could not be.</param>
/// <param name="database">First part of the tables' names, which signals may leave out; null where names have none.</param>
sealed class SignalDesk(string source, SnapshotNotices notices, ILogger log, string? database = null)
{
    /// <summary>A signal asked for the mappings' objects too.</summary>
    public bool ObjectsAsked { get; set; }

    /// <summary>Captured tables of other databases, for which a signal may be meant that names none of ours.</summary>
    public Func<IEnumerable<string>>? Elsewhere { get; set; }

    /// <summary>The progress after the signal; what is to be told goes to <paramref name="told"/>. A signal that makes no sense changes nothing and is logged.</summary>
    public SnapshotProgress Take(SnapshotProgress progress, Signal signal, IReadOnlyList<string> tables, List<Notice> told)
    {
        try
        {
            switch (signal.Type)
            {
                case "execute-snapshot":
                    return Execute(progress, signal, tables, told);
                case "stop-snapshot":
                    return Stop(progress, SignalData.Parse(signal.Data) with { Database = database }, told);
                case "pause-snapshot":
                    return Pause(progress, told);
                case "resume-snapshot":
                    return Resume(progress, told);
                case "log":
                    Log.SignalSays(log, source, signal.Id, signal.Data ?? "");
                    return progress;
                case "snapshot-window-open" or "snapshot-window-close":
                    return progress;    // Debezium's own, where it still captures the same table
                default:
                    Log.SignalRefused(log, source, signal.Id, $"there is no type '{signal.Type}'; known: execute-snapshot, stop-snapshot, pause-snapshot, resume-snapshot, log");
                    return progress;
            }
        }
        catch (FormatException wrong)
        {
            Log.SignalRefused(log, source, signal.Id, wrong.Message);
            return progress;
        }
    }

    SnapshotProgress Execute(SnapshotProgress progress, Signal signal, IReadOnlyList<string> tables, List<Notice> told)
    {
        var data = SignalData.Parse(signal.Data) with { Database = database };
        var chosen = data.Choose(tables);
        if (chosen.Count == 0 && Elsewhere?.Invoke().Any(t => (data with { Database = t.Split('.')[0] }).Names(t)) == true) return progress;
        if (chosen.Count == 0) throw new FormatException($"no captured table matches {string.Join(", ", data.Tables)}; captured: {string.Join(", ", tables.Take(20))}");
        var asked = new AskedSnapshot(signal.Id, data.Blocking, chosen);
        if (!asked.Blocking) told.AddRange(notices.Started(asked));
        ObjectsAsked |= data.Objects;
        Log.SnapshotAsked(log, source, signal.Id, chosen.Count);
        return progress with { Asked = [.. progress.Asked ?? [], asked] };
    }

    SnapshotProgress Stop(SnapshotProgress progress, SignalData data, List<Notice> told)
    {
        var left = new List<AskedSnapshot>();
        foreach (var asked in progress.Asked ?? [])
        {
            var tables = data.Tables.Count == 0 ? [] : asked.Tables.Where(t => !data.Names(t.Name)).ToList();
            if (tables.Count == asked.Tables.Count)
            {
                left.Add(asked);
                continue;
            }
            told.Add(notices.Aborted(asked with { Tables = [.. asked.Tables.Except(tables)] }));
            // The first table keeps its place only if it stays the first.
            if (tables.Count > 0) left.Add(tables[0] == asked.Tables[0] ? asked with { Tables = tables } : new AskedSnapshot(asked.Id, asked.Blocking, tables));
        }
        return progress with { Asked = left.Count == 0 ? null : left, Paused = left.Count == 0 ? null : progress.Paused };
    }

    SnapshotProgress Pause(SnapshotProgress progress, List<Notice> told)
    {
        if (progress.Current is not { } current || progress.Paused == true) return progress;
        told.Add(notices.Paused(current));
        return progress with { Paused = true };
    }

    SnapshotProgress Resume(SnapshotProgress progress, List<Notice> told)
    {
        if (progress.Current is not { } current || progress.Paused != true) return progress;
        told.Add(notices.Resumed(current));
        return progress with { Paused = null };
    }
}
