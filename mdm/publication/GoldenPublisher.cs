using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Publication;

/// <summary>
/// Moves the outbox into the golden, xref, review and moves topics. The producer's bookmark in the log is the last outbox id that was appended, committed with the records: what a crash
/// left in the outbox after an append is known by it and not appended again.
/// </summary>
public sealed class GoldenPublisher : IAsyncDisposable
{
    const string Producer = "mdm";
    const int AtMost = 2000;

    readonly NpgsqlDataSource _store;
    readonly CanonicalRecords _records;
    readonly ILogWriter _writer;
    readonly LogBatch _batch = new();

    GoldenPublisher(NpgsqlDataSource store, CanonicalRecords records, ILogWriter writer) => (_store, _records, _writer) = (store, records, writer);

    long Appended => (long)(_writer.Bookmark?.Position.Commit ?? 0);

    /// <summary>Makes sure of the topics, takes over as the one producer and makes the outbox what the log has yet to get.</summary>
    public static async Task<GoldenPublisher> OpenAsync(NpgsqlDataSource store, IEventLog log, CanonicalRecords records, int partitions, CancellationToken stop)
    {
        foreach (var kind in Clustering.GoldenIds.Kinds) await log.EnsureTopicAsync(new TopicSettings(kind.MovesTopic, partitions), stop);
        foreach (var kind in Clustering.GoldenIds.Kinds)
            foreach (var topic in new[] { kind.GoldenTopic, kind.XrefTopic, kind.ReviewTopic })
                await log.EnsureTopicAsync(new TopicSettings(topic, partitions, Compact: true), stop);
        var publisher = new GoldenPublisher(store, records, await log.OpenWriterAsync(Producer, stop));
        try
        {
            await publisher.TakeOverAsync(stop);
            return publisher;
        }
        catch
        {
            await publisher.DisposeAsync();
            throw;
        }
    }

    /// <summary>Appends all that waits; returns how many records that were.</summary>
    public async Task<int> PublishAsync(CancellationToken stop)
    {
        var published = 0;
        for (var letters = await WaitingAsync(stop); letters.Count > 0; letters = await WaitingAsync(stop))
        {
            _batch.Clear();
            foreach (var letter in letters) await AddAsync(letter, stop);
            await _writer.AppendAsync(_batch, new Bookmark(PositionOf(letters[^1].Id)), stop);
            await ClearAsync(letters[^1].Id, stop);
            published += letters.Count;
        }
        return published;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    sealed record Letter(long Id, string Topic, CanonicalKey Key, string? Body, DateTimeOffset CommittedAt, string CorrelationId);

    async Task TakeOverAsync(CancellationToken stop)
    {
        if (_writer.Bookmark is null) await Restatement.RunAsync(_store, stop);
        await ClearAsync(Appended, stop);
        // A store made anew or restored beside an older log counts on from the log's last id, so that versions in the topics never go back, and reads everything again.
        await using var connection = await _store.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(
            """
            with behind as (
                select setval(sequence, $1) from (select pg_get_serial_sequence('mdm.outbox', 'id')::regclass as sequence) s
                where coalesce(pg_sequence_last_value(sequence), 0) < $1 and $1 > 0)
            update mdm.reader set name = default where exists (select from behind)
            """,
            stop, Appended);
    }

    async Task<List<Letter>> WaitingAsync(CancellationToken stop)
    {
        await using var connection = await _store.OpenConnectionAsync(stop);
        return await connection.ReadAsync(
            "select id, topic, source, source_id, body::text, committed_at, correlation_id from mdm.outbox where id > $1 order by id limit $2",
            row => new Letter(row.GetInt64(0), row.GetString(1), new CanonicalKey(row.GetString(2), row.GetString(3)), row.IsDBNull(4) ? null : row.GetString(4),
                row.GetFieldValue<DateTimeOffset>(5), row.GetString(6)),
            stop, Appended, AtMost);
    }

    async Task AddAsync(Letter letter, CancellationToken stop)
    {
        var version = PositionOf(letter.Id);
        if (letter.Body is null)
        {
            await _records.WriteDeleteAsync(_batch, letter.Topic, letter.Key, version, letter.CommittedAt, letter.CorrelationId, stop);
            return;
        }
        var value = Sql.Object(CanonicalCatalog.OfTopic(letter.Topic)!, letter.Body);
        await _records.WriteAsync(_batch, letter.Topic, value with { Version = version.ToString(), CommittedAt = letter.CommittedAt, CorrelationId = letter.CorrelationId }, stop);
    }

    async Task ClearAsync(long upTo, CancellationToken stop)
    {
        await using var connection = await _store.OpenConnectionAsync(stop);
        await connection.ExecuteAsync("delete from mdm.outbox where id <= $1", stop, upTo);
    }

    static SourcePosition PositionOf(long id) => new((UInt128)id, 0);
}
