using System.Collections.Frozen;
using System.Runtime.InteropServices;
using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Scoring;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Likeness;

/// <summary>How common the values and words of one field were when the weights were learnt. Frozen, so that a score does not depend on what came before or after.</summary>
public sealed class FieldStatistics : IWordFrequencies
{
    // A value of at most so many records is a rare one, and is not counted apart.
    const int Rare = 2;

    readonly FrozenDictionary<ulong, int> _values;
    readonly FrozenDictionary<ulong, int> _words;
    readonly double _once;

    FieldStatistics(int records, FrozenDictionary<ulong, int> values, FrozenDictionary<ulong, int> words) =>
        (Records, _values, _words, _once) = (records, values, words, Math.Log2(records + 1.0));

    /// <summary>Records that had a value.</summary>
    public int Records { get; }

    /// <summary>Counts a field's values and words, each word once a record.</summary>
    public static FieldStatistics Of(FieldColumn column)
    {
        var holders = new int[column.Values.Count];
        var records = 0;
        foreach (var code in column.Codes)
        {
            if (code < 0) continue;
            holders[code]++;
            records++;
        }
        var (values, words) = (new Dictionary<ulong, int>(), new Dictionary<ulong, int>());
        for (var code = 0; code < holders.Length; code++)
        {
            if (holders[code] == 0) continue;
            if (holders[code] > Rare) values[KeyHash.Of(FieldReader.Text(column.Values[code]))] = holders[code];
            foreach (var value in column.Values[code])
                foreach (var word in value.Words) CollectionsMarshal.GetValueRefOrAddDefault(words, KeyHash.Of(word), out _) += holders[code];
        }
        return new FieldStatistics(records, values.ToFrozenDictionary(), words.Where(w => w.Value > 1).ToFrozenDictionary());
    }

    /// <summary>Records that had a value; 2 where there were as few, or none.</summary>
    public int Holders(string text) => _values.GetValueOrDefault(KeyHash.Of(text), Rare);

    /// <inheritdoc/>
    public double Bits(string word) => _words.TryGetValue(KeyHash.Of(word), out var records) ? Math.Max(0, Math.Log2((double)Records / records)) : _once;

    /// <summary>Writes it.</summary>
    public void Write(BinaryWriter to)
    {
        to.Write(Records);
        foreach (var counts in new[] { _values, _words })
        {
            to.Write(counts.Count);
            foreach (var (hash, count) in counts.OrderBy(c => c.Key))
            {
                to.Write(hash);
                to.Write(count);
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static FieldStatistics Read(BinaryReader from)
    {
        var records = from.ReadInt32();
        return new FieldStatistics(records, Counts(), Counts());

        FrozenDictionary<ulong, int> Counts()
        {
            var counts = new Dictionary<ulong, int>();
            for (var left = from.ReadInt32(); left > 0; left--) counts.Add(from.ReadUInt64(), from.ReadInt32());
            return counts.ToFrozenDictionary();
        }
    }
}
