using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;
using CdcSync.Reconcile.Compare;

namespace CdcSync.Reconcile.Explain;

/// <summary>Gives each difference its cause, out of what delivery and log know of its record.</summary>
sealed class Causes(Ends ends, FieldComparison fields)
{
    // A field that differs in so many records, and most of them, is not somebody's edit.
    const int SystematicFrom = 20;
    const decimal SystematicShare = 0.5m;
    const int KeysAtATime = 500;

    /// <summary>A newer record is in the log than the target confirmed.</summary>
    public static bool IsWaiting(DeliveryTrace trace) => trace.Logged is { } logged && (trace.Delivered is not { } delivered || delivered < logged);

    /// <summary>The differences with their causes.</summary>
    /// <param name="suspects">What differs for good.</param>
    /// <param name="compared">Records that both sides have.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<List<Difference>> ExplainAsync(IReadOnlyList<Suspect> suspects, long compared, CancellationToken stop)
    {
        var differences = new List<Difference>(suspects.Count);
        foreach (var some in suspects.Chunk(KeysAtATime))
        {
            var origins = some.Select(OriginOf).OfType<CanonicalKey>().Distinct().ToList();
            var traces = origins.Count == 0 ? new Dictionary<CanonicalKey, DeliveryTrace>() : await ends.Traces.TraceAsync(origins, stop);
            var logged = await LoggedAsync(some, stop);
            foreach (var suspect in some) differences.Add(Of(suspect, traces, logged));
        }
        return Systematic(differences, compared);
    }

    Difference Of(Suspect suspect, IReadOnlyDictionary<CanonicalKey, DeliveryTrace> traces, Dictionary<string, ComparedRow>? logged)
    {
        var kind = suspect.Target is null ? DifferenceKind.MissingAtTarget : suspect.Source is null ? DifferenceKind.ExtraAtTarget : DifferenceKind.Changed;
        var origin = OriginOf(suspect);
        var (cause, reason) = Cause(suspect, origin, origin is null ? null : traces.GetValueOrDefault(origin), logged);
        return new Difference(suspect.Key, origin, kind, fields.Differences(suspect.Source, suspect.Target)) { Cause = cause, Reason = reason };
    }

    (DifferenceCause, string?) Cause(Suspect suspect, CanonicalKey? origin, DeliveryTrace? trace, Dictionary<string, ComparedRow>? logged)
    {
        if (trace?.DeadLetter is { } refused) return (DifferenceCause.DeadLettered, refused);
        if (suspect.Source is null)
            return trace is not null && IsWaiting(trace) ? (DifferenceCause.Waiting, Behind(trace))
                : logged is not null && logged.ContainsKey(suspect.Key) ? (DifferenceCause.NeverCaptured, "the source deleted it and the log still has it")
                : (DifferenceCause.ChangedAtTarget, "only the target has it");
        if (origin is null || trace is null || trace.Logged is null) return (DifferenceCause.NeverCaptured, "the log has no record of it");
        if (IsWaiting(trace)) return (DifferenceCause.Waiting, Behind(trace));
        if (logged is not null && (!logged.TryGetValue(suspect.Key, out var record) || fields.Compare(suspect.Source, record) == Likeness.Different))
            return (DifferenceCause.NeverCaptured, $"the source has another state than the log's newest record, version {trace.Logged}");
        return (DifferenceCause.ChangedAtTarget, trace.DeliveredAt is { } at ? $"delivered at {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, version {trace.Delivered}; the target holds something else now" : null);
    }

    static string Behind(DeliveryTrace trace) => trace.Delivered is null ? $"version {trace.Logged} was never delivered" : $"version {trace.Logged} waits; the target has {trace.Delivered}";

    static CanonicalKey? OriginOf(Suspect suspect) => suspect.Source?.Origin ?? suspect.Target?.Origin;

    async Task<Dictionary<string, ComparedRow>?> LoggedAsync(Suspect[] suspects, CancellationToken stop)
    {
        if (ends.Logged is not { } side) return null;
        var rows = new Dictionary<string, ComparedRow>(StringComparer.Ordinal);
        await foreach (var row in side.ReadAsync([.. suspects.Select(s => s.Key)], stop)) rows[row.Key] = row;
        return rows;
    }

    static List<Difference> Systematic(List<Difference> differences, long compared)
    {
        var changed = differences.Where(d => d is { Kind: DifferenceKind.Changed, Cause: DifferenceCause.ChangedAtTarget }).ToList();
        var fields = changed.SelectMany(d => d.Fields).CountBy(f => f.Field)
            .Where(f => f.Value >= SystematicFrom && f.Value > compared * SystematicShare).Select(f => f.Key).ToHashSet(StringComparer.Ordinal);
        if (fields.Count == 0) return differences;
        return [.. differences.Select(d => d is { Kind: DifferenceKind.Changed, Cause: DifferenceCause.ChangedAtTarget } && d.Fields.All(f => fields.Contains(f.Field))
            ? d with { Cause = DifferenceCause.Mapping, Reason = $"most records differ in {string.Join(", ", d.Fields.Select(f => f.Field))}: what the target makes of it is not what is sent" }
            : d)];
    }
}
