using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Decisions;

/// <summary>The values that people pinned.</summary>
static class PinActs
{
    public static Task AddAsync(NpgsqlConnection connection, string kind, long act, PinnedValue pin, CancellationToken stop) => connection.ExecuteAsync(
        "insert into mdm.pin (act_id, kind, source, source_id, attribute, value, until) values ($1, $2, $3, $4, $5, $6::json, $7)",
        stop, act, kind, pin.Record.Source, pin.Record.Id, pin.Attribute, pin.Value, pin.Until is { } until ? until.UtcDateTime : DBNull.Value);

    /// <summary>The acts in force that pin an attribute for any of these records.</summary>
    public static Task<List<long>> InForceAsync(NpgsqlConnection connection, string kind, string attribute, IReadOnlyCollection<CanonicalKey> of, CancellationToken stop) => connection.ReadAsync(
        """
        select p.act_id from mdm.pin p join mdm.act a on a.id = p.act_id and a.undone_by is null
        join unnest($3::text[], $4::text[]) as k(source, id) on (p.source, p.source_id) = (k.source, k.id) where p.kind = $1 and p.attribute = $2
        """,
        row => row.GetInt64(0), stop, kind, attribute, of.Select(k => k.Source).ToArray(), of.Select(k => k.Id).ToArray());

    /// <summary>The records that acts pinned values of.</summary>
    public static Task<List<CanonicalKey>> RecordsAsync(NpgsqlConnection connection, IReadOnlyCollection<long> acts, CancellationToken stop) => connection.ReadAsync(
        "select source, source_id from mdm.pin where act_id = any($1)", row => new CanonicalKey(row.GetString(0), row.GetString(1)), stop, acts.ToArray());

    /// <summary>Pins whose time is over and that nobody took back: by kind.</summary>
    public static Task<List<(string Kind, long Act)>> ExpiredAsync(NpgsqlConnection connection, CancellationToken stop) => connection.ReadAsync(
        "select p.kind, p.act_id from mdm.pin p join mdm.act a on a.id = p.act_id and a.undone_by is null where p.until <= now() order by p.act_id", row => (row.GetString(0), row.GetInt64(1)), stop);
}
