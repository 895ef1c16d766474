using System.Runtime.InteropServices;

namespace CdcSync.Mdm.Blocking;

/// <summary>
/// Estimates how many equal pairs no key finds from how those that are found share keys: what phone numbers find of the pairs that names find, they find of all. Things are
/// taken to fail by themselves; which of a thing's keys fail together is taken as it is seen. Expectation maximisation, with the pairs that nobody sees as what is missing.
/// </summary>
sealed class Recapture
{
    const int Rounds = 200;
    const double Enough = 1e-8;

    // What is never seen to fail may fail yet: half a pair, by thing.
    const double Unheard = 0.5;

    readonly ulong[][] _values;
    readonly (int[] Values, double Weight)[] _patterns;
    readonly double[][] _odds;
    readonly double[] _never;

    Recapture(ulong[][] values, (int[], double)[] patterns)
    {
        (_values, _patterns) = (values, patterns);
        _odds = [.. values.Select(v => Enumerable.Repeat(1.0 / v.Length, v.Length).ToArray())];
        _never = [.. values.Select((v, t) => Unheard / v.Length)];
    }

    /// <summary>The share of all equal pairs that share a key, and how much it varies by chance: the share's interval, 19 times in 20.</summary>
    public static (double Share, double Low, double High) Of(IReadOnlyList<Recaptured> pairs, CancellationToken stop)
    {
        const int Groups = 20;
        const double Student = 2.09;
        var share = Share(pairs);
        // Whole clusters are left out in turn: in logarithms of the odds, for the share has an end and its error has none.
        double Odds(double s) => Math.Log(Math.Max(1e-9, 1 - s) / s);
        var left = new List<double>();
        for (var group = 0; group < Groups; group++)
        {
            stop.ThrowIfCancellationRequested();
            if (pairs.Where(p => p.Cluster % Groups != group).ToList() is { Count: > 0 } rest) left.Add(Odds(Share(rest)));
        }
        var mean = left.Average();
        var error = Student * Math.Sqrt((left.Count - 1.0) / left.Count * left.Sum(l => (l - mean) * (l - mean)));
        return (share, 1 / (1 + Math.Exp(Odds(share) + error)), 1 / (1 + Math.Exp(Odds(share) - error)));
    }

    static double Share(IReadOnlyList<Recaptured> pairs)
    {
        var things = pairs[0].Shared.Length;
        // Each thing can fail altogether.
        var values = Enumerable.Range(0, things).Select(t => pairs.Select(p => p.Shared[t]).Append(pairs.Aggregate(ulong.MaxValue, (all, p) => all & p.Shared[t])).Distinct().Order().ToArray()).ToArray();
        var patterns = pairs.GroupBy(p => string.Join(' ', p.Shared), StringComparer.Ordinal).Select(g => (g.First().Shared.Select((s, t) => Array.BinarySearch(values[t], s)).ToArray(), g.Sum(p => p.Weight)));
        var recapture = new Recapture(values, [.. patterns]);
        var missed = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            var before = missed;
            missed = recapture.Step();
            if (round > 5 && Math.Abs(missed - before) < Enough) break;
        }
        return 1 - missed;
    }

    double Step()
    {
        var counts = _values.Select((v, t) => Enumerable.Repeat(_never[t], v.Length).ToArray()).ToArray();
        var seen = 0.0;
        foreach (var (values, weight) in _patterns)
        {
            seen += weight;
            for (var t = 0; t < values.Length; t++) counts[t][values[t]] += weight;
        }
        var (missed, byValue) = Missed();
        var unseen = seen / (1 - Math.Min(0.999, missed));
        for (var t = 0; t < counts.Length; t++)
        {
            for (var v = 0; v < counts[t].Length; v++) counts[t][v] += unseen * byValue[t][v];
            var all = counts[t].Sum();
            for (var v = 0; v < counts[t].Length; v++) _odds[t][v] = counts[t][v] / all;
        }
        return missed;
    }

    // How likely a pair shares no key, and how much of that each value of each thing has part in.
    (double All, double[][] ByValue) Missed()
    {
        var things = _values.Length;
        var before = new Dictionary<ulong, double>[things];
        var (masks, byValue) = (new Dictionary<ulong, double> { [ulong.MaxValue] = 1 }, new double[things][]);
        for (var t = 0; t < things; t++)
        {
            before[t] = masks;
            masks = Both(masks, OfThing(t));
        }
        var missed = masks.GetValueOrDefault(0UL);
        var after = new Dictionary<ulong, double> { [ulong.MaxValue] = 1 };
        for (var t = things - 1; t >= 0; t--)
        {
            byValue[t] = new double[_values[t].Length];
            foreach (var (mask, share) in Both(before[t], after))
                for (var v = 0; v < byValue[t].Length; v++)
                    if ((mask & _values[t][v]) == 0) byValue[t][v] += share * _odds[t][v];
            after = Both(after, OfThing(t));
        }
        return (missed, byValue);
    }

    IEnumerable<KeyValuePair<ulong, double>> OfThing(int thing) => _values[thing].Zip(_odds[thing], KeyValuePair.Create);

    static Dictionary<ulong, double> Both(Dictionary<ulong, double> one, IEnumerable<KeyValuePair<ulong, double>> other)
    {
        var both = new Dictionary<ulong, double>();
        foreach (var (right, q) in other)
            foreach (var (left, p) in one) CollectionsMarshal.GetValueRefOrAddDefault(both, left & right, out _) += p * q;
        return both;
    }
}
