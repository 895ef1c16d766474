using CdcSync.Contract.Compare;

namespace CdcSync.Reconcile.Compare;

/// <summary>
/// Reads doubtful keys again, until they agree or have earned the name of a difference: the same at two readings with a pause between them, and nothing on its way. What
/// still waits when patience ends is a difference too; what moves at both sides with each reading is not.
/// </summary>
sealed class Rereading(Ends ends, FieldComparison fields, ReconcileSettings settings, TimeProvider clock)
{
    const int KeysAtATime = 500;

    /// <summary>How many agreed in the end, and how many kept moving.</summary>
    public (long Settled, long Moving) Counts { get; private set; }

    /// <summary>Of those settled, how many agree within the tolerances only.</summary>
    public long WithinTolerance { get; private set; }

    /// <summary>What remains.</summary>
    public async Task<IReadOnlyList<Suspect>> ConfirmAsync(IReadOnlyList<Suspect> suspects, CancellationToken stop)
    {
        var open = suspects;
        var confirmed = new List<Suspect>();
        for (var reading = 1; reading <= settings.Rereads && open.Count > 0; reading++)
        {
            if (ends.CatchUp is { } catchUp) await catchUp(settings.RereadAfter, stop);
            await Task.Delay(settings.RereadAfter, clock, stop);
            var still = new List<Suspect>();
            foreach (var some in open.Chunk(KeysAtATime))
            {
                var again = await AgainAsync(some, stop);
                var waiting = await WaitingAsync(again, stop);
                foreach (var suspect in again) (suspect.Confirmed && !waiting.Contains(suspect.Key) ? confirmed : still).Add(suspect);
            }
            open = still;
        }
        var moving = open.Where(s => !s.Confirmed && s.TargetMoved).ToList();
        Counts = (suspects.Count - confirmed.Count - open.Count, moving.Count);
        return [.. confirmed.Concat(open.Except(moving)).OrderBy(s => s.Key, KeyOrder.Instance)];
    }

    /// <summary>Reads these keys at both sides; those that agree are left out.</summary>
    public async Task<IReadOnlyList<Suspect>> AgainAsync(IReadOnlyList<Suspect> suspects, CancellationToken stop)
    {
        var before = suspects.ToDictionary(s => s.Key, StringComparer.Ordinal);
        var again = new List<Suspect>();
        var counts = new MergeCounts();
        await foreach (var now in Merge.DifferencesAsync(ends.Source, ends.Target, before.Keys, fields, counts, stop))
        {
            if (!before.TryGetValue(now.Key, out var then)) continue;
            var targetMoved = !Same(then.Target, now.Target);
            again.Add(now with { TargetMoved = then.TargetMoved || targetMoved, Confirmed = !targetMoved && Same(then.Source, now.Source) });
        }
        WithinTolerance += counts.WithinTolerance;
        return again;
    }

    // Where the log has a newer version than the target confirmed, time alone may close the difference.
    async Task<HashSet<string>> WaitingAsync(IReadOnlyList<Suspect> suspects, CancellationToken stop)
    {
        var origins = suspects.Where(s => s.Source?.Origin is not null).Select(s => s.Source!.Origin!).Distinct().ToList();
        if (origins.Count == 0) return [];
        var traces = await ends.Traces.TraceAsync(origins, stop);
        return [.. suspects.Where(s => s.Source?.Origin is { } origin && traces.GetValueOrDefault(origin) is { DeadLetter: null } trace && Explain.Causes.IsWaiting(trace)).Select(s => s.Key)];
    }

    static bool Same(ComparedRow? then, ComparedRow? now)
    {
        if (then is null || now is null) return then is null && now is null;
        return then.Values.Count == now.Values.Count
            && then.Values.All(v => now.Values.TryGetValue(v.Key, out var value) && string.Equals(v.Value, value, StringComparison.Ordinal));
    }
}
