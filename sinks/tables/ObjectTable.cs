using CdcSync.Contract.Canonical;

namespace CdcSync.Sinks.Tables;

/// <summary>The table of one object and the statements on it.</summary>
internal sealed class ObjectTable(CanonicalKind kind, TablesSettings settings)
{
    static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    readonly string _table = $"{Quote(settings.Schema)}.{Quote(settings.Tables.GetValueOrDefault(kind.Name) ?? kind.Name)}";

    /// <summary>The compared columns.</summary>
    public IReadOnlyList<string> Fields { get; } = CanonicalFields.BusinessOf(kind);

    string Typed => string.Join(", ", Fields.Select(f => $"{Quote(f)} {TypeOf(f)}"));
    string Names => string.Join(", ", Fields.Select(Quote));

    /// <summary>Makes what is not there; new fields of the object become new columns.</summary>
    public string Create => $"""
        create schema if not exists {Quote(settings.Schema)};
        create table if not exists {_table} (source text not null, source_id text not null, _version bytea not null, _committed_at timestamptz not null, _deleted boolean not null default false,
            primary key (source, source_id));
        alter table {_table} {string.Join(", ", Fields.Select(f => $"add column if not exists {Quote(f)} {TypeOf(f)}"))};
        """;

    /// <summary>Upserts $1, a JSON array of rows; an older version changes nothing. $2: a repair may write the same version again.</summary>
    public string Upsert => $"""
        insert into {_table} as t (source, source_id, _version, _committed_at, {Names})
        select source, source_id, decode(_version, 'hex'), _committed_at, {Names}
        from jsonb_to_recordset($1::jsonb) as r(source text, source_id text, _version text, _committed_at timestamptz, {Typed})
        on conflict (source, source_id) do update set _version = excluded._version, _committed_at = excluded._committed_at, _deleted = false,
            {string.Join(", ", Fields.Select(f => $"{Quote(f)} = excluded.{Quote(f)}"))}
        where t._version < excluded._version or ($2 and t._version = excluded._version)
        """;

    /// <summary>Deletes the rows of sources $1, ids $2, versions $3, unless they are newer.</summary>
    public string Delete => settings.SoftDeletes
        ? $"update {_table} t set _deleted = true, _version = v from unnest($1::text[], $2::text[], $3::bytea[]) r(s, i, v) where t.source = s and t.source_id = i and t._version <= v"
        : $"delete from {_table} t using unnest($1::text[], $2::text[], $3::bytea[]) r(s, i, v) where t.source = s and t.source_id = i and t._version <= v";

    /// <summary>Deletes the rows of keys $1 that no source knows.</summary>
    public string DeleteUnknown => $"delete from {_table} where {Key} = any($1)";

    /// <summary>Reads rows in the order of their keys; $1: only these, or null.</summary>
    public string Read => $"""
        select {Key} as key, {string.Join(", ", Fields.Select(f => TypeOf(f) == "jsonb" ? $"{Quote(f)}::text" : Quote(f)))}
        from {_table} where not _deleted and ($1::text[] is null or {Key} = any($1)) order by {Key} collate "C"
        """;

    /// <summary>Whether a column holds a list or an object.</summary>
    public bool IsNested(string field) => TypeOf(field) == "jsonb";

    // As TargetKeys.Join does it.
    const string Key = @"replace(replace(source, '\', '\\'), '|', '\|') || '|' || replace(replace(source_id, '\', '\\'), '|', '\|')";

    string TypeOf(string field)
    {
        var type = CanonicalFields.TypeOf(kind, field);
        return type == typeof(string) ? "text" : type == typeof(decimal) ? "numeric" : type == typeof(bool) ? "boolean" : type == typeof(int) ? "integer" : type == typeof(long) ? "bigint"
            : type == typeof(DateOnly) ? "date" : type == typeof(DateTimeOffset) ? "timestamptz" : "jsonb";
    }
}
