using System.Text.Json;
using CdcSync.Contract.Canonical;
using Npgsql;
using NpgsqlTypes;

namespace CdcSync.Sinks.Delivery;

/// <summary>The statements that close deliveries: each takes a whole batch as arrays.</summary>
internal static class LedgerStatements
{
    public static NpgsqlBatchCommand Confirm(string target, IReadOnlyList<Confirmation> done)
    {
        var command = For("""
            update delivery.ledger l set delivered = v, delivered_offset = o2, fingerprint = f, gone = g, target_key = coalesce(k, target_key), target_id = case when g then null else coalesce(t, target_id) end,
                delivered_at = now(), intent = null, intent_key = null, intent_owner = null
            from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::bytea[], $8::boolean[], $9::text[], $10::text[]) r(o, s, i, v, o2, f, g, k, t)
            where l.target = $1 and l.object = o and l.source = s and l.id = i and (l.delivered is null or l.delivered <= v)
            """, target, done.Select(c => c.Record));
        command.Parameters.Add(new() { Value = done.Select(c => Versions.ToBytes(c.Version)).ToArray() });
        command.Parameters.Add(new() { Value = done.Select(c => c.Offset).ToArray() });
        command.Parameters.Add(new() { Value = done.Select(c => c.Fingerprint).ToArray() });
        command.Parameters.Add(new() { Value = done.Select(c => c.Gone).ToArray() });
        command.Parameters.Add(Texts(done.Select(c => c.TargetKey)));
        command.Parameters.Add(Texts(done.Select(c => c.TargetId)));
        return command;
    }

    /// <summary>A delivered version closes its own letter; that of a state object closes older ones too.</summary>
    public static NpgsqlBatchCommand ResolveLetters(string target, IReadOnlyList<Confirmation> done)
    {
        var command = For("""
            update delivery.dead_letter d set state = 'resolved', closed_at = now()
            from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::boolean[]) r(o, s, i, v, document)
            where d.target = $1 and d.object = o and d.source = s and d.id = i and d.state in ('parked', 'replay') and (d.version = v or (d.version < v and not document))
            """, target, done.Select(c => c.Record));
        command.Parameters.Add(new() { Value = done.Select(c => Versions.ToBytes(c.Version)).ToArray() });
        command.Parameters.Add(new() { Value = done.Select(c => c.Record.Kind.IsDocument).ToArray() });
        return command;
    }

    /// <summary>Documents that waited behind a parked one go on, one after the other.</summary>
    public static NpgsqlBatchCommand ReleaseHeld(string target, IEnumerable<RecordKey> keys) => For("""
        update delivery.dead_letter d set state = 'replay' from unnest($2::text[], $3::text[], $4::text[]) r(o, s, i)
        where d.target = $1 and d.object = o and d.source = s and d.id = i and d.state = 'parked' and d.class = 'held'
            and not exists (select from delivery.dead_letter e where e.target = $1 and e.object = o and e.source = s and e.id = i and e.version < d.version and e.state = 'parked' and e.class <> 'held')
        """, target, keys);

    public static NpgsqlBatchCommand CountLetters(string target, IEnumerable<RecordKey> keys) => For("""
        update delivery.ledger l set parked = (select version from delivery.dead_letter d
            where d.target = $1 and d.object = o and d.source = s and d.id = i and d.state in ('parked', 'replay') order by version desc limit 1)
        from unnest($2::text[], $3::text[], $4::text[]) r(o, s, i) where l.target = $1 and l.object = o and l.source = s and l.id = i
        """, target, keys);

    public static NpgsqlBatchCommand Park(string target, IReadOnlyList<Parking> parked)
    {
        var command = For("""
            with refused as (
                select * from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[], $9::int[], $10::text[], $11::timestamptz[], $12::text[], $13::text[])
                    r(o, s, i, v, c, why, answer, tries, payload, at, correlation, place)),
            closed as (   -- what may have happened stays open: it is looked up before it is tried again
                update delivery.ledger l set intent = null, intent_key = null, intent_owner = null from refused
                where l.target = $1 and l.object = o and l.source = s and l.id = i and c not in ('ambiguous', 'retry', 'held'))
            insert into delivery.dead_letter as d (target, object, source, id, version, state, class, reason, response, attempts, payload, committed_at, correlation_id, log_place)
            select $1, o, s, i, v, 'parked', c, why, answer, tries, payload, at, correlation, place from refused
            on conflict (target, object, source, id, version) do update
                set state = 'parked', class = excluded.class, reason = excluded.reason, response = excluded.response, attempts = d.attempts + excluded.attempts, closed_at = null
            """, target, parked.Select(p => p.Record));
        command.Parameters.Add(new() { Value = parked.Select(p => Versions.ToBytes(p.Version)).ToArray() });
        command.Parameters.Add(Texts(parked.Select(p => p.Class)));
        command.Parameters.Add(Texts(parked.Select(p => Stored(p.Reason))));
        command.Parameters.Add(Texts(parked.Select(p => Stored(p.Response))));
        command.Parameters.Add(new() { Value = parked.Select(p => p.Attempts).ToArray() });
        command.Parameters.Add(Texts(parked.Select(p => p.Object is null ? null : JsonSerializer.Serialize(p.Object, p.Record.Kind.Type, CanonicalJson.Default))));
        command.Parameters.Add(new() { Value = parked.Select(p => p.CommittedAt.ToUniversalTime()).ToArray() });
        command.Parameters.Add(Texts(parked.Select(p => p.CorrelationId)));
        command.Parameters.Add(Texts(parked.Select(p => p.LogPlace)));
        return command;
    }

    /// <summary>A newer refusal of a state object takes the place of older ones.</summary>
    public static NpgsqlBatchCommand Supersede(string target, IReadOnlyList<Parking> parked)
    {
        var states = parked.Where(p => !p.Record.Kind.IsDocument).ToList();
        var command = For("""
            update delivery.dead_letter d set state = 'resolved', closed_at = now() from unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) r(o, s, i, v)
            where d.target = $1 and d.object = o and d.source = s and d.id = i and d.state in ('parked', 'replay') and d.version < v
            """, target, states.Select(p => p.Record));
        command.Parameters.Add(new() { Value = states.Select(p => Versions.ToBytes(p.Version)).ToArray() });
        return command;
    }

    static NpgsqlBatchCommand For(string sql, string target, IEnumerable<RecordKey> keys)
    {
        var command = new NpgsqlBatchCommand(sql);
        Ledger.AddKeys(command.Parameters, target, keys);
        return command;
    }

    static NpgsqlParameter Texts(IEnumerable<string?> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    // PostgreSQL stores no NUL in text, and a refusal may be about one.
    static string? Stored(string? text) => text?.Replace('\0', '\uFFFD');
}
