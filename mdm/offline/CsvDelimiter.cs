namespace CdcSync.Mdm.Offline;

/// <summary>Which character stands between the cells.</summary>
static class CsvDelimiter
{
    /// <summary>The one that cuts the first lines into equally many cells; among those the one that cuts the header most often.</summary>
    public static char Of(ReadOnlySpan<char> head)
    {
        head = head.TrimStart();
        if (head.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && head.Length > 4) return head[4];
        var (best, most) = (',', 0d);
        foreach (var delimiter in ",;\t|")
        {
            var counts = Counts(head, delimiter);
            if (counts.Count == 0 || counts[0] == 0) continue;
            var even = counts.Count(c => c == counts[0]) / (double)counts.Count;
            if (even * (1 + Math.Log2(1 + counts[0])) is var worth && worth > most) (best, most) = (delimiter, worth);
        }
        return best;
    }

    static List<int> Counts(ReadOnlySpan<char> head, char delimiter)
    {
        var counts = new List<int>();
        var (count, quoted, length) = (0, false, 0);
        foreach (var letter in head)
        {
            if (letter == '"') quoted = !quoted;
            else if (letter == delimiter && !quoted) count++;
            else if (letter is '\n' or '\r' && !quoted)
            {
                if (length > 0) counts.Add(count);
                (count, length) = (0, 0);
                if (counts.Count == 50) return counts;
                continue;
            }
            length++;
        }
        if (counts.Count == 0) counts.Add(count);      // a header alone
        return counts;
    }
}
