using System.Text.RegularExpressions;

namespace CdcSync.Mdm.Offline;

/// <summary>Whether a first line is a header at all, and its names.</summary>
sealed partial class CsvHeader(string file)
{
    /// <summary>A file without a header loses its first record and gets that record's values for names, so it is refused.</summary>
    public void RefuseData(List<string> header, RawColumn[] data)
    {
        foreach (var cell in header)
            if (Value().IsMatch(cell)) throw new RecordFileException(file, 1, "has no header: a cell of the first line is a value and no column's name. Write a first line with the columns' names");
        var found = header.Zip(data).Count(c => c.First.Length > 0 && Occurs(c.First, c.Second));
        if (found > 1 && found * 3 >= header.Count)
            throw new RecordFileException(file, 1, $"has no header: {found} cells of the first line occur as values below. Write a first line with the columns' names");
    }

    static bool Occurs(string text, RawColumn among) =>
        among.Values.Index().Any(v => v.Item.Equals(text, StringComparison.OrdinalIgnoreCase) && among.Codes.AsSpan().Contains(v.Index));

    /// <summary>The columns' names: what has none, or another's, gets a number.</summary>
    public static IReadOnlyList<string> Names(List<string> header, List<string> notes, string file)
    {
        var names = new List<string>();
        foreach (var (cell, place) in header.Select((c, i) => (c, i)))
        {
            var name = cell.Length > 0 ? cell : $"column{place + 1}";
            if (names.Contains(name, StringComparer.Ordinal))
            {
                var number = 2;
                while (names.Contains($"{name}_{number}", StringComparer.Ordinal) || header.Contains($"{name}_{number}", StringComparer.Ordinal)) number++;
                notes.Add($"{file}:1: names the column '{name}' twice; the second is read as '{name}_{number}'");
                name = $"{name}_{number}";
            }
            names.Add(name);
        }
        return names;
    }

    // An e-mail address, a date, a number of four digits or more, money: what columns are not called. 2024 is called so now and then, 1 and 2 as well.
    [GeneratedRegex(@"^(\S+@\S+\.\S+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|[+-]?(?!(19|20)\d\d$)\d{4,}|[+-]?\d+[.,]\d+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Value();
}
