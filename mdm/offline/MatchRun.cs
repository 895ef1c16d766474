using System.Runtime.InteropServices;
using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Offline;

/// <summary>What a whole matching found.</summary>
/// <param name="Records">What was compared.</param>
/// <param name="Clusters">Per record its cluster: the place of the cluster's first record.</param>
/// <param name="Pairs">The pairs that are merged or to be reviewed, surest first.</param>
/// <param name="Bridges">Pairs sure enough by themselves that would have joined clusters which do not belong together.</param>
/// <param name="Comparer">Compares any two of the records.</param>
/// <param name="Estimate">The weights.</param>
/// <param name="Scorer">Weighs any two of the records.</param>
/// <param name="Candidates">The pairs that were compared.</param>
/// <param name="MergeBits">The score from which records are merged.</param>
/// <param name="ReviewBits">The score from which a person is asked.</param>
public sealed record MatchResult(
    RecordSet Records, int[] Clusters, IReadOnlyList<ScoredPair> Pairs, IReadOnlyList<ScoredPair> Bridges, PairComparer Comparer, Estimate Estimate, Scorer Scorer,
    CandidatePairs Candidates, double MergeBits, double ReviewBits);

/// <summary>A whole matching of records at once: blocks, estimates the weights, scores and clusters.</summary>
public sealed class MatchRun(RecordSet records, MatchRules rules)
{
    // Pairs the weights are estimated from: more do not change them.
    const int Sample = 600_000;

    /// <summary>Runs it. The same records and rules give the same result.</summary>
    public MatchResult Run(bool linkOnly, CancellationToken stop)
    {
        var frequencies = records.Fields.Select(Frequencies).ToList();
        var comparer = new PairComparer(Compared(frequencies));
        var keys = rules.Blocking.Select((k, i) => BlockingKey.Parse(k, rules.Fields, $"blocking[{i}]")).ToList();
        var candidates = CandidatePairs.Find(records, keys, frequencies, rules.LargestBlock, linkOnly, stop);
        var estimate = Estimated(comparer, candidates.Pairs, linkOnly, stop);
        var scorer = new Scorer(comparer, estimate);
        var (mergeBits, reviewBits) = (Scorer.Bits(rules.Merge), Scorer.Bits(rules.Review));
        var pairs = Score(scorer, candidates.Pairs, reviewBits, stop);
        var agglomeration = new Agglomeration(new Opinion(scorer), mergeBits, rules.OneToOne, records.SourceOf);
        var clusters = agglomeration.Run(pairs);
        return new MatchResult(records, clusters, pairs, agglomeration.Bridges, comparer, estimate, scorer, candidates, mergeBits, reviewBits);
    }

    static WordFrequencies Frequencies(FieldColumn column)
    {
        var counts = Counts(column);
        return WordFrequencies.Of(column.Values.Select((v, code) => (v, counts[code])));
    }

    static int[] Counts(FieldColumn column)
    {
        var counts = new int[column.Values.Count];
        foreach (var code in column.Codes) if (code >= 0) counts[code]++;
        return counts;
    }

    List<ComparedField> Compared(List<WordFrequencies> frequencies)
    {
        var compared = new List<ComparedField>();
        for (var i = 0; i < records.Fields.Count; i++)
        {
            var (column, rule) = (records.Fields[i], rules.Fields[records.Fields[i].Name]);
            if (rule.Compare == "none") continue;
            var comparison = ComparisonCatalog.Get(rule.Compare ?? rule.FieldKind.Comparison, $"fields.{column.Name}.compare");
            compared.Add(new ComparedField(column.Name, comparison, column, frequencies[i], rule.Frequency ?? rule.FieldKind.Frequency ? Shares(column) : null));
        }
        return compared;
    }

    static float[] Shares(FieldColumn column)
    {
        var counts = Counts(column);
        var all = Math.Max(1, counts.Sum());
        return [.. counts.Select(c => (float)c / all)];
    }

    Estimate Estimated(PairComparer comparer, ulong[] pairs, bool linkOnly, CancellationToken stop)
    {
        var stride = Math.Max(1, pairs.Length / Sample);
        var candidates = Outcomes(comparer, Enumerable.Range(0, pairs.Length / stride).Select(i => pairs[i * stride]), stop);
        var made = linkOnly ? records.SourceOf.GroupBy(s => s).Select(g => (double)g.Count()).Aggregate((Pairs: 0d, Before: 0d), (a, n) => (a.Pairs + (a.Before * n), a.Before + n)).Pairs
            : (double)records.Count * (records.Count - 1) / 2;
        return new Expectation(comparer.Fields).Run(candidates, Outcomes(comparer, RandomPairs(linkOnly), stop), Math.Min(1, pairs.Length / Math.Max(1, made)));
    }

    // All pairs where there are few; else as many, spread by a fixed sequence.
    IEnumerable<ulong> RandomPairs(bool linkOnly)
    {
        long count = records.Count, all = count * (count - 1) / 2;
        if (all <= Sample)
        {
            for (var i = 0; i < count; i++)
                for (var j = i + 1; j < count; j++)
                    if (!linkOnly || records.SourceOf[i] != records.SourceOf[j]) yield return CandidatePairs.Join(i, j);
            yield break;
        }
        var state = 0x2545F4914F6CDD1DUL;
        for (var drawn = 0; drawn < Sample;)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            var (one, other) = ((int)((state >> 32) % (ulong)count), (int)((uint)state % (ulong)count));
            if (one == other || (linkOnly && records.SourceOf[one] == records.SourceOf[other])) continue;
            drawn++;
            yield return CandidatePairs.Join(one, other);
        }
    }

    static Dictionary<ulong, double> Outcomes(PairComparer comparer, IEnumerable<ulong> pairs, CancellationToken stop)
    {
        var all = pairs.ToArray();
        var parts = new Dictionary<ulong, double>[Environment.ProcessorCount];
        Parallel.For(0, parts.Length, new ParallelOptions { CancellationToken = stop }, part =>
        {
            var counts = parts[part] = [];
            for (var i = part; i < all.Length; i += parts.Length)
            {
                var (one, other) = CandidatePairs.Split(all[i]);
                CollectionsMarshal.GetValueRefOrAddDefault(counts, comparer.Compare(one, other), out _)++;
            }
        });
        // Summed in one order: sums of doubles depend on it.
        return parts.SelectMany(p => p).GroupBy(p => p.Key).OrderBy(g => g.Key).ToDictionary(g => g.Key, g => g.Sum(p => p.Value));
    }

    static List<ScoredPair> Score(Scorer scorer, ulong[] pairs, double reviewBits, CancellationToken stop)
    {
        const int Chunk = 1 << 16;
        var chunks = new List<ScoredPair>[(pairs.Length + Chunk - 1) / Chunk];
        Parallel.For(0, chunks.Length, new ParallelOptions { CancellationToken = stop }, chunk =>
        {
            var kept = chunks[chunk] = [];
            foreach (var pair in pairs.AsSpan(chunk * Chunk, Math.Min(Chunk, pairs.Length - (chunk * Chunk))))
            {
                var (one, other) = CandidatePairs.Split(pair);
                var (levels, bits) = scorer.Score(one, other);
                if (bits >= reviewBits) kept.Add(new ScoredPair(one, other, bits, levels));
            }
        });
        return [.. chunks.SelectMany(c => c).OrderByDescending(p => p.Bits)];
    }

    sealed class Opinion(Scorer scorer) : IPairOpinion
    {
        public float Bits(int one, int other) => scorer.Score(one, other).Bits;

        public bool AreKeptApart(int one, int other) => false;
    }
}
