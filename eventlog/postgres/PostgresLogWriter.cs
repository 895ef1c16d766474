using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;
using Npgsql;
using static CdcSync.EventLog.Postgres.StoreSession;

namespace CdcSync.EventLog.Postgres;

/// <summary>
/// One transaction an append: lock the producer (is it still ours?) and the heads of the partitions, COPY, move heads and bookmark, notify. Heads are locked in the order
/// of their ids, so producers that share topics wait for each other and never in a circle; only one in parts may meet another so, and the store then fails one of the two.
/// </summary>
sealed class PostgresLogWriter : ILogWriter
{
    const long Unlocked = -1;
    readonly NpgsqlConnection _connection;
    readonly PostgresTopics _topics;
    readonly string _producer;
    readonly long _epoch;
    readonly byte[] _chunk = new byte[64 * 1024];
    readonly SortedDictionary<int, long> _heads = [];     // of the append at work: partition id -> next offset
    int[] _partitions = new int[1024];                    // of the batch at work: record -> partition id
    NpgsqlTransaction? _open;                             // of the append at work
    AppendCount _count;
    string? _ended;

    PostgresLogWriter(NpgsqlConnection connection, PostgresTopics topics, string producer, long epoch, Bookmark? bookmark) =>
        (_connection, _topics, _producer, _epoch, Bookmark) = (connection, topics, producer, epoch, bookmark);

    public Bookmark? Bookmark { get; private set; }

    public static async Task<ILogWriter> OpenAsync(NpgsqlDataSource store, PostgresTopics topics, string producer, ILogger logger, CancellationToken stop)
    {
        var connection = await StoreSession.OpenAsync(store, "writer", stop);
        try
        {
            var (epoch, bookmark) = await WriterTakeover.TakeAsync(connection, producer, logger, stop);
            return new PostgresLogWriter(connection, topics, producer, epoch, bookmark);
        }
        catch (Exception failed)
        {
            await connection.DisposeAsync();
            if (PostgresLogErrors.IsStore(failed)) throw PostgresLogErrors.Explain($"open a writer for '{producer}'", failed);
            throw;
        }
    }

    public static Bookmark? ReadBookmark(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : new Bookmark(SourcePosition.Parse(row.GetString(column)), row.IsDBNull(column + 1) ? null : row.GetString(column + 1));

    public async Task AppendAsync(LogBatch batch, Bookmark bookmark, CancellationToken stop)
    {
        await WriteAsync(batch, bookmark, stop);
        Bookmark = bookmark;
        LogMeter.Appended(_producer, _count);
        _count = default;
    }

    public Task AppendPartAsync(LogBatch batch, CancellationToken stop) => WriteAsync(batch, bookmark: null, stop);

    async Task WriteAsync(LogBatch batch, Bookmark? bookmark, CancellationToken stop)
    {
        if (_ended is not null) throw new EventLogException($"This writer of '{_producer}' has ended ({_ended}). Open a fresh one; its bookmark shows what is durable.");
        var started = Stopwatch.GetTimestamp();
        try
        {
            await RouteAsync(batch, stop);
            _open ??= await _connection.BeginTransactionAsync(stop);
            await LockAsync(stop);
            if (batch.Count > 0) await CopyAsync(batch, stop);
            if (bookmark is not null)
            {
                await FinishAsync(bookmark, stop);
                await _open.CommitAsync(CancellationToken.None);     // from here on there is no half: cancelled, we would not know
                await EndAsync();
            }
        }
        catch (Exception failed)
        {
            LogMeter.AppendFailed(_producer);
            _ended = failed.Message;
            await EndAsync();
            if (PostgresLogErrors.IsStore(failed)) throw PostgresLogErrors.Explain($"append {batch.Count} records of '{_producer}'", failed);
            throw;
        }
        _count = _count.With(batch, Stopwatch.GetElapsedTime(started));
    }

    // Rolls back what was not committed.
    async ValueTask EndAsync()
    {
        if (_open is { } open) await open.DisposeAsync();
        _open = null;
        _heads.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        _ended ??= "it was closed";
        await EndAsync();
        await _connection.DisposeAsync();
    }

    async ValueTask RouteAsync(LogBatch batch, CancellationToken stop)
    {
        if (_partitions.Length < batch.Count) _partitions = new int[batch.Count * 2];
        TopicRoute? route = null;
        var last = -1;
        for (var i = 0; i < batch.Count; i++)
        {
            var entry = batch.Entries[i];
            if (!ReferenceEquals(route?.Name, entry.Topic) && route?.Name != entry.Topic) route = await _topics.FindOrMakeAsync(entry.Topic, stop);
            var partition = route!.Choose(batch, entry);
            _partitions[i] = partition;
            if (partition == last) continue;
            _heads.TryAdd(partition, Unlocked);
            last = partition;
        }
    }

    async Task LockAsync(CancellationToken stop)
    {
        await using var locks = new NpgsqlBatch(_connection)
        {
            BatchCommands =
            {
                new("select epoch from log.producer where name = $1 for update") { Parameters = { Value(_producer) } },
                new("select id, next from log.partition where id = any($1) order by id for update") { Parameters = { Value(_heads.Where(h => h.Value == Unlocked).Select(h => h.Key).ToArray()) } },
            },
            Timeout = 600,
        };
        await locks.PrepareAsync(stop);
        await using var rows = await locks.ExecuteReaderAsync(stop);
        if (!await rows.ReadAsync(stop) || rows.GetInt64(0) != _epoch) throw new FencedException(_producer);
        await rows.NextResultAsync(stop);
        while (await rows.ReadAsync(stop)) _heads[rows.GetInt32(0)] = rows.GetInt64(1);
    }

    async Task CopyAsync(LogBatch batch, CancellationToken stop)
    {
        await using var copy = await _connection.BeginRawBinaryCopyAsync(CopyRows.Command, stop);
        try
        {
            var rows = new CopyRows(copy, _chunk);
            rows.Begin();
            var last = -1;
            var offset = 0L;
            for (var i = 0; i < batch.Count; i++)
            {
                var (partition, entry) = (_partitions[i], batch.Entries[i]);
                if (partition != last)
                {
                    if (last >= 0) _heads[last] = offset;
                    (last, offset) = (partition, _heads[partition]);
                }
                if (!rows.TryWrite(partition, offset, batch, entry))
                {
                    await rows.FlushAsync(stop);
                    if (!rows.TryWrite(partition, offset, batch, entry)) await rows.WriteLargeAsync(partition, offset, batch, entry, stop);
                }
                offset++;
            }
            _heads[last] = offset;
            await rows.EndAsync(stop);
        }
        catch
        {
            await copy.CancelAsync();
            throw;
        }
    }

    async Task FinishAsync(Bookmark bookmark, CancellationToken stop)
    {
        await using var finish = new NpgsqlBatch(_connection)
        {
            BatchCommands =
            {
                new("update log.partition p set next = grown.next from unnest($1, $2) grown(id, next) where p.id = grown.id")
                {
                    Parameters = { Value(_heads.Keys.ToArray()), Value(_heads.Values.ToArray()) },
                },
                new("update log.producer set position = $2, state = $3, at = now() where name = $1")
                {
                    Parameters = { Value(_producer), Value(bookmark.Position.ToString()), new() { Value = (object?)bookmark.State ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } },
                },
            },
        };
        if (_heads.Count > 0)
            finish.BatchCommands.Add(new("select pg_notify($1, $2)") { Parameters = { Value(PostgresListener.Channel), Value(PostgresListener.Payload(_heads.Keys)) } });
        await finish.PrepareAsync(stop);
        await finish.ExecuteNonQueryAsync(stop);
    }
}
