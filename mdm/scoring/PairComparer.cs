using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>A field that is compared.</summary>
/// <param name="Field">The field's name.</param>
/// <param name="Comparison">How.</param>
/// <param name="Column">Its values.</param>
/// <param name="Words">How common its words are.</param>
/// <param name="Counts">Per value the records with it; null where frequency plays no part.</param>
/// <param name="Records">The records that have a value.</param>
/// <param name="MostDifferent">In how many of equal records, at most, it is wholly different.</param>
public sealed record ComparedField(string Field, IComparison Comparison, FieldColumn Column, IWordFrequencies Words, int[]? Counts, int Records, double MostDifferent = 1);

/// <summary>Compares pairs of records field by field. The outcome is one number: four bits a field, the level's place, or <see cref="Missing"/>.</summary>
public sealed class PairComparer(IReadOnlyList<ComparedField> fields)
{
    /// <summary>The level of a field that one of the records lacks.</summary>
    public const int Missing = 15;

    readonly ComparedField[] _fields = [.. fields];

    /// <summary>The fields, in the order of their levels.</summary>
    public IReadOnlyList<ComparedField> Fields => _fields;

    /// <summary>The level of one field.</summary>
    public static int Level(ulong levels, int field) => (int)(levels >> (field * 4)) & 15;

    /// <summary>The last of so many levels at which two values are one value, more or less: how rare it is tells something. The better half.</summary>
    public static int Agrees(int levels) => (levels - 1) / 2;

    /// <summary>The last at which fields of a group bear each other out; a little more than the better half, as it was measured to be better for either.</summary>
    public static int BearsOut(int levels) => (levels - 1) * 3 / 5;

    /// <summary>Compares all fields of two records.</summary>
    public ulong Compare(int one, int other)
    {
        var levels = 0UL;
        for (var i = 0; i < _fields.Length; i++) levels |= (ulong)Compare(i, one, other) << (i * 4);
        return levels;
    }

    /// <summary>Compares one field.</summary>
    public int Compare(int field, int one, int other)
    {
        var compared = _fields[field];
        var (left, right) = (compared.Column.Codes[one], compared.Column.Codes[other]);
        return left < 0 || right < 0 ? Missing : left == right ? 0 : Best(compared, compared.Column.Values[left], compared.Column.Values[right]);
    }

    /// <summary>The level of one field where none of the values needs to be looked at; -1 where they do.</summary>
    public int Known(int field, int one, int other)
    {
        var codes = _fields[field].Column.Codes;
        var (left, right) = (codes[one], codes[other]);
        return left < 0 || right < 0 ? Missing : left == right ? 0 : -1;
    }

    /// <summary>The share of records, without one of the two, that have the more common of the two values; 0 where frequency plays no part.</summary>
    public double Share(int field, int one, int other)
    {
        var compared = _fields[field];
        return compared.Counts is null ? 0 : Math.Max(0.5, Holders(compared, one, other) - 1) / compared.Records;
    }

    /// <summary>True when nobody but the two has their values.</summary>
    public bool IsRare(int field, int one, int other) => Holders(_fields[field], one, other) <= 2;

    static int Holders(ComparedField compared, int one, int other) => Math.Max(compared.Counts![compared.Column.Codes[one]], compared.Counts[compared.Column.Codes[other]]);

    static int Best(ComparedField compared, FieldValue[] left, FieldValue[] right)
    {
        var best = int.MaxValue;
        foreach (var one in left)
            foreach (var other in right)
                if ((best = Math.Min(best, compared.Comparison.Compare(one, other, compared.Words))) == 0) return 0;
        return best;
    }
}
