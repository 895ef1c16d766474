using CdcSync.Contract.Compare;

namespace CdcSync.Reconcile.Compare;

/// <summary>One key at which the sides differ, with what each has.</summary>
sealed record Suspect(string Key, ComparedRow? Source, ComparedRow? Target)
{
    /// <summary>The target's record was another one at an earlier reading.</summary>
    public bool TargetMoved { get; init; }

    /// <summary>What differs has been the same at two readings with a pause between them.</summary>
    public bool Confirmed { get; init; }
}

/// <summary>What a merge counted.</summary>
sealed class MergeCounts
{
    public long Source { get; set; }
    public long Target { get; set; }
    public long Equal { get; set; }
    public long WithinTolerance { get; set; }
}

/// <summary>Merges two sides ordered by key, in constant memory, and tells the keys at which they differ.</summary>
static class Merge
{
    public static async IAsyncEnumerable<Suspect> DifferencesAsync(
        IComparedSide source, IComparedSide target, IReadOnlyCollection<string>? keys, FieldComparison fields, MergeCounts counts,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        await using var left = new OrderedSide(source, keys, stop);
        await using var right = new OrderedSide(target, keys, stop);
        await left.AdvanceAsync();
        await right.AdvanceAsync();
        while (left.Current is not null || right.Current is not null)
        {
            var (a, b) = (left.Current, right.Current);
            var order = a is null ? 1 : b is null ? -1 : KeyOrder.Instance.Compare(a.Key, b.Key);
            if (order < 0) yield return new Suspect(a!.Key, a, null);
            else if (order > 0) yield return new Suspect(b!.Key, null, b);
            else if (Count(fields.Compare(a!, b!), counts) == Likeness.Different) yield return new Suspect(a!.Key, a, b);
            if (order <= 0) await left.AdvanceAsync();
            if (order >= 0) await right.AdvanceAsync();
        }
        (counts.Source, counts.Target) = (left.Count, right.Count);
    }

    static Likeness Count(Likeness likeness, MergeCounts counts)
    {
        if (likeness == Likeness.Equal) counts.Equal++;
        else if (likeness == Likeness.WithinTolerance) counts.WithinTolerance++;
        return likeness;
    }
}
