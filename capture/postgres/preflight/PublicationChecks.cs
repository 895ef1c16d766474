using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>What is published, and what should be.</summary>
sealed class PublicationChecks(PostgresSettings settings, NpgsqlDataSource source, IReadOnlyList<WantedTable> tables, Findings findings)
{
    public async Task RunAsync(CancellationToken stop)
    {
        foreach (var keyed in (bool[])[true, false])
        {
            var part = tables.Where(t => t.HasKey == keyed).ToList();
            if (part.Count == 0) continue;
            var name = keyed ? settings.PublicationName : settings.InsertPublicationName;
            var publication = await PublicationFacts.ReadAsync(source, name, stop);
            await MissingAsync(name, keyed, publication, [.. part.Where(t => !t.Published)], stop);
            if (publication is not null) await ShapeAsync(publication, keyed, stop);
        }
    }

    async Task MissingAsync(string name, bool keyed, PublicationFacts? publication, IReadOnlyList<WantedTable> missing, CancellationToken stop)
    {
        if (missing.Count == 0)
        {
            findings.Pass($"Publication {name} has its tables");
            return;
        }
        var sql = (publication is null ? PostgresSlot.CreateSql(name, missing, keyed) : PostgresSlot.AddSql(name, missing)) + ";";
        var (names, own) = (Findings.Some([.. missing.Select(t => t.FullName)]), await new PostgresSlot(settings, source).MayPublishAsync(missing, stop));
        if (own) findings.Warn($"{missing.Count} tables are not published yet ({names}); `run` publishes them", sql);
        else findings.Fail($"{missing.Count} tables are not published ({names}), and this role may not publish them, for it does not own them", sql + " -- by their owner; or: cdcsync enable " + settings.Name + " --print");
    }

    async Task ShapeAsync(PublicationFacts publication, bool keyed, CancellationToken stop)
    {
        var quoted = Sql.Identifier(publication.Name);
        if (!publication.ViaRoot && await HasPartitionsAsync(stop))
            findings.Fail($"Publication {publication.Name} sends partitions under their own names; existing rows would come under the root's", $"alter publication {quoted} set (publish_via_partition_root = true);");
        if (keyed && !(publication.Insert && publication.Update && publication.Delete))
            findings.Fail($"Publication {publication.Name} does not publish {publication.Missing}", $"alter publication {quoted} set (publish = 'insert, update, delete, truncate');");
        else if (keyed && !publication.Truncate)
            findings.Warn($"Publication {publication.Name} does not publish truncate: a truncated table seems to keep its rows", $"alter publication {quoted} set (publish = 'insert, update, delete, truncate');");
        if (!keyed && !publication.Insert) findings.Fail($"Publication {publication.Name} does not publish insert", $"alter publication {quoted} set (publish = 'insert');");
        foreach (var remark in publication.Remarks(tables)) findings.Warn(remark);
        if (publication.AllTables && tables.Any(t => !t.HasKey))
            findings.Warn($"Publication {publication.Name} is for all tables, among them some without key: the server refuses their updates and deletes", "Give them a key or replica identity full, or publish tables by name");
    }

    async Task<bool> HasPartitionsAsync(CancellationToken stop)
    {
        await using var query = source.CreateCommand("select exists (select from pg_class where oid = any($1) and relkind = 'p')");
        query.Parameters.Add(AccessFacts.Oids([.. tables.Select(t => t.Oid)]));
        return await query.ExecuteScalarAsync(stop) is true;
    }
}
