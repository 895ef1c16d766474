namespace CdcSync.Contract.Settings;

/// <summary>Finds what somebody probably meant.</summary>
public static class NearestName
{
    /// <summary><c>; did you mean ...?</c> for a name close enough, else <c>; known: ...</c>.</summary>
    public static string Hint(string given, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToList();
        if (names.Count == 0) return "";
        var (name, distance) = names.Select(n => (n, Distance(given, n))).MinBy(p => p.Item2);
        return distance <= Math.Max(2, given.Length / 3) ? $"; did you mean '{name}'?" : $"; known: {string.Join(", ", names)}";
    }

    static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
