using CdcSync.Contract.Canonical;

namespace CdcSync.Capture.Mapping;

/// <summary>A mapping made ready: its settings taken apart, its SQL in the two forms it is used in.</summary>
sealed class ObjectMapping
{
    readonly string _query;

    public ObjectMapping(MappingSettings settings)
    {
        Settings = settings;
        Kind = CanonicalCatalog.Find(settings.Object)!;
        Fields = ObjectBuilder.Fields(Kind);
        KeyColumns = [.. settings.Key.Select(k => k[(k.LastIndexOf('.') + 1)..].Trim('"'))];
        KeyOnlyColumns = [.. KeyColumns.Except(Fields)];
        Row = [.. settings.Row.Select(r => RowExpression.Parse(r.Key, r.Value))];
        _query = settings.Query ?? RowQuery(settings.Table!);
        Affected = [.. AffectedTables()];
    }

    public MappingSettings Settings { get; }
    public CanonicalKind Kind { get; }
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Columns of the result whose values make the id.</summary>
    public IReadOnlyList<string> KeyColumns { get; }

    /// <summary>Those of them that are no fields of the object.</summary>
    public IReadOnlyList<string> KeyOnlyColumns { get; }

    /// <summary>The expressions of a row mapping; empty for a query.</summary>
    public IReadOnlyList<RowExpression> Row { get; }

    /// <summary>The tables whose changes matter.</summary>
    public IReadOnlyList<AffectedTable> Affected { get; }

    /// <summary>All objects.</summary>
    public string FullQuery => KeyFilter.Replace(_query, _ => "true");

    /// <summary>The objects of keys, given as one text[] parameter a key column. Types are the operands' own: the arrays are cast where there are several.</summary>
    /// <param name="keyTypes">Type names of the key columns; null while they are not known, for a key of one column.</param>
    public string KeyedQuery(IReadOnlyList<string> keyTypes) => KeyFilter.Replace(_query, operand =>
        KeyFilter.Columns(operand).Count == 1
            ? $"{operand} = any($1)"
            : $"{operand} in (select * from unnest({string.Join(", ", keyTypes.Select((t, i) => $"${i + 1}::{t}[]"))}))");

    string RowQuery(string table)
    {
        var columns = Row.Where(r => r.Column is not null).Select(r => r.Column!).Concat(KeyColumns).Distinct(StringComparer.Ordinal).Select(Quote);
        var key = KeyColumns.Count == 1 ? Quote(KeyColumns[0]) : $"({string.Join(", ", KeyColumns.Select(Quote))})";
        return $"select {string.Join(", ", columns)} from {string.Join('.', table.Split('.', 2).Select(Quote))} where {key} = any(@keys)";
    }

    IEnumerable<AffectedTable> AffectedTables()
    {
        if (Settings.Table is not null) yield return new AffectedTable(Settings.Table, KeyColumns, null);
        foreach (var own in Settings.Key.Where(k => k.Contains('.', StringComparison.Ordinal)).GroupBy(k => TableName(k[..k.LastIndexOf('.')])))
            if (Settings.Table is null && !Settings.AffectedBy.Keys.Any(t => TableName(t) == own.Key) && own.Count() == Settings.Key.Count)
                yield return new AffectedTable(own.Key, KeyColumns, null);
        foreach (var (table, how) in Settings.AffectedBy)
        {
            if (IsSelect(how)) yield return new AffectedTable(TableName(table), AffectedTable.ParametersOf(how), how);
            else
                foreach (var columns in how.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    yield return new AffectedTable(TableName(table), [.. columns.Split(',', StringSplitOptions.TrimEntries).Select(c => c.Trim('"'))], null);
        }
    }

    static bool IsSelect(string how) =>
        how.TrimStart().StartsWith("select ", StringComparison.OrdinalIgnoreCase) || how.TrimStart().StartsWith("with ", StringComparison.OrdinalIgnoreCase);

    static string TableName(string name)
    {
        name = name.Replace("\"", "", StringComparison.Ordinal);
        return name.Contains('.', StringComparison.Ordinal) ? name : $"public.{name}";
    }

    static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
