using CdcSync.Mdm.Suggest;

namespace CdcSync.Mdm.Offline;

/// <summary>A file that tells which records are the same: pairs of ids, with a label or without, or each id with its group.</summary>
public sealed class TruthFile(RecordSet records, IReadOnlyList<RawTable> tables)
{
    readonly List<string> _notes = [];

    /// <summary>The truth in it.</summary>
    /// <exception cref="RecordFileException">It is neither pairs of ids nor ids with groups, or its ids are none of the records.</exception>
    public Truth Read(string path, RawTable file)
    {
        if (Group(file) is { } group) return Groups(path, file, group);
        var (pairs, labelled) = Pairs(path, file);
        return labelled ? new Truth(null, pairs, _notes) : Truth.OfLinks(records.Count, pairs, _notes);
    }

    /// <summary>Pairs with a label each; without a column of labels all are the same.</summary>
    public (IReadOnlyList<LabelledPair> Pairs, bool Labelled) Pairs(string path, RawTable file)
    {
        var ids = file.Columns.Where(c => !IsSource(c) && IsId(c)).Take(2).ToList();
        if (ids.Count < 2) ids = [.. file.Columns.Where(c => !IsSource(c)).Take(2)];
        if (ids.Count < 2) throw new RecordFileException(path, 1, "expected two columns with records' ids, and a third with 1 or 0 where it tells labels");
        var label = file.Columns.FirstOrDefault(c => !ids.Contains(c) && !IsSource(c) && IsLabel(file[c]));
        var (left, right) = Sides(file, ids[0], ids[1]);
        var (pairs, lost) = (new List<LabelledPair>(file.Rows), 0);
        for (var row = 0; row < file.Rows; row++)
        {
            var same = label is null || Says(file[label].At(row));
            if (file[ids[0]].At(row) is { } l && file[ids[1]].At(row) is { } r && left.TryGetValue(l, out var one) && right.TryGetValue(r, out var other)) pairs.Add(new(one, other, same));
            else lost++;
        }
        if (pairs.Count == 0) throw new RecordFileException(path, 2, $"none of the ids in '{ids[0]}' and '{ids[1]}' is the id of a record; does the rule file's `id:` name the right column?");
        if (lost > 0) _notes.Add($"{path}: {lost:N0} of {file.Rows:N0} pairs name an id that no record has; left out");
        return (pairs, label is not null && pairs.Exists(p => !p.Same));
    }

    Truth Groups(string path, RawTable file, string group)
    {
        var id = file.Columns.FirstOrDefault(c => c != group && !IsSource(c) && IsId(c)) ?? file.Columns.First(c => c != group);
        var source = file.Columns.FirstOrDefault(c => IsSource(c) && file[c].Values.Intersect(records.Sources, StringComparer.OrdinalIgnoreCase).Any());
        var places = Places(Enumerable.Range(0, records.Count), r => source is null ? records.Ids[r] : $"{records.Sources[records.SourceOf[r]]}\u001F{records.Ids[r]}");
        var (groups, found) = (Enumerable.Range(0, records.Count).Select(r => -r - 1).ToArray(), 0);
        for (var row = 0; row < file.Rows; row++)
        {
            var key = source is null ? file[id].At(row) : $"{file[source].At(row)}\u001F{file[id].At(row)}";
            if (key is null || !places.TryGetValue(key, out var place) || file[group].Codes[row] < 0) continue;
            groups[place] = file[group].Codes[row];
            found++;
        }
        if (found == 0) throw new RecordFileException(path, 2, $"none of the ids in '{id}' is the id of a record; does the rule file's `id:` name the right column?");
        if (found < records.Count) _notes.Add($"{path}: tells the group of {found:N0} of {records.Count:N0} records; the others count as alone");
        return new Truth(groups, [], _notes);
    }

    // Ids of two files may be the same numbers: the first column is of the first file then, unless the other way round finds more.
    (Dictionary<string, int> Left, Dictionary<string, int> Right) Sides(RawTable pairs, string one, string other)
    {
        var all = Places(Enumerable.Range(0, records.Count), r => records.Ids[r]);
        if (tables.Count != 2) return (all, all);
        var split = tables[0].Rows;
        var (first, second) = (Places(Enumerable.Range(0, split), r => records.Ids[r]), Places(Enumerable.Range(split, records.Count - split), r => records.Ids[r]));
        int Found(Dictionary<string, int> left, Dictionary<string, int> right) => pairs[one].Values.Count(left.ContainsKey) + pairs[other].Values.Count(right.ContainsKey);
        var (straight, crossed) = (Found(first, second), Found(second, first));
        var wanted = pairs[one].Values.Count + pairs[other].Values.Count;
        return straight >= crossed && straight >= wanted * 0.9 ? (first, second) : crossed >= wanted * 0.9 ? (second, first) : (all, all);
    }

    static Dictionary<string, int> Places(IEnumerable<int> of, Func<int, string> key)
    {
        var places = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var record in of) places.TryAdd(key(record), record);
        return places;
    }

    // A column of groups beside one of ids: not two ids and a label.
    static string? Group(RawTable file)
    {
        var ids = file.Columns.Count(c => IsId(c) && !IsSource(c));
        return ids > 1 ? null : file.Columns.FirstOrDefault(c => ColumnWords.Of(c) == Meaning.Truth && !IsLabel(file[c]) && file[c].Values.Count > 1 && !c.Contains("group", StringComparison.OrdinalIgnoreCase))
            ?? file.Columns.FirstOrDefault(c => ColumnWords.Of(c) == Meaning.Truth && !IsLabel(file[c]));
    }

    static bool IsSource(string column) => ColumnWords.Words(column) is var words && (words.Contains("SOURCE") || words.Contains("DATASET") || words.Contains("SYSTEM"));

    static bool IsId(string column) => ColumnWords.Words(column) is var words && ColumnWords.Of(column) != Meaning.Truth
        && (words.Contains("ID") || words.Contains("KEY") || words.Exists(w => w.EndsWith("ID", StringComparison.Ordinal)));

    static bool IsLabel(RawColumn column) => column.Values.Count is > 0 and <= 50 && column.Values.All(v => IsTrue(v) || IsFalse(v) || IsShare(v));

    static bool IsTrue(string text) => text.ToUpperInvariant() is "1" or "1.0" or "TRUE" or "YES" or "Y" or "MATCH" or "SAME" or "T";

    static bool IsFalse(string text) => text.ToUpperInvariant() is "0" or "0.0" or "FALSE" or "NO" or "N" or "NONMATCH" or "NO_MATCH" or "DISTINCT" or "F" or "-1";

    static bool IsShare(string text) => double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1;

    static bool Says(string? text) => text is not null && (IsTrue(text) || (IsShare(text) && double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) >= 0.5));
}
