using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using Npgsql;

namespace CdcSync.Sinks.Delivery;

/// <summary>
/// What a target has of each key, written round each call: what is about to be sent, then what was confirmed. It never goes back to an older version. Every write is one
/// round trip for a whole batch, in key order, so that two writers do not lock each other out.
/// </summary>
internal sealed class Ledger(NpgsqlDataSource store, string target, string owner)
{
    // Longer than a call and the pause after it: a process that died must not hold its keys for ever.
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);

    /// <summary>Notes the newest version read of each key; returns what the ledger has of it.</summary>
    public async Task<Dictionary<RecordKey, LedgerRow>> SeeAsync(IReadOnlyCollection<(RecordKey Record, SourcePosition Version)> read, CancellationToken stop)
    {
        var ordered = read.OrderBy(r => r.Record.Kind.Name, StringComparer.Ordinal).ThenBy(r => r.Record.Key.Source, StringComparer.Ordinal)
            .ThenBy(r => r.Record.Key.Id, StringComparer.Ordinal).ToList();
        await using var command = store.CreateCommand("""
            insert into delivery.ledger as l (target, object, source, id, seen)
            select $1, o, s, i, v from unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) r(o, s, i, v)
            on conflict (target, object, source, id) do update set seen = greatest(l.seen, excluded.seen)
            returning object, source, id, delivered, delivered_offset, fingerprint, gone, target_key, target_id, intent, intent_key, parked
            """);
        AddKeys(command.Parameters, target, ordered.Select(r => r.Record));
        command.Parameters.Add(new() { Value = ordered.Select(r => Versions.ToBytes(r.Version)).ToArray() });
        return await RowsAsync(command, stop);
    }

    /// <summary>What the ledger has of these keys; absent ones were never seen.</summary>
    public async Task<Dictionary<RecordKey, LedgerRow>> ReadAsync(IReadOnlyCollection<RecordKey> keys, CancellationToken stop)
    {
        await using var command = store.CreateCommand("""
            select object, source, id, delivered, delivered_offset, fingerprint, gone, target_key, target_id, intent, intent_key, parked
            from delivery.ledger join unnest($2::text[], $3::text[], $4::text[]) r(o, s, i) on target = $1 and object = o and source = s and id = i
            """);
        AddKeys(command.Parameters, target, keys);
        return await RowsAsync(command, stop);
    }

    /// <summary>Notes what is about to be sent; returns the keys for which that is right: nothing newer was delivered and nobody else is sending.</summary>
    public async Task<HashSet<RecordKey>> IntendAsync(IReadOnlyCollection<Parcel> deliveries, CancellationToken stop)
    {
        var ordered = deliveries.OrderBy(d => d.Kind.Name, StringComparer.Ordinal).ThenBy(d => d.Key.Source, StringComparer.Ordinal).ThenBy(d => d.Key.Id, StringComparer.Ordinal).ToList();
        await using var command = store.CreateCommand("""
            with wanted as (
                select l.ctid at, v, k from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[]) r(o, s, i, v, k)
                join delivery.ledger l on l.target = $1 and l.object = o and l.source = s and l.id = i
                where (l.delivered is null or l.delivered <= v) and (l.intent is null or l.intent_owner = $7 or l.intent_at < now() - $8)
                order by o collate "C", s collate "C", i collate "C" for update of l)
            update delivery.ledger l set intent = v, intent_key = k, intent_owner = $7, intent_at = now() from wanted where l.ctid = at
            returning l.object, l.source, l.id
            """);
        AddKeys(command.Parameters, target, ordered.Select(d => new RecordKey(d.Kind, d.Key)));
        command.Parameters.Add(new() { Value = ordered.Select(d => Versions.ToBytes(d.Version)).ToArray() });
        command.Parameters.Add(new() { Value = ordered.Select(d => d.TargetKey).ToArray() });
        command.Parameters.Add(new() { Value = owner });
        command.Parameters.Add(new() { Value = Lease });
        var accepted = new HashSet<RecordKey>();
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) accepted.Add(KeyOf(rows));
        return accepted;
    }

    /// <summary>Of these keys at the target, those that belong to another record now: removing them would remove that one.</summary>
    public async Task<HashSet<string>> TakenByOthersAsync(CanonicalKind kind, IReadOnlyCollection<(string TargetKey, CanonicalKey Key)> keys, CancellationToken stop)
    {
        await using var command = store.CreateCommand("""
            select k from unnest($3::text[], $4::text[], $5::text[]) r(k, s, i) where exists (
                select from delivery.ledger l where target = $1 and object = $2 and target_key = k and not gone and delivered is not null and (source, id) <> (s, i))
            """);
        command.Parameters.Add(new() { Value = target });
        command.Parameters.Add(new() { Value = kind.Name });
        command.Parameters.Add(new() { Value = keys.Select(k => k.TargetKey).ToArray() });
        command.Parameters.Add(new() { Value = keys.Select(k => k.Key.Source).ToArray() });
        command.Parameters.Add(new() { Value = keys.Select(k => k.Key.Id).ToArray() });
        var taken = new HashSet<string>(StringComparer.Ordinal);
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) taken.Add(rows.GetString(0));
        return taken;
    }

    /// <summary>Writes confirmed and parked records, all or none.</summary>
    public async Task CloseAsync(IReadOnlyCollection<Confirmation> confirmed, IReadOnlyCollection<Parking> parked, CancellationToken stop)
    {
        if (confirmed.Count + parked.Count == 0) return;
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var batch = new NpgsqlBatch(connection);
        if (confirmed.Count > 0) batch.BatchCommands.Add(LedgerStatements.Confirm(target, [.. confirmed]));
        if (confirmed.Where(c => c.HadLetters).ToList() is { Count: > 0 } healed)
        {
            batch.BatchCommands.Add(LedgerStatements.ResolveLetters(target, healed));
            batch.BatchCommands.Add(LedgerStatements.CountLetters(target, healed.Select(c => c.Record)));
            batch.BatchCommands.Add(LedgerStatements.ReleaseHeld(target, healed.Select(c => c.Record)));
        }
        if (parked.Count > 0)
        {
            batch.BatchCommands.Add(LedgerStatements.Park(target, [.. parked]));
            batch.BatchCommands.Add(LedgerStatements.Supersede(target, [.. parked]));
            batch.BatchCommands.Add(LedgerStatements.CountLetters(target, parked.Select(p => p.Record)));
        }
        await batch.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Gives up what was intended and did not happen.</summary>
    public async Task WithdrawAsync(RecordKey record, CancellationToken stop)
    {
        await using var command = store.CreateCommand("""
            update delivery.ledger set intent = null, intent_key = null, intent_owner = null
            where target = $1 and object = $2 and source = $3 and id = $4 and intent_owner = $5
            """);
        foreach (var value in new[] { target, record.Kind.Name, record.Key.Source, record.Key.Id, owner }) command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Adds $1 to $4: target, objects, sources, ids.</summary>
    internal static void AddKeys(NpgsqlParameterCollection parameters, string target, IEnumerable<RecordKey> keys)
    {
        var list = keys.ToList();
        parameters.Add(new() { Value = target });
        parameters.Add(new() { Value = list.Select(k => k.Kind.Name).ToArray() });
        parameters.Add(new() { Value = list.Select(k => k.Key.Source).ToArray() });
        parameters.Add(new() { Value = list.Select(k => k.Key.Id).ToArray() });
    }

    static RecordKey KeyOf(NpgsqlDataReader row) => new(CanonicalCatalog.Find(row.GetString(0))!, new CanonicalKey(row.GetString(1), row.GetString(2)));

    static async Task<Dictionary<RecordKey, LedgerRow>> RowsAsync(NpgsqlCommand command, CancellationToken stop)
    {
        var found = new Dictionary<RecordKey, LedgerRow>();
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            found[KeyOf(row)] = new LedgerRow
            {
                Delivered = Version(row, 3),
                DeliveredOffset = row.IsDBNull(4) ? null : row.GetInt64(4),
                Fingerprint = row.IsDBNull(5) ? null : (byte[])row[5],
                Gone = row.GetBoolean(6),
                TargetKey = row.IsDBNull(7) ? null : row.GetString(7),
                TargetId = row.IsDBNull(8) ? null : row.GetString(8),
                Intent = Version(row, 9),
                IntentKey = row.IsDBNull(10) ? null : row.GetString(10),
                Parked = Version(row, 11),
            };
        return found;
    }

    internal static SourcePosition? Version(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : Versions.FromBytes((byte[])row[column]);
}
