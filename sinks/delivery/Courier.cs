using CdcSync.Contract.Canonical;

namespace CdcSync.Sinks.Delivery;

/// <summary>
/// Carries deliveries whose intent stands in the ledger to the target: removes what moved to another key, looks up creates that may have happened already, and
/// makes the call. Ordinary changes and repairs take this one way.
/// </summary>
internal sealed class Courier(ITarget target, Ledger ledger, TargetGate gate)
{
    /// <summary>How each delivery ended, in their order.</summary>
    public async Task<IReadOnlyList<Outcome>> CarryAsync(CanonicalKind kind, IReadOnlyList<Parcel> batch, CancellationToken stop)
    {
        var outcomes = new Outcome?[batch.Count];
        var ready = batch.ToArray();
        await RemoveFormerAsync(kind, ready, outcomes, stop);
        if (!target.LimitsOf(kind).Repeatable) await LookUpAsync(kind, ready, outcomes, stop);
        var open = Enumerable.Range(0, ready.Length).Where(i => outcomes[i] is null).ToArray();
        if (open.Length > 0)
        {
            Parcel[] rest = [.. open.Select(i => ready[i])];
            var answers = await gate.CallAsync(rest.Length, token => target.DeliverAsync(kind, rest, token), stop);
            if (answers.Count != rest.Length) throw new InvalidOperationException($"Target {target.Name} answered {answers.Count} of {rest.Length} {kind.Name} deliveries");
            for (var i = 0; i < open.Length; i++) outcomes[open[i]] = answers[i];
        }
        return outcomes!;
    }

    // A key at the target may have changed hands: then the record there is another's, and stays.
    async Task RemoveFormerAsync(CanonicalKind kind, Parcel[] batch, Outcome?[] outcomes, CancellationToken stop)
    {
        var leaving = batch.SelectMany(d => d.FormerKeys.Concat(d.Object is null ? [d.TargetKey] : []).Select(k => (k, d.Key))).ToList();
        if (leaving.Count == 0) return;
        var taken = await ledger.TakenByOthersAsync(kind, leaving, stop);
        for (var i = 0; i < batch.Length; i++)
        {
            foreach (var former in batch[i].FormerKeys.Where(k => !taken.Contains(k)))
            {
                var removal = batch[i] with { TargetKey = former, Object = null, FormerKeys = [] };
                var answer = (await gate.CallAsync(1, token => target.DeliverAsync(kind, [removal], token), stop))[0];
                if (answer.Class != OutcomeClass.Done) outcomes[i] = answer;
            }
            if (batch[i].Object is null && taken.Contains(batch[i].TargetKey)) outcomes[i] ??= Outcome.Done;
        }
    }

    async Task LookUpAsync(CanonicalKind kind, Parcel[] batch, Outcome?[] outcomes, CancellationToken stop)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            var delivery = batch[i];
            if (outcomes[i] is not null || delivery.Object is null || delivery.Attempted is null || delivery.Exists) continue;
            var found = await target.FindAsync(kind, delivery, stop);
            if (found.Found is null)
                outcomes[i] = found.Doubt ?? new Outcome(OutcomeClass.Refused, $"may have been created already, and {target.Name} cannot tell; look there, then replay or drop it");
            else if (found.Found == true && delivery.Attempted == delivery.Version && !delivery.Forced)
                outcomes[i] = new Outcome(OutcomeClass.Done, TargetId: found.TargetId);
            else if (found.Found == true)
                batch[i] = delivery with { Exists = true, TargetId = found.TargetId };
        }
    }
}
