using CdcSync.Capture.Mapping;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Tables;

/// <summary>
/// Mappings' SQL at a source of polled tables. PostgreSQL runs it as everywhere; other databases through ADO.NET alone. A row mapping does not see rows that are marked as
/// deleted; a query says so itself.
/// </summary>
sealed class TablesQueries : IMappingQueries
{
    readonly TablesSettings _settings;
    readonly SqlDialect _dialect;
    readonly IMappingQueries _inner;
    readonly Dictionary<ObjectMapping, ObjectMapping> _filtered = [];

    public TablesQueries(TablesSettings settings)
    {
        (_settings, _dialect) = (settings, SqlDialect.Of(settings));
        _inner = _dialect is PostgresDialect && settings.Provider == "Npgsql" ? PostgresQueries.Open(settings.Connection, settings.Name) : new PlainQueries(settings);
    }

    public string DefaultSchema => _dialect.DefaultSchema;

    /// <summary>What polling has read is committed, and every query sees it.</summary>
    public Task WaitUntilVisibleAsync(ChangeBatch batch, CancellationToken stop) => Task.CompletedTask;

    public IAsyncEnumerable<MappedRow> ReadAllAsync(ObjectMapping mapping, bool ordered, CancellationToken stop) => _inner.ReadAllAsync(Filtered(mapping), ordered, stop);

    public IAsyncEnumerable<MappedRow> ReadKeysAsync(ObjectMapping mapping, IReadOnlyList<string[]> keys, CancellationToken stop) => _inner.ReadKeysAsync(Filtered(mapping), keys, stop);

    public Task<List<string[]>> SelectKeysAsync(ObjectMapping mapping, AffectedTable table, IReadOnlyList<IReadOnlyCollection<string>> values, CancellationToken stop) =>
        _inner.SelectKeysAsync(mapping, table, values, stop);

    public async Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop)
    {
        await using var plain = new PlainQueries(_settings);
        return await plain.CheckAsync([.. mappings.Select(Filtered)], stop);
    }

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    ObjectMapping Filtered(ObjectMapping mapping)
    {
        if (mapping.Row.Count == 0) return mapping;
        lock (_filtered)
        {
            if (_filtered.TryGetValue(mapping, out var known)) return known;
            var watched = _settings.Tables.FirstOrDefault(t => PlainCatalog.FullName(_dialect, t) is var name && $"{name.Schema}.{name.Name}" == mapping.Settings.Table);
            return _filtered[mapping] = new ObjectMapping(mapping.Settings with { Query = RowQuery(mapping, watched) }, DefaultSchema);
        }
    }

    string RowQuery(ObjectMapping mapping, WatchedTable? watched)
    {
        var columns = mapping.Row.Where(r => r.Column is not null).Select(r => r.Column!).Concat(mapping.KeyColumns).Distinct(StringComparer.Ordinal).Select(_dialect.Quote);
        var key = mapping.KeyColumns.Count == 1 ? _dialect.Quote(mapping.KeyColumns[0]) : $"({string.Join(", ", mapping.KeyColumns.Select(_dialect.Quote))})";
        return $"select {string.Join(", ", columns)} from {_dialect.QuoteTable(mapping.Settings.Table!)} where {key} = any(@keys){(watched is null ? "" : $" and {NotDeleted(watched)}")}";
    }

    string NotDeleted(WatchedTable watched)
    {
        if (watched.DeletedColumn is not { } name) return _dialect.True;
        var column = _dialect.Quote(name);
        if (watched.DeletedValues.Contains("*")) return $"{column} is null";
        // As text, for the settings' values are text; a fixed-width column has blanks at its end.
        var text = $"trim(cast({column} as {_dialect.TextType}))";
        return $"({column} is null or {text} not in ({string.Join(", ", watched.DeletedValues.Select(v => $"'{v.Replace("'", "''", StringComparison.Ordinal)}'"))}))";
    }
}
