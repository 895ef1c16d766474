using System.Globalization;
using CdcSync.Contract.Compare;

namespace CdcSync.Reconcile.Compare;

/// <summary>How two records of one key relate.</summary>
enum Likeness
{
    Equal,
    WithinTolerance,
    Different,
}

/// <summary>Compares records field by field.</summary>
sealed class FieldComparison(IReadOnlyDictionary<string, decimal> tolerances, IEnumerable<string> ignore)
{
    readonly HashSet<string> _ignore = new(ignore, StringComparer.Ordinal);

    /// <summary>Whether two records say the same.</summary>
    public Likeness Compare(ComparedRow source, ComparedRow target) =>
        // Equal records with fields in one order are the common case by far: nothing is looked up and nothing is allocated.
        source.Values is Dictionary<string, string?> left && target.Values is Dictionary<string, string?> right && left.Count == right.Count && SameInOrder(left, right)
            ? Likeness.Equal
            : Slow(source.Values, target.Values);

    /// <summary>The fields that differ, in the source's order; a missing side counts as all absent.</summary>
    public IReadOnlyList<FieldDifference> Differences(ComparedRow? source, ComparedRow? target)
    {
        var fields = new List<FieldDifference>();
        foreach (var name in Names(source?.Values, target?.Values))
        {
            var (left, right) = (source?.Values.GetValueOrDefault(name), target?.Values.GetValueOrDefault(name));
            if (source is null || target is null || Of(name, left, right) == Likeness.Different) fields.Add(new FieldDifference(name, left, right));
        }
        return fields;
    }

    static bool SameInOrder(Dictionary<string, string?> left, Dictionary<string, string?> right)
    {
        var other = right.GetEnumerator();
        foreach (var (name, value) in left)
        {
            if (!other.MoveNext()) return false;
            if (!string.Equals(name, other.Current.Key, StringComparison.Ordinal) || !string.Equals(value, other.Current.Value, StringComparison.Ordinal)) return false;
        }
        return true;
    }

    Likeness Slow(IReadOnlyDictionary<string, string?> source, IReadOnlyDictionary<string, string?> target)
    {
        var worst = Likeness.Equal;
        foreach (var name in Names(source, target))
        {
            var likeness = Of(name, source.GetValueOrDefault(name), target.GetValueOrDefault(name));
            if (likeness > worst) worst = likeness;
        }
        return worst;
    }

    IEnumerable<string> Names(IReadOnlyDictionary<string, string?>? source, IReadOnlyDictionary<string, string?>? target) =>
        (source?.Keys ?? []).Union(target?.Keys ?? [], StringComparer.Ordinal).Where(n => !_ignore.Contains(n));

    Likeness Of(string name, string? source, string? target)
    {
        if (string.Equals(source, target, StringComparison.Ordinal)) return Likeness.Equal;
        if (!tolerances.TryGetValue(name, out var tolerance) || Number(source) is not { } left || Number(target) is not { } right) return Likeness.Different;
        return Math.Abs(left - right) <= tolerance ? Likeness.WithinTolerance : Likeness.Different;
    }

    static decimal? Number(string? text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
