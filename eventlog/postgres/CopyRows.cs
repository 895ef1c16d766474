using System.Buffers.Binary;
using Npgsql;

namespace CdcSync.EventLog.Postgres;

/// <summary>
/// Writes records as COPY's binary rows, straight from the batch's buffer: no object and no parameter a record.
/// </summary>
sealed class CopyRows(NpgsqlRawCopyStream output, byte[] chunk)
{
    public const string Command = """copy log.record ("offset", ts, partition, key, value, headers) from stdin (format binary)""";
    const int FixedBytes = 2 + (4 + 8) + (4 + 8) + (4 + 4) + 4 + 4 + 4;
    static readonly byte[] Signature = [.. "PGCOPY\n"u8, 0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    int _used;

    public void Begin()
    {
        Signature.CopyTo(chunk, 0);
        _used = Signature.Length;
    }

    /// <summary>Adds a record; true when the chunk has no room for its key, value and headers and <see cref="WriteLargeAsync"/> must write it.</summary>
    public bool TryWrite(int partition, long offset, LogBatch batch, in LogBatch.Entry entry)
    {
        var headers = entry.Headers.Count == 0 ? -1 : HeaderBytes.Size(entry.Headers);
        if (chunk.Length - _used < FixedBytes + Math.Max(entry.KeyLength, 0) + Math.Max(entry.ValueLength, 0) + Math.Max(headers, 0)) return false;
        Fixed(partition, offset, entry.Timestamp);
        Bytes(entry.KeyLength, batch.Key(entry).Span);
        Bytes(entry.ValueLength, batch.Value(entry).Span);
        Length(headers);
        if (headers < 0) return true;
        HeaderBytes.Write(entry.Headers, chunk.AsSpan(_used, headers));
        _used += headers;
        return true;
    }

    /// <summary>Sends what the chunk holds.</summary>
    public async ValueTask FlushAsync(CancellationToken stop)
    {
        await output.WriteAsync(chunk.AsMemory(0, _used), stop);
        _used = 0;
    }

    /// <summary>Writes a record larger than the chunk, after a flush.</summary>
    public async ValueTask WriteLargeAsync(int partition, long offset, LogBatch batch, LogBatch.Entry entry, CancellationToken stop)
    {
        Fixed(partition, offset, entry.Timestamp);
        Length(entry.KeyLength);
        await FlushAsync(stop);
        await output.WriteAsync(batch.Key(entry), stop);
        Length(entry.ValueLength);
        await FlushAsync(stop);
        await output.WriteAsync(batch.Value(entry), stop);
        var headers = entry.Headers.Count == 0 ? null : new byte[HeaderBytes.Size(entry.Headers)];
        Length(headers?.Length ?? -1);
        await FlushAsync(stop);
        if (headers is null) return;
        HeaderBytes.Write(entry.Headers, headers);
        await output.WriteAsync(headers, stop);
    }

    public async ValueTask EndAsync(CancellationToken stop)
    {
        if (chunk.Length - _used < 2) await FlushAsync(stop);
        BinaryPrimitives.WriteInt16BigEndian(chunk.AsSpan(_used), -1);
        _used += 2;
        await FlushAsync(stop);
    }

    void Fixed(int partition, long offset, long timestamp)
    {
        var row = chunk.AsSpan(_used);
        BinaryPrimitives.WriteInt16BigEndian(row, 6);
        BinaryPrimitives.WriteInt32BigEndian(row[2..], 8);
        BinaryPrimitives.WriteInt64BigEndian(row[6..], offset);
        BinaryPrimitives.WriteInt32BigEndian(row[14..], 8);
        BinaryPrimitives.WriteInt64BigEndian(row[18..], timestamp);
        BinaryPrimitives.WriteInt32BigEndian(row[26..], 4);
        BinaryPrimitives.WriteInt32BigEndian(row[30..], partition);
        _used += 34;
    }

    void Bytes(int length, ReadOnlySpan<byte> bytes)
    {
        Length(length);
        bytes.CopyTo(chunk.AsSpan(_used));
        _used += bytes.Length;
    }

    void Length(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(_used), length);
        _used += 4;
    }
}
