using System.Text.RegularExpressions;
using CdcSync.Capture.Debezium;
using Npgsql;
using NpgsqlTypes;

namespace CdcSync.Capture.Postgres;

/// <summary>A column as the log's relation message names it.</summary>
readonly record struct RelationColumn(string Name, uint TypeOid, int Modifier, bool InIdentity);

/// <summary>What relation messages leave out, read from the catalogue: keys, nullability, defaults, what a type is.</summary>
sealed partial class PostgresCatalog(NpgsqlDataSource source, RecordSettings? records = null)
{
    readonly Dictionary<(uint Oid, int Modifier), PostgresType> _types = [];

    /// <summary>The table of a relation message. Columns the catalogue does not have any more are nullable and without default.</summary>
    public async Task<PostgresTable> TableAsync(
        uint oid, string schema, string name, ReplicaIdentity identity, IReadOnlyList<RelationColumn> columns, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var relation = records is { IsExact: false } ? await NamedAsync(connection, schema, name, stop) : oid;
        var facts = await ColumnFactsAsync(connection, relation, stop);
        var (key, primary) = await KeyAsync(connection, relation, columns, facts, stop);
        var result = new List<PostgresColumn>(columns.Count);
        foreach (var column in columns)
        {
            var type = await TypeAsync(connection, column.TypeOid, column.Modifier, stop);
            facts.TryGetValue(column.Name, out var fact);
            var constant = fact?.Default is { } text && Constant().IsMatch(text) ? await ConstantAsync(connection, text, type, stop) : null;
            result.Add(new PostgresColumn(column.Name, type, fact is null or { NotNull: false }, key.IndexOf(column.Name) + 1, new ColumnDefault(fact?.Default, constant), fact?.Comment));
        }
        var table = new PostgresTable(oid, schema, name, result, identity);
        return RecordKey(table, primary) is { } recordKey ? table with { RecordKey = recordKey } : table;
    }

    // Debezium asks by name: after a table was renamed, or dropped and made again, it takes what has the name now.
    static async Task<uint> NamedAsync(NpgsqlConnection connection, string schema, string name, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("select coalesce(to_regclass($1)::oid, 0::oid)", connection) { Parameters = { new() { Value = $"{Sql.Identifier(schema)}.{Sql.Identifier(name)}" } } };
        return (uint)(await query.ExecuteScalarAsync(stop))!;
    }

    // What the settings say; as Debezium does it, the primary key, even where the log does not have it of deletes.
    IReadOnlyList<int>? RecordKey(PostgresTable table, List<string> primary)
    {
        if (records is null) return null;
        if (Patterns.Key(records, table) is { } given) return given;
        return records.IsExact ? null : primary.Select(table.Find).Where(c => c >= 0).ToList();
    }

    /// <summary>The published columns of a table as they are now: what a relation message would say.</summary>
    public static async Task<(ReplicaIdentity Identity, List<RelationColumn> Columns)> RelationAsync(NpgsqlConnection connection, uint oid, CancellationToken stop)
    {
        var columns = new List<RelationColumn>();
        var identity = ReplicaIdentity.Default;
        await using var query = Command(connection, """
            select c.relreplident::text, a.attname, a.atttypid::oid, a.atttypmod,
                   c.relreplident = 'f' or coalesce(a.attnum = any(case when c.relreplident = 'i' then r.indkey else p.indkey end), false)
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            left join pg_index p on p.indrelid = c.oid and p.indisprimary
            left join pg_index r on r.indrelid = c.oid and r.indisreplident
            where c.oid = $1 order by a.attnum
            """, oid);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            identity = (ReplicaIdentity)rows.GetString(0)[0];
            columns.Add(new RelationColumn(rows.GetString(1), rows.GetFieldValue<uint>(2), rows.GetInt32(3), rows.GetBoolean(4)));
        }
        return (identity, columns);
    }

    sealed record ColumnFact(bool NotNull, string? Default, string? Comment);

    static async Task<Dictionary<string, ColumnFact>> ColumnFactsAsync(NpgsqlConnection connection, uint oid, CancellationToken stop)
    {
        var facts = new Dictionary<string, ColumnFact>(StringComparer.Ordinal);
        await using var query = Command(connection, """
            select a.attname, a.attnotnull or (t.typtype = 'd' and t.typnotnull), pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum)
            from pg_attribute a join pg_type t on t.oid = a.atttypid
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
            """, oid);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) facts[rows.GetString(0)] = new ColumnFact(rows.GetBoolean(1), rows.IsDBNull(2) ? null : rows.GetString(2), rows.IsDBNull(3) ? null : rows.GetString(3));
        return facts;
    }

    // The primary key, if the log gives all of it for deletes; else what the log does give; else, for tables that only grow, a unique index without nulls.
    static async Task<(List<string> Key, List<string> Primary)> KeyAsync(
        NpgsqlConnection connection, uint oid, IReadOnlyList<RelationColumn> columns, Dictionary<string, ColumnFact> facts, CancellationToken stop)
    {
        var identity = columns.Where(c => c.InIdentity).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var indexes = new List<(bool Primary, bool Identity, List<string> Columns, List<string> All, bool Whole, string Name)>();
        await using var query = Command(connection, """
            select i.indisprimary, i.indisreplident, array(select a.attname::text from unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality k(attnum, place)
                     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum order by k.place),
                   array(select a.attname::text from unnest(i.indkey) with ordinality k(attnum, place) join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum order by k.place),
                   i.indpred is null, c.relname::text
            from pg_index i join pg_class c on c.oid = i.indexrelid
            where i.indrelid = $1 and i.indisunique and i.indexprs is null and i.indisvalid
            order by i.indisprimary desc, i.indisreplident desc, c.relname
            """, oid);
        await using (var rows = await query.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) indexes.Add((rows.GetBoolean(0), rows.GetBoolean(1), [.. rows.GetFieldValue<string[]>(2)], [.. rows.GetFieldValue<string[]>(3)], rows.GetBoolean(4), rows.GetString(5)));
        var present = columns.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        bool Usable(List<string> key) => key.All(present.Contains) && (identity.Count == 0 || key.All(identity.Contains));
        bool Certain((bool Primary, bool Identity, List<string> Columns, List<string> All, bool Whole, string Name) index) => index.Whole && (
            index.Primary || index.Identity || index.Columns.All(c => facts.TryGetValue(c, out var fact) && fact.NotNull));
        var certain = indexes.Where(Certain).Select(i => i.Columns).ToList();
        // Debezium takes the primary key, else the first unique index as the driver lists them: partial ones, nullable and included columns too.
        var theirs = indexes.Where(i => i.Primary).Concat(indexes.OrderBy(i => i.Name, StringComparer.Ordinal)).Select(i => i.All).FirstOrDefault(c => c.All(present.Contains));
        return (certain.FirstOrDefault(Usable) ?? [], theirs ?? []);
    }

    public async Task<PostgresType> TypeAsync(NpgsqlConnection connection, uint oid, int modifier, CancellationToken stop)
    {
        if (_types.TryGetValue((oid, modifier), out var known)) return known;
        string schema, name, formatted, category;
        uint domainOf, element, rangeOf;
        int domainModifier;
        string[]? labels;
        await using (var query = Command(connection, """
            select n.nspname::text, t.typname::text, format_type(t.oid, $2), t.typtype::text, t.typbasetype::oid, t.typtypmod,
                   case when t.typcategory = 'A' and t.typlen = -1 then t.typelem else 0 end::oid, coalesce(r.rngsubtype, 0)::oid,
                   case when t.typtype = 'e' then array(select e.enumlabel::text from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) end
            from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_range r on r.rngtypid = t.oid where t.oid = $1
            """, oid, modifier))
        await using (var row = await query.ExecuteReaderAsync(stop))
        {
            if (!await row.ReadAsync(stop)) return _types[(oid, modifier)] = new PostgresType(PgKind.Unknown, $"type {oid} (dropped)", modifier);
            (schema, name, formatted, category) = (row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3));
            (domainOf, domainModifier) = (row.GetFieldValue<uint>(4), row.GetInt32(5));
            (element, rangeOf) = (row.GetFieldValue<uint>(6), row.GetFieldValue<uint>(7));
            labels = await row.IsDBNullAsync(8, stop) ? null : row.GetFieldValue<string[]>(8);
        }
        PostgresType type;
        if (category == "d") type = (await TypeAsync(connection, domainOf, domainModifier, stop)) with { Name = formatted, IsDomain = true };
        else if (category == "e") type = new PostgresType(PgKind.Enum, formatted, modifier, Labels: labels);
        else if (category == "r") type = new PostgresType(PgKind.Range, formatted, -1, await TypeAsync(connection, rangeOf, -1, stop));
        else if (name is "oidvector" or "int2vector" && schema == "pg_catalog")
            type = new PostgresType(PgKind.Vector, formatted, modifier, new PostgresType(name == "oidvector" ? PgKind.Oid : PgKind.Int2, name == "oidvector" ? "oid" : "smallint", -1));
        else if (element != 0) type = new PostgresType(PgKind.Array, formatted, modifier, await TypeAsync(connection, element, modifier, stop));
        else type = new PostgresType(PostgresType.KindOf(schema, name), formatted, modifier);
        return _types[(oid, modifier)] = type;
    }

    /// <summary>Forgets types: an enum may have got labels, a type been replaced.</summary>
    public void Forget() => _types.Clear();

    // Only literals: 'text'::type, numbers, booleans. The server turns them into the column's type; a function is never called.
    [GeneratedRegex("""^\(?(?:B?'(?:[^']|'')*'(?:::[A-Za-z0-9_. "]+(?:\([0-9, ]+\))?(?:\[\])?)?|-?[0-9.]+(?:e[+-]?[0-9]+)?|true|false)\)?(?:::[A-Za-z0-9_. "]+(?:\([0-9, ]+\))?)?$""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Constant();

    static async Task<byte[]?> ConstantAsync(NpgsqlConnection connection, string expression, PostgresType type, CancellationToken stop)
    {
        try
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync($"copy (select ({expression})::{type.Name}) to stdout (format binary)", stop);
            using var bytes = new MemoryStream();
            await copy.CopyToAsync(bytes, stop);
            // 11 bytes signature, 4 flags, 4 extension, 2 field count, 4 length
            var row = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(row[21..]);
            return length < 0 ? null : row.Slice(25, length).ToArray();
        }
        catch (PostgresException)
        {
            // A literal that needs the column's context: the schema then shows the type's zero as the default, as for a function.
            return null;
        }
    }

    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, uint oid, int? modifier = null)
    {
        var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = oid, NpgsqlDbType = NpgsqlDbType.Oid } } };
        if (modifier is { } value) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
