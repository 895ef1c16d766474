using Confluent.Kafka;

namespace CdcSync.EventLog.Kafka;

/// <summary>
/// The one message of a writer, filled again for each record: librdkafka copies at Produce. The client wants arrays of the exact length, so there is one to use again for each length
/// that is not too long.
/// </summary>
sealed class RecordMessage
{
    const int Longest = 8192;
    readonly byte[]?[] _keys = new byte[]?[Longest + 1];
    readonly byte[]?[] _values = new byte[]?[Longest + 1];
    readonly Message<byte[]?, byte[]?> _message = new();
    IReadOnlyList<KeyValuePair<string, byte[]?>>? _headers;

    public Message<byte[]?, byte[]?> Fill(LogBatch batch, in LogBatch.Entry entry)
    {
        _message.Timestamp = new Timestamp(entry.Timestamp, TimestampType.CreateTime);
        _message.Key = entry.KeyLength < 0 ? null : Copy(batch.Key(entry).Span, _keys);
        _message.Value = entry.ValueLength < 0 ? null : Copy(batch.Value(entry).Span, _values);
        if (!ReferenceEquals(_headers, entry.Headers)) _message.Headers = Headers(_headers = entry.Headers);
        return _message;
    }

    static byte[] Copy(ReadOnlySpan<byte> bytes, byte[]?[] arrays)
    {
        var array = bytes.Length <= Longest ? arrays[bytes.Length] ??= new byte[bytes.Length] : new byte[bytes.Length];
        bytes.CopyTo(array);
        return array;
    }

    static Headers? Headers(IReadOnlyList<KeyValuePair<string, byte[]?>> headers)
    {
        if (headers.Count == 0) return null;
        var all = new Headers();
        for (var i = 0; i < headers.Count; i++) all.Add(headers[i].Key, headers[i].Value);
        return all;
    }
}
