using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;
using CdcSync.Reconcile.Compare;

namespace CdcSync.Reconcile.Repairing;

/// <summary>Closes differences through the ordinary delivery, and reads again to prove it.</summary>
sealed class RepairWork(ReconcileSettings settings, Ends ends, Rereading rereading, FieldComparison fields)
{
    const int AtATime = 200;

    /// <summary>Why repair must not go on; null when it may. The rail against a wrong mapping or an empty source that would empty the target.</summary>
    public string? Refusal(ReconcileRun run, RepairRequest request)
    {
        var records = Math.Max(run.SourceRecords, run.TargetRecords);
        var share = records == 0 ? 0 : (decimal)(run.Differences.Count + run.Unexamined) / records;
        return request.Force || share <= settings.MaxRepairShare ? null
            : $"Not repaired: {share:P1} of {records} records differ, more than max_repair_share ({settings.MaxRepairShare:P0}). Look at the causes first; --force repairs all the same";
    }

    /// <summary>The differences with what was done, or with <paramref name="dryRun"/> would be.</summary>
    public async Task<IReadOnlyList<Difference>> RunAsync(IReadOnlyList<Difference> differences, bool dryRun, CancellationToken stop)
    {
        var done = new List<Difference>(differences.Count);
        foreach (var some in differences.Chunk(AtATime))
            done.AddRange(dryRun ? some.Select(d => d with { Repair = Skip(d) ?? (d.Kind == DifferenceKind.ExtraAtTarget ? "would be removed" : "would be sent") }) : await BatchAsync(some, stop));
        return done;
    }

    async Task<IEnumerable<Difference>> BatchAsync(Difference[] batch, CancellationToken stop)
    {
        var wanted = batch.Where(d => Skip(d) is null).ToList();
        if (wanted.Count == 0) return batch.Select(d => d with { Repair = Skip(d) });
        var origins = wanted.Where(d => d.Kind != DifferenceKind.ExtraAtTarget).Select(d => d.Origin).OfType<CanonicalKey>().Distinct().ToList();
        var objects = origins.Count == 0 ? new Dictionary<CanonicalKey, CanonicalObject>() : await ends.Objects(origins, stop);
        // A record of the source without an object is not "gone": sending nothing would remove it at the target.
        var sendable = wanted.Where(d => d.Kind == DifferenceKind.ExtraAtTarget || objects.ContainsKey(d.Origin!)).ToList();
        var outcomes = await ends.Repairs.RepairAsync([.. sendable.Select(d => (new Repair(d.Key, d.Origin), d.Kind == DifferenceKind.ExtraAtTarget ? null : objects[d.Origin!]))], stop);
        var left = (await rereading.AgainAsync([.. wanted.Select(d => new Suspect(d.Key, null, null))], stop)).ToDictionary(s => s.Key, StringComparer.Ordinal);
        return batch.Select(d => Skip(d) is { } skipped ? d with { Repair = skipped } : Outcome(d, outcomes, left.GetValueOrDefault(d.Key)));
    }

    Difference Outcome(Difference difference, IReadOnlyDictionary<string, string?> outcomes, Suspect? left)
    {
        if (!outcomes.TryGetValue(difference.Key, out var refused)) refused = "there is no record of it to send; has capture read it?";
        if (left is null) return difference with { Repaired = true, Repair = difference.Kind == DifferenceKind.ExtraAtTarget ? "removed" : "sent" };
        if (refused is not null) return difference with { Repair = $"refused: {refused}" };
        var now = fields.Differences(left.Source, left.Target);
        var same = difference.Kind == DifferenceKind.Changed && now.SequenceEqual(difference.Fields);
        return same
            ? difference with { Repair = "sent, and the target shows the same as before", Cause = DifferenceCause.Mapping, Reason = "the target confirms it and makes something else of it" }
            : difference with { Repair = $"sent, and it differs still: {string.Join(", ", now.Select(f => f.Field))}" };
    }

    string? Skip(Difference difference) => difference switch
    {
        { Cause: DifferenceCause.Waiting } => "not repaired: it is on its way",
        { Kind: DifferenceKind.ExtraAtTarget } when !settings.RemoveExtra => "not repaired: remove_extra is off",
        { Kind: not DifferenceKind.ExtraAtTarget, Origin: null } => "not repaired: which record of the source it is, is not known",
        _ => null,
    };
}
