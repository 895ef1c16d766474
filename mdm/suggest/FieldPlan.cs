using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Suggest;

/// <summary>A field of the proposal.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rule">How it is read and compared.</param>
/// <param name="Why">In a few words for the comment beside it.</param>
public sealed record PlannedField(string Name, FieldRule Rule, string Why);

/// <summary>The fields as they are found: columns are taken from those that are left, so that none is compared twice.</summary>
sealed class FieldPlan
{
    readonly List<ColumnGuess> _left;
    readonly List<PlannedField> _fields = [];
    readonly List<(string Column, string Why)> _leftOut = [];

    public FieldPlan(IReadOnlyList<RawTable> tables)
    {
        Tables = tables;
        _left = [.. tables.SelectMany(t => t.Columns).Distinct(StringComparer.Ordinal).Select(c => ColumnGuess.Of(c, tables))];
        All = [.. _left];
    }

    public IReadOnlyList<RawTable> Tables { get; }

    /// <summary>All columns, taken or not.</summary>
    public IReadOnlyList<ColumnGuess> All { get; }

    public IReadOnlyList<ColumnGuess> Left => _left;

    public IReadOnlyList<PlannedField> Fields => _fields;

    public IReadOnlyList<(string Column, string Why)> LeftOut => _leftOut;

    public bool Any(params Meaning[] meanings) => All.Any(g => meanings.Contains(g.Meaning));

    public bool Has(string field) => _fields.Exists(f => f.Name == field);

    public FieldRule? Rule(string field) => _fields.Find(f => f.Name == field)?.Rule;

    /// <summary>The columns of these meanings, in the order of the meanings; nobody else gets them.</summary>
    public List<ColumnGuess> Take(params Meaning[] meanings)
    {
        var taken = meanings.SelectMany(m => _left.Where(g => g.Meaning == m)).ToList();
        _left.RemoveAll(taken.Contains);
        return taken;
    }

    /// <summary>Something is known to be another thing than it looked like.</summary>
    public void Reinterpret(ColumnGuess guess, Meaning meaning, string why)
    {
        _left.Remove(guess);
        _left.Add(guess with { Meaning = meaning, Why = why });
    }

    public void LeaveOut(ColumnGuess guess, string? why = null)
    {
        _left.Remove(guess);
        _leftOut.Add((guess.Name, why ?? guess.Why));
    }

    public void Add(string name, string kind, IReadOnlyList<ColumnGuess> from, string why, bool each = false, string? part = null, string? compare = null)
    {
        if (from.Count == 0) return;
        var free = name;
        for (var number = 2; Has(free); number++) free = $"{name}_{number}";
        // Columns of different files are no several values, whatever `each` says: then it is left out.
        var several = each && from.Count > 1 && Tables.Any(t => from.Count(f => t.Has(f.Name)) > 1);
        _fields.Add(new(free, new FieldRule { Kind = kind, From = [.. from.Select(f => f.Name).Distinct(StringComparer.Ordinal)], Each = several, Part = part, Compare = compare }, why));
    }

    /// <summary>Columns that hold the same in another way.</summary>
    public void AddAlso(string field, IEnumerable<string> columns)
    {
        var place = _fields.FindIndex(f => f.Name == field);
        _fields[place] = _fields[place] with { Rule = _fields[place].Rule with { Also = [.. _fields[place].Rule.Also.Concat(columns).Distinct(StringComparer.Ordinal)] } };
    }

    /// <summary>A field is made by keys alone.</summary>
    public void DoNotCompare(string field, string why)
    {
        var place = _fields.FindIndex(f => f.Name == field);
        if (place >= 0) _fields[place] = _fields[place] with { Rule = _fields[place].Rule with { Compare = "none" }, Why = why };
    }

    /// <summary>Of the records with the one, the share that has any of the others as well; 0 when they stand in different files.</summary>
    public static double Together(ColumnGuess one, IReadOnlyList<ColumnGuess> others)
    {
        var (with, both) = (0, 0);
        foreach (var table in one.Shape.Tables)
        {
            var columns = others.Where(o => table.Has(o.Name)).Select(o => table[o.Name].Codes).ToList();
            var codes = table[one.Name].Codes;
            for (var row = 0; row < codes.Length; row++)
            {
                if (codes[row] < 0) continue;
                with++;
                if (columns.Exists(c => c[row] >= 0)) both++;
            }
        }
        return with == 0 ? 0 : (double)both / with;
    }

    /// <summary>Of the records with both, the share where the one's text holds the other's.</summary>
    public static double Contains(ColumnGuess whole, ColumnGuess part)
    {
        var (both, inside) = (0, 0);
        foreach (var table in whole.Shape.Tables.Where(t => t.Has(part.Name)))
            for (var row = 0; row < table.Rows && both < 1000; row++)
            {
                if (table[whole.Name].At(row) is not { } text || table[part.Name].At(row) is not { } word) continue;
                both++;
                if (text.Contains(word, StringComparison.OrdinalIgnoreCase)) inside++;
            }
        return both == 0 ? 0 : (double)inside / both;
    }
}
