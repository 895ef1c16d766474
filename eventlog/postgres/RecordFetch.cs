using Npgsql;
using static CdcSync.EventLog.Postgres.StoreSession;

namespace CdcSync.EventLog.Postgres;

/// <summary>One read of a reader: so many records and bytes, then it is full.</summary>
sealed class RecordFetch(NpgsqlConnection connection, int bytes, int atMost)
{
    readonly List<LogRecord> _records = [];
    long _bytes;

    public IReadOnlyList<LogRecord> Records => _records;
    public Dictionary<int, long> Next { get; } = [];
    public bool Full => _records.Count >= atMost || _bytes >= bytes;

    /// <summary>Reads on in a partition; true when there may be more.</summary>
    public async Task<bool> ReadAsync(int partition, string topic, int number, long next, CancellationToken stop)
    {
        var limit = atMost - _records.Count;
        await using var query = new NpgsqlCommand(
            """select "offset", ts, key, value, headers from log.record where partition = $1 and "offset" >= $2 order by "offset" limit $3""", connection)
        {
            Parameters = { Value(partition), Value(next), Value(limit) },
        };
        await query.PrepareAsync(stop);
        var read = 0;
        var rows = await query.ExecuteReaderAsync(stop);
        try
        {
            while (!Full && await rows.ReadAsync(stop))
            {
                var record = Record(rows, topic, number);
                _records.Add(record);
                _bytes += (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0);
                Next[partition] = record.Offset + 1;
                read++;
            }
            // Full of bytes: the server must not go on to send rows that nobody takes.
            if (read < limit && Full) query.Cancel();
        }
        finally
        {
            await CloseAsync(rows);
        }
        return read == limit || Full;
    }

    static async Task CloseAsync(NpgsqlDataReader rows)
    {
        try
        {
            await rows.DisposeAsync();
        }
        catch (PostgresException cut) when (cut.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            // By us: the rest is for the next read.
        }
    }

    static LogRecord Record(NpgsqlDataReader row, string topic, int number) => new(
        topic, number, row.GetInt64(0), row.GetInt64(1),
        row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2),
        row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3),
        row.IsDBNull(4) ? [] : HeaderBytes.Read(row.GetFieldValue<byte[]>(4)));
}
