using System.Collections.Frozen;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>The words of one field, counted.</summary>
public sealed class WordFrequencies : IWordFrequencies
{
    // Counted when somebody asks: numbers and codes have no words that matter, and a million of them.
    readonly Lazy<(FrozenDictionary<string, float> Bits, double Never)> _counted;

    WordFrequencies(Func<(FrozenDictionary<string, float>, double)> count) => _counted = new(count);

    /// <summary>Counts each word once a record.</summary>
    public static WordFrequencies Of(IEnumerable<(FieldValue[] Values, int Records)> values) => new(() => Count(values));

    static (FrozenDictionary<string, float>, double) Count(IEnumerable<(FieldValue[] Values, int Records)> values)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        long records = 0;
        foreach (var (all, holders) in values)
        {
            records += holders;
            foreach (var value in all)
                foreach (var word in value.Words)
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, word, out _) += holders;
        }
        var most = Math.Max(1, records);
        return (counts.ToFrozenDictionary(c => c.Key, c => (float)Math.Max(0, Math.Log2((double)most / c.Value)), StringComparer.Ordinal), Math.Log2(most + 1));
    }

    public double Bits(string word) => _counted.Value.Bits.TryGetValue(word, out var bits) ? bits : _counted.Value.Never;
}
