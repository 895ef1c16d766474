using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>A publication as the server has it.</summary>
/// <param name="Tables">Its tables, as <c>schema.name</c>.</param>
/// <param name="Filtered">Those of which some rows are left out.</param>
/// <param name="Narrowed">Those of which some columns are left out.</param>
sealed record PublicationFacts(
    string Name, string Owner, bool AllTables, bool ViaRoot, bool Insert, bool Update, bool Delete, bool Truncate,
    IReadOnlySet<string> Tables, IReadOnlyList<string> Filtered, IReadOnlyList<string> Narrowed)
{
    public bool PublishesAll => Insert && Update && Delete && Truncate;

    /// <summary>What it does not publish.</summary>
    public string Missing => string.Join(", ", new[] { ("insert", Insert), ("update", Update), ("delete", Delete), ("truncate", Truncate) }.Where(o => !o.Item2).Select(o => o.Item1));

    /// <summary>What somebody has decided otherwise, and only a person should change.</summary>
    public IEnumerable<string> Remarks(IReadOnlyList<WantedTable> tables)
    {
        foreach (var table in Filtered) yield return $"Publication {Name} leaves out rows of {table} (a row filter): they never arrive, and existing rows of them do. Drop the filter: alter publication {Sql.Identifier(Name)} set table ...";
        foreach (var table in Narrowed) yield return $"Publication {Name} leaves out columns of {table} (a column list): the stream lacks what the snapshot has";
        if (!AllTables && ViaRoot && Tables.Except(tables.Select(t => t.FullName)).ToList() is { Count: > 0 } others)
            yield return $"Publication {Name} also has {others.Count} tables that 'tables' does not name ({string.Join(", ", others.Take(5))}): the server sends them for nothing";
        if (AllTables) yield return $"Publication {Name} is for all tables: the server sends also what 'tables' does not name, and refuses updates of tables without key";
    }

    public static async Task<PublicationFacts?> ReadAsync(NpgsqlDataSource source, string name, CancellationToken stop)
    {
        // Column lists and row filters are there from version 15 on.
        await using var query = source.CreateCommand("""
            select p.pubowner::regrole::text, p.puballtables, p.pubviaroot, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
                   array(select t.schemaname || '.' || t.tablename from pg_publication_tables t where t.pubname = p.pubname),
                   array(select n.nspname || '.' || c.relname from pg_publication_rel r join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
                         where r.prpubid = p.oid and to_jsonb(r) ->> 'prqual' is not null),
                   array(select n.nspname || '.' || c.relname from pg_publication_rel r join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
                         where r.prpubid = p.oid and to_jsonb(r) ->> 'prattrs' is not null)
            from pg_publication p where p.pubname = $1
            """);
        query.Parameters.Add(new() { Value = name });
        await using var row = await query.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop)) return null;
        return new PublicationFacts(name, row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5), row.GetBoolean(6),
            row.GetFieldValue<string[]>(7).ToHashSet(StringComparer.Ordinal), row.GetFieldValue<string[]>(8), row.GetFieldValue<string[]>(9));
    }
}
