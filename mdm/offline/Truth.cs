namespace CdcSync.Mdm.Offline;

/// <summary>Two records of which somebody said whether they are the same.</summary>
/// <param name="One">A record's place.</param>
/// <param name="Other">Another's.</param>
/// <param name="Same">What was said.</param>
public readonly record struct LabelledPair(int One, int Other, bool Same);

/// <summary>What is known to be right, to measure by: the true group of every record, or labels of some pairs.</summary>
/// <param name="Groups">Per record the number of its true group; null when only pairs are known.</param>
/// <param name="Pairs">Pairs with labels; empty when groups are known.</param>
/// <param name="Notes">What was found odd, for people.</param>
public sealed record Truth(int[]? Groups, IReadOnlyList<LabelledPair> Pairs, IReadOnlyList<string> Notes)
{
    /// <summary>Records with equal values of a column are the same; one without a value is alone.</summary>
    public static Truth OfColumn(IReadOnlyList<RawTable> tables, string column)
    {
        var (groups, numbers, alone) = (new int[tables.Sum(t => t.Rows)], new Dictionary<string, int>(StringComparer.Ordinal), 0);
        var at = 0;
        foreach (var table in tables)
        {
            var known = table[column];
            var mapped = known.Values.Select(value => numbers.TryGetValue(value, out var number) ? number : numbers[value] = numbers.Count).ToArray();
            foreach (var code in known.Codes) groups[at++] = code < 0 ? -++alone : mapped[code];
        }
        return new Truth(groups, [], alone == 0 ? [] : [$"{alone:N0} records have no '{column}': each counts as alone"]);
    }

    /// <summary>Pairs of equal records, all there are: whatever they link is a group.</summary>
    public static Truth OfLinks(int records, IReadOnlyList<LabelledPair> links, IReadOnlyList<string> notes)
    {
        var root = Enumerable.Range(0, records).ToArray();
        int Root(int at)
        {
            while (root[at] != at) at = root[at] = root[root[at]];
            return at;
        }
        foreach (var (one, other, _) in links) root[Root(one)] = Root(other);
        return new Truth([.. Enumerable.Range(0, records).Select(Root)], [], notes);
    }
}
