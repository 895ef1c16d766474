using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using Npgsql;

namespace CdcSync.Sinks.Delivery;

/// <summary>A record a target refused for good.</summary>
/// <param name="Letter">Its number.</param>
/// <param name="Target">Who refused it.</param>
/// <param name="Kind">Which object.</param>
/// <param name="Key">Its canonical key.</param>
/// <param name="Version">Its version.</param>
/// <param name="State"><c>parked</c>, <c>replay</c> (waits to be tried again), <c>resolved</c> or <c>dropped</c>.</param>
/// <param name="Class"><c>refused</c>, <c>retry</c>, <c>conflict</c>, <c>ambiguous</c>, <c>held</c> (waits behind another) or <c>unreadable</c>.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Response">The target's answer, beginning only, secrets masked.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Object">The record; null for a delete.</param>
/// <param name="CommittedAt">When the source committed it.</param>
/// <param name="CorrelationId">Follows it through the logs.</param>
/// <param name="LogPlace">Topic, partition and offset it was read at.</param>
/// <param name="ParkedAt">Since when it lies here.</param>
public sealed record DeadLetter(
    long Letter, string Target, CanonicalKind Kind, CanonicalKey Key, SourcePosition Version, string State, string Class, string Reason, string? Response, int Attempts,
    CanonicalObject? Object, DateTimeOffset CommittedAt, string CorrelationId, string? LogPlace, DateTimeOffset ParkedAt);

/// <summary>The dead letters of all targets, for people: look, try again, give up. A running sink takes up what is to be tried again by itself.</summary>
public sealed class DeadLetters(NpgsqlDataSource store)
{
    const string Columns = """
        select letter, target, object, source, id, version, state, class, reason, response, attempts, payload, committed_at, correlation_id, log_place, parked_at
        from delivery.dead_letter
        """;

    /// <summary>Open letters (parked or waiting to be tried again), oldest first; of one target or, with null, of all.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(string? target, int atMost, CancellationToken stop)
    {
        await using var command = store.CreateCommand($"{Columns} where state in ('parked', 'replay') and ($1::text is null or target = $1) order by letter limit $2");
        command.Parameters.Add(new() { Value = (object?)target ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = atMost });
        return await ReadAsync(command, stop);
    }

    /// <summary>One letter, whatever its state; null when there is none of that number.</summary>
    public async Task<DeadLetter?> ShowAsync(long letter, CancellationToken stop)
    {
        await using var command = store.CreateCommand($"{Columns} where letter = $1");
        command.Parameters.Add(new() { Value = letter });
        return await ReadAsync(command, stop) is [var found, ..] ? found : null;
    }

    /// <summary>Has parked letters tried again by the running sink. Returns how many.</summary>
    /// <param name="target">Of which target.</param>
    /// <param name="letters">These; null for all.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<int> ReplayAsync(string target, IReadOnlyCollection<long>? letters, CancellationToken stop)
    {
        // What waits behind another follows it by itself; bytes that cannot be read cannot be sent.
        await using var command = store.CreateCommand("""
            update delivery.dead_letter set state = 'replay'
            where target = $1 and state = 'parked' and class not in ('held', 'unreadable') and ($2::bigint[] is null or letter = any($2))
            """);
        command.Parameters.Add(new() { Value = target });
        command.Parameters.Add(new() { Value = (object?)letters?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Bigint });
        return await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Gives letters up: they stay readable, and what waited behind them goes on. Returns how many.</summary>
    public async Task<int> DropAsync(string target, IReadOnlyCollection<long> letters, CancellationToken stop)
    {
        var dropped = new List<DeadLetter>();
        foreach (var letter in letters)
            if (await ShowAsync(letter, stop) is { State: "parked" or "replay" } open && open.Target == target) dropped.Add(open);
        if (dropped.Count == 0) return 0;
        var keys = dropped.Select(d => new RecordKey(d.Kind, d.Key)).Distinct().ToList();
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var batch = new NpgsqlBatch(connection);
        var drop = new NpgsqlBatchCommand("update delivery.dead_letter set state = 'dropped', closed_at = now() where letter = any($1)");
        drop.Parameters.Add(new() { Value = dropped.Select(d => d.Letter).ToArray() });
        batch.BatchCommands.Add(drop);
        batch.BatchCommands.Add(LedgerStatements.CountLetters(target, keys));
        batch.BatchCommands.Add(LedgerStatements.ReleaseHeld(target, keys));
        await batch.ExecuteNonQueryAsync(stop);
        return dropped.Count;
    }

    /// <summary>Open letters by target.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken stop)
    {
        await using var command = store.CreateCommand("select target, count(*) from delivery.dead_letter where state in ('parked', 'replay') group by target");
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) counts[rows.GetString(0)] = rows.GetInt64(1);
        return counts;
    }

    /// <summary>Letters of a target that are to be tried again, in the order of their versions.</summary>
    internal async Task<IReadOnlyList<DeadLetter>> ToReplayAsync(string target, IReadOnlyCollection<long> inHand, int atMost, CancellationToken stop)
    {
        await using var command = store.CreateCommand($"{Columns} where target = $1 and state = 'replay' and letter <> all($2) order by version limit $3");
        command.Parameters.Add(new() { Value = target });
        command.Parameters.Add(new() { Value = inHand.ToArray() });
        command.Parameters.Add(new() { Value = atMost });
        return await ReadAsync(command, stop);
    }

    static async Task<IReadOnlyList<DeadLetter>> ReadAsync(NpgsqlCommand command, CancellationToken stop)
    {
        var found = new List<DeadLetter>();
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            var kind = CanonicalCatalog.Find(row.GetString(2))!;
            var value = row.IsDBNull(11) ? null : (CanonicalObject?)JsonSerializer.Deserialize(row.GetString(11), kind.Type, CanonicalJson.Default);
            found.Add(new(row.GetInt64(0), row.GetString(1), kind, new(row.GetString(3), row.GetString(4)), Ledger.Version(row, 5)!.Value, row.GetString(6), row.GetString(7),
                row.GetString(8), row.IsDBNull(9) ? null : row.GetString(9), row.GetInt32(10), value, row.GetFieldValue<DateTimeOffset>(12), row.GetString(13),
                row.IsDBNull(14) ? null : row.GetString(14), row.GetFieldValue<DateTimeOffset>(15)));
        }
        return found;
    }
}
