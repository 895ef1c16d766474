using CdcSync.Capture.Mapping;
using Npgsql;
using NpgsqlTypes;

namespace CdcSync.Capture.Postgres;

/// <summary>The role that 'connection' names.</summary>
sealed record RoleFacts(string Name, bool Exists, bool IsSuperuser, bool MayReplicate, bool MayLogin, bool BypassesRowSecurity)
{
    public string Quoted => Sql.Identifier(Name);
}

/// <summary>A schema it must see.</summary>
sealed record SchemaFacts(string Name, bool HasUsage);

/// <summary>A table or view it must read.</summary>
/// <param name="Use">What for, in the plural.</param>
sealed record RelationFacts(uint Oid, string Schema, string Name, string Use, bool MaySelect, bool HasRowSecurity)
{
    public string Quoted => $"{Sql.Identifier(Schema)}.{Sql.Identifier(Name)}";
}

/// <summary>What is there already of what a source needs, read once from the catalogue.</summary>
sealed class AccessFacts : IAsyncDisposable
{
    /// <summary>Functions that mappings call.</summary>
    public HashSet<uint> CalledFunctions { get; } = [];

    AccessFacts(NpgsqlDataSource source, RoleFacts role, string policy) => (Source, Role, PolicyName) = (source, role, policy);

    public NpgsqlDataSource Source { get; }
    public RoleFacts Role { get; }
    public string PolicyName { get; }
    public int Version { get; private set; }
    public string Database { get; private set; } = "";
    public string WalLevel { get; private set; } = "";
    public bool IsRds { get; private set; }
    public bool MayConnect { get; private set; }
    public IReadOnlyList<WantedTable> Tables { get; private set; } = [];
    public List<SchemaFacts> Schemas { get; } = [];
    public List<RelationFacts> Relations { get; } = [];

    /// <summary>Functions that mappings call and the role may not, as the server writes them.</summary>
    public List<string> Functions { get; } = [];

    /// <summary>Tables whose deletes and updates would not say columns that a mapping finds its objects by.</summary>
    public SortedDictionary<string, string> LostColumns { get; } = new(StringComparer.Ordinal);

    public List<string> EverybodyMayCreateIn { get; } = [];
    public List<string> Notes { get; } = [];

    // Before the role is there: what everybody may is what it will be able to.
    string Grantee => Role.Exists ? Role.Name : "public";

    public static async Task<AccessFacts> ReadAsync(PostgresSettings settings, IReadOnlyList<MappingSettings> mappings, NpgsqlConnection connection, CancellationToken stop)
    {
        var login = new NpgsqlConnectionStringBuilder(settings.Connection);
        var role = await RoleAsync(connection, login.Username ?? Environment.UserName, stop);
        var facts = new AccessFacts(NpgsqlDataSource.Create(connection.ConnectionString), role, $"cdcsync_{settings.Name}_reads");
        await facts.ServerAsync(connection, login.Database ?? role.Name, stop);
        facts.Tables = await new PostgresSlot(settings, facts.Source).TablesAsync(stop);
        if (facts.Tables.Count == 0) facts.Notes.Add($"No table matches {string.Join(", ", settings.Tables)}: check 'tables', and that this is the right database");
        var made = mappings.Select(m => new ObjectMapping(m, "public")).ToList();
        await facts.RelationsAsync(connection, await facts.ReadsAsync(connection, made, login.SearchPath, stop), stop);
        await facts.IdentitiesAsync(made, stop);
        return facts;
    }

    static async Task<RoleFacts> RoleAsync(NpgsqlConnection connection, string name, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("""
            select rolsuper, rolreplication or rolsuper or exists (select from pg_roles g where g.rolname = 'rds_replication' and pg_has_role(r.oid, g.oid, 'member')), rolcanlogin, rolbypassrls or rolsuper
            from pg_roles r where rolname = $1
            """, connection) { Parameters = { new() { Value = name } } };
        await using var row = await query.ExecuteReaderAsync(stop);
        return await row.ReadAsync(stop) ? new(name, true, row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3)) : new(name, false, false, false, false, false);
    }

    async Task ServerAsync(NpgsqlConnection connection, string database, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("""
            select current_setting('server_version_num')::int, current_database()::text, current_setting('wal_level'), exists (select from pg_roles where rolname = 'rds_replication'),
                   has_database_privilege($1, current_database(), 'connect'),
                   array(select nspname::text from pg_namespace where has_schema_privilege('public', oid, 'create'))
            """, connection) { Parameters = { new() { Value = Grantee } } };
        await using var row = await query.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        (Version, Database, WalLevel, IsRds, MayConnect) = (row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4));
        EverybodyMayCreateIn.AddRange(row.GetFieldValue<string[]>(5));
        if (Database != database)
            throw new SourceException($"The administrator's connection is to database {Database}, 'connection' to {database}: rights and publications belong to a database, so both must name the same");
        foreach (var schema in EverybodyMayCreateIn)
            Notes.Add($"Everybody may create objects in schema {schema} (PostgreSQL's default before 15), so this role may too. If no application relies on it: revoke create on schema {Sql.Identifier(schema)} from public;");
        Notes.Add("REPLICATION lets a role decode any table's changes through a slot of its own, whatever it is granted; no grant narrows that. In pg_hba.conf let it in for this database only, and from this machine only");
    }

    async Task<HashSet<uint>> ReadsAsync(NpgsqlConnection connection, IReadOnlyList<ObjectMapping> mappings, string? searchPath, CancellationToken stop)
    {
        var read = new HashSet<uint>();
        foreach (var mapping in mappings)
        {
            try
            {
                var (relations, functions) = await MappingReads.OfAsync(connection, mapping, searchPath, stop);
                read.UnionWith(relations);
                CalledFunctions.UnionWith(functions);
            }
            catch (PostgresException refused)
            {
                Notes.Add($"Mapping {mapping.Settings.Name}: what it reads cannot be told, the server refuses its SQL ({refused.MessageText}); mend it and run this again for its grants");
            }
        }
        return read;
    }

    async Task RelationsAsync(NpgsqlConnection connection, HashSet<uint> mapped, CancellationToken stop)
    {
        var captured = Tables.Select(t => t.Oid).ToHashSet();
        await using (var query = new NpgsqlCommand("""
            select c.oid, n.nspname::text, c.relname::text, has_table_privilege($1, c.oid, 'select'), c.relrowsecurity
            from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = any($2) and n.nspname not in ('pg_catalog', 'information_schema') order by 2, 3
            """, connection) { Parameters = { new() { Value = Grantee }, Oids([.. captured, .. mapped]) } })
        await using (var rows = await query.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop))
                Relations.Add(new(rows.GetFieldValue<uint>(0), rows.GetString(1), rows.GetString(2), captured.Contains(rows.GetFieldValue<uint>(0)) ? "captured tables" : "relations that mappings look things up in",
                    rows.GetBoolean(3), rows.GetBoolean(4)));
        await using (var query = new NpgsqlCommand("""
            select p.oid::regprocedure::text, n.nspname::text, has_function_privilege($1, p.oid, 'execute') from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where p.oid = any($2) and n.nspname <> 'pg_catalog' order by 1
            """, connection) { Parameters = { new() { Value = Grantee }, Oids([.. CalledFunctions]) } })
        await using (var rows = await query.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop))
            {
                if (!rows.GetBoolean(2)) Functions.Add(rows.GetString(0));
                _functionSchemas.Add(rows.GetString(1));
            }
        await SchemasAsync(connection, stop);
    }

    readonly HashSet<string> _functionSchemas = new(StringComparer.Ordinal);

    async Task SchemasAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand("select nspname::text, has_schema_privilege($1, oid, 'usage') from pg_namespace where nspname = any($2) order by 1", connection)
        {
            Parameters = { new() { Value = Grantee }, new() { Value = Relations.Select(r => r.Schema).Concat(_functionSchemas).Distinct().ToArray() } },
        };
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) Schemas.Add(new(rows.GetString(0), rows.GetBoolean(1)));
    }

    async Task IdentitiesAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop)
    {
        foreach (var affected in mappings.SelectMany(m => m.Affected))
        {
            var identity = await TableIdentity.ReadAsync(Source, affected.Table, stop);
            if (identity is null || identity.Lost(affected) is not { Count: > 0 } lost) continue;
            LostColumns[affected.Table] = LostColumns.TryGetValue(affected.Table, out var others) ? string.Join(", ", others.Split(", ").Union(lost)) : string.Join(", ", lost);
        }
    }

    /// <summary>Tables with row level security of which the role would not surely see every row.</summary>
    public async Task<List<RelationFacts>> HiddenRowsAsync(CancellationToken stop)
    {
        var candidates = Relations.Where(r => r.HasRowSecurity).ToList();
        if (Role.BypassesRowSecurity || candidates.Count == 0) return [];
        await using var query = Source.CreateCommand("""
            select polrelid from pg_policy p where polrelid = any($1) and polpermissive and polcmd in ('r', '*') and pg_get_expr(polqual, polrelid) = 'true'
              and (0 = any(polroles) or exists (select from pg_roles r where r.rolname = $2 and r.oid = any(polroles)))
            """);
        query.Parameters.Add(Oids([.. candidates.Select(c => c.Oid)]));
        query.Parameters.Add(new() { Value = Role.Name });
        var open = new HashSet<uint>();
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) open.Add(rows.GetFieldValue<uint>(0));
        return [.. candidates.Where(c => !open.Contains(c.Oid))];
    }

    public static NpgsqlParameter Oids(uint[] oids) => new() { Value = oids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid };

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
