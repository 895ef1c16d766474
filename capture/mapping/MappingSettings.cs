using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Mapping;

/// <summary>How tables of one source become one canonical object: <c>query</c> for an SQL projection of several tables, <c>table</c> and <c>row</c> for one table column by column.</summary>
public sealed record MappingSettings
{
    /// <summary>The canonical object: <c>customer</c>, <c>item</c>, ...</summary>
    public required string Object { get; init; }

    /// <summary>Name of the source.</summary>
    public required string Source { get; init; }

    /// <summary>
    /// The columns of the result that identify the object, joined with '|' as its id. <c>party.id</c> also says that a changed row of <c>party</c> leads to the
    /// object of its <c>id</c>; <c>[item_id, location_id]</c> leaves that to <see cref="AffectedBy"/>.
    /// </summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>
    /// The projection. Column names are the object's fields; lists come through <c>json_agg</c>. Holds <c>COLUMN = any(@keys)</c>, or <c>(A, B) = any(@keys)</c> for a
    /// key of several columns: left out for snapshot and reconciliation.
    /// </summary>
    public string? Query { get; init; }

    /// <summary>The one table of a row mapping, <c>schema.table</c>.</summary>
    public string? Table { get; init; }

    /// <summary>Row mapping: field to column, with conversions behind bars: <c>name: CUSNAM | trim</c>; <c>'text'</c> is a constant; <c>addresses.0.city</c> a nested field.</summary>
    public IReadOnlyDictionary<string, string> Row { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Per table, how a changed row leads to keys: its columns that hold the key (<c>party</c>; <c>product, location</c>; several ways with ';' between: <c>product, from_location; product, to_location</c>), or a SELECT of keys with <c>@ids</c> (the
    /// changed rows' primary keys) or <c>@column</c> (that column's values, old and new) as arrays.
    /// </summary>
    public IReadOnlyDictionary<string, string> AffectedBy { get; init; } = new Dictionary<string, string>();

    /// <summary>Longest time one read may take at the source. Default 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What it is called in logs and progress.</summary>
    public string Name => $"{Source}.{Object}";

    /// <summary>Checks what the types do not say.</summary>
    /// <exception cref="SettingsException">Something cannot be.</exception>
    public void Validate()
    {
        if (CanonicalCatalog.Find(Object) is null)
            throw new SettingsException("object", $"there is no canonical object '{Object}'{NearestName.Hint(Object, CanonicalCatalog.All.Select(k => k.Name))}");
        if (Key.Count == 0) throw new SettingsException("key", "is empty; name the columns that identify the object");
        if (Query is null == Table is null) throw new SettingsException("", "say either 'query' or 'table' with 'row'");
        if (Query is not null && Row.Count > 0) throw new SettingsException("row", "belongs to 'table', not to 'query'");
        if (Table is not null && Row.Count == 0) throw new SettingsException("row", "is missing: which field comes from which column?");
        if (Table is not null && !Table.Contains('.', StringComparison.Ordinal)) throw new SettingsException("table", $"'{Table}' needs its schema: public.{Table}");
        if (Query is not null && !KeyFilter.IsIn(Query))
            throw new SettingsException("query", "has no '... = any(@keys)': without it one change would read all objects. Add 'where KEY_COLUMN = any(@keys)'");
        foreach (var (field, expression) in Row) RowExpression.Parse(field, expression);
    }
}
