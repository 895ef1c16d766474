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
    CandidatePairs Candidates, double MergeBits, double ReviewBits)
{
    /// <summary>How the scores of all compared pairs are spread.</summary>
    public required ScoreHistogram Histogram { get; init; }

    /// <summary>What labels tell of the scores; null without labels.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>Whether they tell equal from different pairs by themselves.</summary>
    public ScoreValley Valley => Histogram.Valley(ReviewBits, MergeBits);
}

/// <summary>A whole matching of records at once: blocks, estimates the weights, scores and clusters.</summary>
public sealed class MatchRun(RecordSet records, MatchRules rules)
{
    // Pairs the weights are estimated from: more do not change them.
    const int Sample = 300_000;

    // Labels of either kind below which they teach nothing.
    const int FewLabels = 5;

    // Bits below which no pair says anything of how many equal ones there are.
    const double Unlikely = -8;

    // Pairs a record that a key may bring together for the weights to be learnt from them: of more, equal ones are too small a part.
    const double MostTaught = 2.5;

    /// <summary>Runs it. The same records and rules give the same result.</summary>
    /// <param name="linkOnly">True when records of one source are never compared.</param>
    /// <param name="labels">Pairs that people decided: the thresholds follow them.</param>
    /// <param name="stop">Gives up.</param>
    public MatchResult Run(bool linkOnly, IReadOnlyList<LabelledPair> labels, CancellationToken stop)
    {
        var counts = records.Fields.Select(Counts).ToList();
        var frequencies = records.Fields.Select((column, f) => Frequencies(column, counts[f])).ToList();
        var comparer = new PairComparer(Compared(frequencies, counts));
        var keys = rules.Keys();
        var candidates = CandidatePairs.Find(records, keys, frequencies, rules.LargestBlock, linkOnly, stop);
        var estimate = GivenWeights.Apply(rules, [.. comparer.Fields.Select(f => f.Field)], Estimated(comparer, candidates, keys, linkOnly, stop));
        var scorer = new Scorer(comparer, estimate);
        var (mergeBits, reviewBits) = (Scorer.Bits(rules.Merge), Scorer.Bits(rules.Review));
        var expected = estimate.Prior * PairsThatCouldBe(linkOnly);
        // A handful of decisions says more about who picked them than about the records.
        if (Math.Min(labels.Count(l => l.Same), labels.Count(l => !l.Same)) < FewLabels) labels = [];
        if (labels.Count > 0) scorer = new Scorer(comparer, estimate = Taught(estimate, scorer, labels, expected, candidates.Pairs.LongLength));
        var opinion = new Opinion(scorer, Columns(rules.Same), Columns(rules.Differ));
        var pairs = Score(opinion, candidates.Pairs, labels.Count > 0 ? Unlikely : reviewBits, stop);
        if (labels.Count == 0) mergeBits = Thresholds.Sure(pairs, mergeBits, rules.MergePrecision);
        else
        {
            if (Thresholds.TooMany(pairs, expected) is > 0 and var shift)
            {
                estimate = estimate with { Taught = estimate.Taught! with { Shift = estimate.Taught.Shift - shift } };
                opinion = new Opinion(scorer = new Scorer(comparer, estimate), Columns(rules.Same), Columns(rules.Differ));
                pairs = [.. pairs.Select(p => p with { Bits = p.Bits - (float)shift })];
            }
            mergeBits = Thresholds.Decided(pairs, Thresholds.Sure(pairs, mergeBits, rules.MergePrecision), labels.Select(l => (scorer.Score(l.One, l.Other).Bits, l.Same)));
            reviewBits = Math.Min(mergeBits, reviewBits);
            pairs.RemoveAll(p => p.Bits < reviewBits);
        }
        var agglomeration = new Agglomeration(opinion, mergeBits, rules.OneToOne, records.SourceOf);
        var clusters = agglomeration.Run(pairs);
        return new MatchResult(records, clusters, pairs, agglomeration.Bridges, comparer, estimate, scorer, candidates, mergeBits, reviewBits)
        {
            Histogram = ScoreHistogram.Of(candidates, pairs, reviewBits, scorer, stop),
            Calibration = labels.Count == 0 ? null : Calibrated(scorer, labels, pairs),
        };
    }

    /// <summary>Estimates, without a truth, how many equal records the keys bring together.</summary>
    public BlockingRecall Recall(MatchResult result, CancellationToken stop) => RecallOfBlocking.Of(result, rules, Frequencies(), stop);

    /// <summary>What each key brings of the pairs that are compared.</summary>
    public IReadOnlyList<KeyYield> Costs(CandidatePairs candidates) => RecallOfBlocking.Costs(records, candidates, rules, Frequencies());

    /// <summary>The pairs it would compare.</summary>
    public CandidatePairs Candidates(bool linkOnly, CancellationToken stop) => CandidatePairs.Find(records, rules.Keys(), Frequencies(), rules.LargestBlock, linkOnly, stop);

    List<WordFrequencies> Frequencies() => [.. records.Fields.Select(column => Frequencies(column, Counts(column)))];

    static WordFrequencies Frequencies(FieldColumn column, int[] counts) => WordFrequencies.Of(column.Values.Select((v, code) => (v, counts[code])));

    static int[] Counts(FieldColumn column)
    {
        var counts = new int[column.Values.Count];
        foreach (var code in column.Codes) if (code >= 0) counts[code]++;
        return counts;
    }

    List<ComparedField> Compared(List<WordFrequencies> frequencies, List<int[]> allCounts)
    {
        var compared = new List<ComparedField>();
        for (var i = 0; i < records.Fields.Count; i++)
        {
            var (column, rule) = (records.Fields[i], rules.Fields[records.Fields[i].Name]);
            if (rule.Compare == "none") continue;
            var counts = allCounts[i];
            compared.Add(new ComparedField(column.Name, rule.Comparison(column.Name), OnesOwn(rule, column, counts), frequencies[i], rule.Frequency ?? rule.FieldKind.Frequency ? counts : null, Math.Max(1, counts.Sum()), rule.FieldKind.MostDifferent));
        }
        return compared;
    }

    /// <summary>From how many holders on a value is nobody's own: the number of a switchboard and the mailbox of an office tell as much as if they were missing.</summary>
    /// <param name="rule">The field.</param>
    /// <param name="records">The records that have a value.</param>
    internal static int Nobodys(FieldRule rule, int records)
    {
        const int Many = 8, Share = 10;
        return rule.Kind is "email" or "phone" or "tax_id" or "identifier" ? Math.Max(Many, records / Share) : int.MaxValue;
    }

    static FieldColumn OnesOwn(FieldRule rule, FieldColumn column, int[] counts)
    {
        var most = Nobodys(rule, counts.Sum());
        return Array.Exists(counts, c => c >= most) ? column with { Codes = [.. column.Codes.Select(c => c >= 0 && counts[c] >= most ? -1 : c)] } : column;
    }

    Estimate Estimated(PairComparer comparer, CandidatePairs candidates, IReadOnlyList<BlockingKey> keys, bool linkOnly, CancellationToken stop)
    {
        var groups = Groups(comparer);
        var sessions = keys.Select((key, i) => Session(key, candidates.Counts[i].Pairs, Outcomes(comparer, candidates.Samples[i], stop), comparer, groups)).ToList();
        return new Expectation(comparer.Fields, groups).Run(sessions, Outcomes(comparer, [.. RandomPairs(linkOnly)], stop), PairsThatCouldBe(linkOnly), candidates.Pairs.Length);
    }

    Session Session(BlockingKey key, long pairs, Dictionary<ulong, double> outcomes, PairComparer comparer, IReadOnlyList<FieldGroup> groups)
    {
        var taken = Taken(key, comparer, groups);
        // Fields that say the same thing are one thing.
        var left = Enumerable.Range(0, taken.Length).Where(f => !taken[f]).GroupBy(f => groups.FirstOrDefault(g => g.Has(f))?.Name ?? comparer.Fields[f].Field).Count();
        return new Session(outcomes, taken, left >= 2 && pairs <= MostTaught * records.Count);
    }

    double PairsThatCouldBe(bool linkOnly)
    {
        var count = (double)records.Count;
        return ((count * count) - (linkOnly ? records.SourceOf.GroupBy(s => s).Sum(g => (double)g.Count() * g.Count()) : count)) / 2;
    }

    // The key's own fields, what comes from the same columns, and what says the same thing again.
    bool[] Taken(BlockingKey key, PairComparer comparer, IReadOnlyList<FieldGroup> groups)
    {
        var columns = key.Parts.SelectMany(p => rules.Fields[p.Field].From).ToHashSet();
        var taken = comparer.Fields.Select(f => rules.Fields[f.Field].From.Any(columns.Contains)).ToArray();
        foreach (var group in groups.Where(g => g.Touches(taken))) group.Take(taken);
        return taken;
    }

    // Fields that say the same thing again: where something is, and what it is called (a mail address is made of a name).
    IReadOnlyList<FieldGroup> Groups(PairComparer comparer)
    {
        var levels = comparer.Fields.Select(f => f.Comparison.Levels.Count).ToArray();
        int[] Of(params string[] kinds) => [.. Enumerable.Range(0, levels.Length).Where(i => kinds.Contains(rules.Fields[comparer.Fields[i].Field].Kind)).Take(5)];
        // A company's mail domain is made of its name, a person's mailbox of theirs.
        var named = Of("company_name", "party_name").Length > 0 ? Of("company_name", "party_name", "email", "domain") : Of("person_name", "given_name", "surname", "email", "domain");
        var groups = new[] { ("place", Of("street", "address", "town", "postcode", "coordinates", "region")), ("name", named) };
        return [.. groups.Where(g => g.Item2.Length > 1).Select(g => new FieldGroup(g.Item1, g.Item2, levels))];
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

    static Dictionary<ulong, double> Outcomes(PairComparer comparer, ulong[] all, CancellationToken stop)
    {
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

    static List<ScoredPair> Score(Opinion opinion, ulong[] pairs, double reviewBits, CancellationToken stop)
    {
        const int Chunk = 1 << 16;
        var chunks = new List<ScoredPair>[(pairs.Length + Chunk - 1) / Chunk];
        Parallel.For(0, chunks.Length, new ParallelOptions { CancellationToken = stop }, chunk =>
        {
            var kept = chunks[chunk] = [];
            foreach (var pair in pairs.AsSpan(chunk * Chunk, Math.Min(Chunk, pairs.Length - (chunk * Chunk))))
            {
                var (one, other) = CandidatePairs.Split(pair);
                if (opinion.Score(one, other, reviewBits) is var (levels, bits)) kept.Add(new ScoredPair(one, other, bits, levels));
            }
        });
        return [.. chunks.SelectMany(c => c).OrderByDescending(p => p.Bits)];
    }

    static Estimate Taught(Estimate estimate, Scorer scorer, IReadOnlyList<LabelledPair> labels, double equal, double candidates) =>
        Teaching.Teach(estimate, [.. labels.Select(l => (Scored: scorer.Score(l.One, l.Other), l.Same)).Select(l => (l.Scored.Levels, (double)l.Scored.Bits, l.Same))], equal, candidates);

    Calibration Calibrated(Scorer scorer, IReadOnlyList<LabelledPair> labels, List<ScoredPair> pairs)
    {
        var answers = labels.Select(l => new Answer(scorer.Score(l.One, l.Other).Bits, l.Same, 1)).Where(a => a.Bits >= ScoreCurve.Least).ToList();
        return Calibration.Of(answers, [], (answers.Count(a => a.Same), answers.Count(a => !a.Same), 0), pairs.Select(p => (double)p.Bits), rules.MergePrecision, rules.Review);
    }

    FieldColumn[] Columns(IReadOnlyList<string> fields) => [.. records.Fields.Where(f => fields.Contains(f.Name))];

    sealed class Opinion(Scorer scorer, FieldColumn[] same, FieldColumn[] differ) : IPairOpinion
    {
        public (ulong Levels, float Bits)? Score(int one, int other, double least)
        {
            if (!AreSame(one, other)) return scorer.Score(one, other, least);
            var (levels, bits) = scorer.Score(one, other);
            return (levels, Math.Max(bits, ILikeness.Decided));
        }

        public float Bits(int one, int other) => AreSame(one, other) ? Math.Max(scorer.Score(one, other).Bits, ILikeness.Decided) : scorer.Score(one, other).Bits;

        bool AreSame(int one, int other) => Array.Exists(same, f => Shares(f, one, other) == true);

        public bool AreKeptApart(IReadOnlyList<int> one, IReadOnlyList<int> other) =>
            differ.Length > 0 && one.Any(a => other.Any(b => Array.Exists(differ, f => Shares(f, a, b) == false)));

        // Null where one of them has no value.
        static bool? Shares(FieldColumn field, int one, int other)
        {
            var (left, right) = (field.Codes[one], field.Codes[other]);
            if (left < 0 || right < 0) return null;
            return left == right || Array.Exists(field.Values[left], l => Array.Exists(field.Values[right], r => l.Text == r.Text));
        }
    }
}
