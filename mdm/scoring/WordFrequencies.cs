using System.Collections.Frozen;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>The words of one field, counted.</summary>
public sealed class WordFrequencies : IWordFrequencies
{
    readonly FrozenDictionary<string, float> _bits;
    readonly double _never;

    WordFrequencies(FrozenDictionary<string, float> bits, double never) => (_bits, _never) = (bits, never);

    /// <summary>Counts each word once a record.</summary>
    public static WordFrequencies Of(IEnumerable<(FieldValue[] Values, int Records)> values)
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
        return new WordFrequencies(counts.ToFrozenDictionary(c => c.Key, c => (float)Math.Max(0, Math.Log2((double)most / c.Value)), StringComparer.Ordinal), Math.Log2(most + 1));
    }

    public double Bits(string word) => _bits.TryGetValue(word, out var bits) ? bits : _never;
}
