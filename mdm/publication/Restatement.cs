using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Publication;

/// <summary>Puts the whole state in place of what waits to be published: for a log that has none of it, one that was replaced.</summary>
static class Restatement
{
    static readonly string Golden =
        $"""
        insert into mdm.outbox (topic, source, source_id, body, committed_at, correlation_id)
        select 'golden.' || kind, 'golden', {GoldenId("kind", "id")}, body, changed_at, 'mdm:restatement' from mdm.golden order by id
        """;

    static readonly string Xref =
        $"""
        insert into mdm.outbox (topic, source, source_id, body, committed_at, correlation_id)
        select 'xref.' || x.kind, x.source, x.source_id, json_build_object('source', x.source, 'source_id', x.source_id, 'golden_id', {GoldenId("x.kind", "x.to_id")}), x.at, 'mdm:restatement'
        from (
            select kind, source, source_id, golden_id as to_id, committed_at as at, id from mdm.record where golden_id is not null
            union all
            select kind, 'golden', {GoldenId("kind", "from_id")}, to_id, at, from_id from mdm.redirect) x
        order by x.source = 'golden', x.id
        """;

    const string Review =
        """
        insert into mdm.outbox (topic, source, source_id, body, committed_at, correlation_id)
        select 'review.' || v.kind, 'review', v.id::text, json_build_object('source', 'review', 'source_id', v.id::text, 'reason', v.reason, 'record_source', r.source, 'record_id', r.source_id,
            'other_source', o.source, 'other_id', o.source_id, 'probability', round((1 / (1 + power(2::float8, -v.bits)))::numeric, 6), 'cost', v.cost, 'note', v.note, 'since', v.since), v.since, 'mdm:restatement'
        from mdm.review v join mdm.record r on r.id = v.one left join mdm.record o on o.id = v.other order by v.id
        """;

    public static async Task RunAsync(NpgsqlDataSource store, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await connection.LockGoldenRecordsAsync(stop);
        await connection.ExecuteAsync("delete from mdm.outbox", stop);
        await connection.ExecuteAsync(Golden, stop);
        await connection.ExecuteAsync(Xref, stop);
        await connection.ExecuteAsync(Review, stop);
        await transaction.CommitAsync(stop);
    }

    // As GoldenIds.Text writes it.
    static string GoldenId(string kind, string id) => $"upper(left({kind}, 1)) || lpad({id}::text, greatest(8, length({id}::text)), '0')";
}
