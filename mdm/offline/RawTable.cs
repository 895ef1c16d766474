using CdcSync.Contract.Settings;

namespace CdcSync.Mdm.Offline;

/// <summary>The records of one file, by column, as they were written there.</summary>
/// <param name="Name">The file's name without its ending: what its records are called when no column names their source.</param>
/// <param name="Columns">The columns' names, in order; each occurs once.</param>
/// <param name="Data">The columns, in the order of <paramref name="Columns"/>.</param>
/// <param name="Lines">The line each record starts at.</param>
/// <param name="Notes">What was found odd and how it was read, for people.</param>
public sealed record RawTable(string Name, IReadOnlyList<string> Columns, IReadOnlyList<RawColumn> Data, int[] Lines, IReadOnlyList<string> Notes)
{
    readonly Dictionary<string, int> _places = Columns.Select((name, place) => (name, place)).ToDictionary(c => c.name, c => c.place, StringComparer.Ordinal);

    /// <summary>How many records there are.</summary>
    public int Rows => Lines.Length;

    /// <summary>True when there is a column of that name.</summary>
    public bool Has(string column) => _places.ContainsKey(column);

    /// <summary>The column of that name.</summary>
    /// <exception cref="SettingsException">There is none.</exception>
    public RawColumn this[string column] => _places.TryGetValue(column, out var place)
        ? Data[place]
        : throw new SettingsException("", $"{Name} has no column '{column}'{NearestName.Hint(column, Columns)}");
}

/// <summary>One column: equal texts are one number.</summary>
/// <param name="Codes">Per record a place in <paramref name="Values"/>; -1 where nothing is written.</param>
/// <param name="Values">The distinct texts, trimmed, in the order they first occur.</param>
public sealed record RawColumn(int[] Codes, IReadOnlyList<string> Values)
{
    /// <summary>The text of a record; null where nothing is written.</summary>
    public string? At(int row) => Codes[row] is >= 0 and var code ? Values[code] : null;
}

/// <summary>A file that holds no records anyone could read: says where and what to do.</summary>
public sealed class RecordFileException(string file, int line, string message) : IOException(line > 0 ? $"{file}:{line}: {message}" : $"{file}: {message}");
