using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Survivorship;

/// <summary>The pins in the store.</summary>
static class PinTable
{
    /// <summary>The pins in force on these records, and the acts that took pins off (those have no value).</summary>
    public static Task<List<Pin>> ReadAsync(NpgsqlConnection connection, string kind, IReadOnlyCollection<CanonicalKey> records, DateTimeOffset now, CancellationToken stop) =>
        connection.ReadAsync(
            """
            select p.act_id, p.source, p.source_id, p.attribute, p.value::text, p.until, a.by_whom, a.at, a.why
            from unnest($2::text[], $3::text[]) as k(source, id)
            join mdm.pin p on p.kind = $1 and (p.source, p.source_id) = (k.source, k.id)
            join mdm.act a on a.id = p.act_id and a.undone_by is null
            where p.until is null or p.until > $4
            order by p.act_id
            """,
            row => new Pin(row.GetInt64(0), new CanonicalKey(row.GetString(1), row.GetString(2)), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4),
                row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5), row.GetString(6), row.GetFieldValue<DateTimeOffset>(7), row.GetString(8)),
            stop, kind, records.Select(r => r.Source).ToArray(), records.Select(r => r.Id).ToArray(), now.UtcDateTime);
}
