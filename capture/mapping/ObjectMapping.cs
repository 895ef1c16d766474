using CdcSync.Contract.Canonical;

namespace CdcSync.Capture.Mapping;

/// <summary>A mapping made ready: its settings taken apart, its SQL written out.</summary>
sealed class ObjectMapping
{
    readonly string _defaultSchema;

    public ObjectMapping(MappingSettings settings, string defaultSchema)
    {
        (Settings, _defaultSchema) = (settings, defaultSchema);
        Kind = CanonicalCatalog.Find(settings.Object)!;
        Fields = ObjectBuilder.Fields(Kind);
        KeyColumns = [.. settings.Key.Select(k => k[(k.LastIndexOf('.') + 1)..].Trim('"'))];
        KeyOnlyColumns = [.. KeyColumns.Except(Fields)];
        Row = [.. settings.Row.Select(r => RowExpression.Parse(r.Key, r.Value))];
        Query = settings.Query ?? RowQuery(settings.Table!);
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

    /// <summary>Its SQL, with <c>any(@keys)</c> where the key filter goes; see <see cref="KeyFilter"/>.</summary>
    public string Query { get; }

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

    string TableName(string name)
    {
        name = name.Replace("\"", "", StringComparison.Ordinal);
        return name.Contains('.', StringComparison.Ordinal) ? name : $"{_defaultSchema}.{name}";
    }

    static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
