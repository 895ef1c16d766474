using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Blocking;

/// <summary>What one blocking key brought together.</summary>
/// <param name="Key">The key, as the rule file writes it.</param>
/// <param name="Records">Records that have it.</param>
/// <param name="Blocks">Values that at least two records share.</param>
/// <param name="Pairs">Pairs it yields, those of other keys included.</param>
/// <param name="TooCommon">Values that more records share than a block may have: not used by themselves.</param>
/// <param name="Largest">Records of the most common value.</param>
/// <param name="MostHolders">Records that may share a value of it: what the rules allow, or less where that would be too many pairs.</param>
public sealed record BlockingCount(string Key, long Records, long Blocks, long Pairs, long TooCommon, long Largest, int MostHolders);

/// <summary>The pairs of records worth comparing: those that share a value of a blocking key, each once.</summary>
public sealed class CandidatePairs
{
    // Pairs of each key the weights are learnt from: more do not change them.
    const int SamplePairs = 100_000;

    // Pairs a key may bring: so many a record, and in a small file so many anyway.
    const int MostPairs = 2, AnyPairs = 1_000_000;

    /// <summary>The pairs, ascending: the smaller record's place in the upper half, the greater one's in the lower.</summary>
    public required ulong[] Pairs { get; init; }

    /// <summary>By blocking key, pairs of it to learn from: all, or evenly chosen ones.</summary>
    public required IReadOnlyList<ulong[]> Samples { get; init; }

    /// <summary>By blocking key.</summary>
    public required IReadOnlyList<BlockingCount> Counts { get; init; }

    /// <summary>By blocking key, the values that more records share than may, ascending: they bring nobody together.</summary>
    public required IReadOnlyList<ulong[]> TooCommon { get; init; }

    /// <summary>The two records of a pair.</summary>
    public static (int One, int Other) Split(ulong pair) => ((int)(pair >> 32), (int)(uint)pair);

    /// <summary>Two records as a pair.</summary>
    public static ulong Join(int one, int other) => one < other ? (ulong)one << 32 | (uint)other : (ulong)other << 32 | (uint)one;

    /// <summary>Finds them.</summary>
    /// <param name="records">The records.</param>
    /// <param name="keys">The blocking keys.</param>
    /// <param name="frequencies">How common the words of each field are, by the field's place.</param>
    /// <param name="largestBlock">Records that may share a value.</param>
    /// <param name="linkOnly">True when records of one source are never compared.</param>
    /// <param name="stop">Gives up.</param>
    public static CandidatePairs Find(
        RecordSet records, IReadOnlyList<BlockingKey> keys, IReadOnlyList<IWordFrequencies> frequencies, int largestBlock, bool linkOnly, CancellationToken stop)
    {
        var found = new (List<ulong> Pairs, BlockingCount Count, ulong[] TooCommon)[keys.Count];
        var parts = new ConcurrentDictionary<(string, string), Lazy<(int[] Codes, ulong[][] OfCode)>>();
        Parallel.For(0, keys.Count, new ParallelOptions { CancellationToken = stop }, i =>
        {
            var hashes = keys[i].Parts.Select(p => parts.GetOrAdd((p.Field, p.Form.Name), _ => new(() => PartHashes(records, p.Field, p.Form, frequencies))).Value).ToList();
            found[i] = Find(records, keys[i], hashes, largestBlock, linkOnly, stop);
        });
        var samples = found.Select(f => Sample(f.Pairs)).ToList();
        var all = new ulong[found.Sum(f => (long)f.Pairs.Count)];
        var at = 0;
        foreach (var (pairs, _, _) in found)
        {
            CollectionsMarshal.AsSpan(pairs).CopyTo(all.AsSpan(at));
            at += pairs.Count;
            pairs.Clear();
            pairs.TrimExcess();
        }
        return new CandidatePairs { Pairs = Distinct(all), Samples = samples, Counts = [.. found.Select(f => f.Count)], TooCommon = [.. found.Select(f => f.TooCommon)] };
    }

    static ulong[] Sample(List<ulong> pairs)
    {
        var stride = Math.Max(1, pairs.Count / SamplePairs);
        return [.. Enumerable.Range(0, pairs.Count / stride).Select(i => pairs[i * stride])];
    }

    static (List<ulong>, BlockingCount, ulong[]) Find(RecordSet records, BlockingKey key, List<(int[] Codes, ulong[][] OfCode)> parts, int mostHolders, bool linkOnly, CancellationToken stop)
    {
        var (hashes, holders) = Hashes(records.Count, parts, stop);
        Array.Sort(hashes, holders);
        var largestBlock = Math.Min(mostHolders, Affordable(hashes, mostHolders, (MostPairs * (long)records.Count) + AnyPairs));
        var (pairs, tooCommon) = (new List<ulong>(), new List<ulong>());
        long blocks = 0, largest = 0;
        for (int from = 0, to; from < hashes.Length; from = to)
        {
            for (to = from + 1; to < hashes.Length && hashes[to] == hashes[from]; to++) { }
            largest = Math.Max(largest, to - from);
            if (to - from < 2) continue;
            blocks++;
            if (to - from > largestBlock) tooCommon.Add(hashes[from]);
            else Block(holders.AsSpan(from, to - from), records.SourceOf, linkOnly, pairs);
        }
        return (pairs, new BlockingCount(key.Text, hashes.Length, blocks, pairs.Count, tooCommon.Count, largest, largestBlock), [.. tooCommon]);
    }

    static void Block(Span<int> holders, int[] sourceOf, bool linkOnly, List<ulong> pairs)
    {
        for (var i = 0; i < holders.Length; i++)
            for (var j = i + 1; j < holders.Length; j++)
                if (holders[i] != holders[j] && !(linkOnly && sourceOf[holders[i]] == sourceOf[holders[j]])) pairs.Add(Join(holders[i], holders[j]));
    }

    // A key whose values are common brings ever more different records together the more records there are: its most common values are the first to go.
    static int Affordable(ulong[] hashes, int mostHolders, long budget)
    {
        var blocks = new long[mostHolders + 1];
        for (int from = 0, to; from < hashes.Length; from = to)
        {
            for (to = from + 1; to < hashes.Length && hashes[to] == hashes[from]; to++) { }
            if (to - from <= mostHolders) blocks[to - from]++;
        }
        for (var holders = 2; holders <= mostHolders; holders++)
            if ((budget -= blocks[holders] * holders * (holders - 1) / 2) < 0) return Math.Max(2, holders - 1);
        return mostHolders;
    }

    // A key of several fields has a value for every way to take one value of each.
    static (ulong[] Hashes, int[] Holders) Hashes(int records, List<(int[] Codes, ulong[][] OfCode)> parts, CancellationToken stop)
    {
        var (hashes, holders) = (new List<ulong>(records), new List<int>(records));
        var made = new List<ulong>();
        for (var record = 0; record < records; record++)
        {
            if ((record & 0xFFFF) == 0) stop.ThrowIfCancellationRequested();
            made.Clear();
            made.Add(KeyHash.Nothing);
            foreach (var (codes, ofCode) in parts)
            {
                var values = codes[record] < 0 ? [] : ofCode[codes[record]];
                var before = made.Count;
                for (var i = 0; i < before; i++)
                    foreach (var value in values) made.Add(KeyHash.Mix(made[i], value));
                made.RemoveRange(0, before);
            }
            foreach (var hash in made)
            {
                hashes.Add(hash);
                holders.Add(record);
            }
        }
        return ([.. hashes], [.. holders]);
    }

    static (int[] Codes, ulong[][] OfCode) PartHashes(RecordSet records, string field, KeyForm form, IReadOnlyList<IWordFrequencies> frequencies)
    {
        var place = records.Fields.ToList().FindIndex(f => f.Name == field);
        var column = records.Fields[place];
        var ofCode = new ulong[column.Values.Count][];
        for (var code = 0; code < ofCode.Length; code++)
            ofCode[code] = form.Hashes(column.Values[code], frequencies[place]);
        return (column.Codes, ofCode);
    }

    /// <summary>Each pair once, in ascending order.</summary>
    public static ulong[] Distinct(ulong[] pairs)
    {
        Sort(pairs);
        return Once(pairs);
    }

    // Two halves on two cores, then merged by the sort of what is nearly sorted: the halves meet in one array.
    static void Sort(ulong[] all)
    {
        if (all.Length < 1 << 16)
        {
            Array.Sort(all);
            return;
        }
        var middle = all.Length / 2;
        Parallel.Invoke(() => Array.Sort(all, 0, middle), () => Array.Sort(all, middle, all.Length - middle));
        var left = all.AsSpan(0, middle).ToArray();
        for (int i = 0, j = middle, k = 0; i < left.Length; k++) all[k] = j < all.Length && all[j] < left[i] ? all[j++] : left[i++];
    }

    static ulong[] Once(ulong[] sorted)
    {
        var kept = 0;
        for (var i = 0; i < sorted.Length; i++)
            if (kept == 0 || sorted[i] != sorted[kept - 1]) sorted[kept++] = sorted[i];
        return sorted[..kept];
    }
}
