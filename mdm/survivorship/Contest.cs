using System.Collections;
using System.Globalization;
using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Survivorship;

/// <summary>A record that could give an attribute or a group its value.</summary>
public sealed class Candidate
{
    readonly AttributePlan _plan;
    string? _says;

    internal Candidate(AttributePlan plan, CanonicalObject record, int place, Func<GoldenAttribute, CanonicalObject, object?> value)
    {
        (_plan, Record, Place) = (plan, record, place);
        var values = new object?[plan.Attributes.Count];
        for (var i = 0; i < values.Length; i++) values[i] = value(plan.Attributes[i], record);
        Values = values;
    }

    /// <summary>The record.</summary>
    public CanonicalObject Record { get; }

    /// <summary>Its key.</summary>
    public CanonicalKey Key => Record.Key;

    /// <summary>What it says, in the order of the plan's attributes.</summary>
    public IReadOnlyList<object?> Values { get; }

    /// <summary>The commit of its last change, in microseconds: exact in a double for some centuries.</summary>
    public long Time => (Record.CommittedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Equal for candidates that say the same.</summary>
    public string Says => _says ??= string.Join('\u001f', Values.Select(v => Sameness.Of(v, Record)));

    internal int Place { get; }

    internal string Day => Record.CommittedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The real elements of a list.</summary>
    internal IEnumerable<object> Elements => ((IEnumerable?)Values[0] ?? Array.Empty<object>()).Cast<object>().Where(e => Weigh.Parts(e) > 0);

    internal Worth WorthOf(int attribute) => Weigh.Of(_plan.Attributes[attribute], Values[attribute]);
}

/// <summary>
/// The candidates of one attribute or group and who of them wins: by never-empty, then the plan's rules, then trust, then the newest, then the record's key. A total order,
/// so the order of arrival plays no part.
/// </summary>
public sealed class Contest
{
    readonly IReadOnlyList<double>?[] _marks;

    internal Contest(AttributePlan plan, IReadOnlyList<CanonicalObject> byKey, Func<GoldenAttribute, CanonicalObject, object?> value)
    {
        Plan = plan;
        var candidates = new Candidate[byKey.Count];
        for (var i = 0; i < candidates.Length; i++) candidates[i] = new Candidate(plan, byKey[i], i, value);
        (Candidates, Ranked, _marks) = (candidates, candidates, []);
        // Most records are alone.
        if (candidates.Length == 1) return;
        _marks = new IReadOnlyList<double>?[plan.Chain.Count];
        var ranked = candidates.ToArray();
        Array.Sort(ranked, Compare);
        Ranked = ranked;
    }

    /// <summary>What is decided, and how.</summary>
    public AttributePlan Plan { get; }

    /// <summary>All, by key.</summary>
    public IReadOnlyList<Candidate> Candidates { get; }

    /// <summary>All, the winner first.</summary>
    public IReadOnlyList<Candidate> Ranked { get; }

    /// <summary>The rule that put one before the other; null when only the key did.</summary>
    internal IRankingRule? Between(Candidate winner, Candidate loser) =>
        Enumerable.Range(0, _marks.Length).Where(r => Marks(r)[winner.Place] != Marks(r)[loser.Place]).Select(r => Plan.Chain[r]).FirstOrDefault();

    int Compare(Candidate one, Candidate other)
    {
        for (var r = 0; one != other && r < _marks.Length; r++)
            if (Marks(r)[other.Place].CompareTo(Marks(r)[one.Place]) is not 0 and var order) return order;
        return one.Place.CompareTo(other.Place);
    }

    // Most contests end at the first rules: the others are never asked.
    IReadOnlyList<double> Marks(int rule) => _marks[rule] ??= Plan.Chain[rule].Marks(this);
}
