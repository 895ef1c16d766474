using System.Buffers.Binary;
using System.Text;

namespace CdcSync.EventLog.Postgres;

/// <summary>Headers in one column: for each the name's length (2 bytes, big-endian), the name in UTF-8, the value's length (4 bytes, -1 for null), the value.</summary>
static class HeaderBytes
{
    public static int Size(IReadOnlyList<KeyValuePair<string, byte[]?>> headers)
    {
        var size = 0;
        for (var i = 0; i < headers.Count; i++) size += 6 + Encoding.UTF8.GetByteCount(headers[i].Key) + (headers[i].Value?.Length ?? 0);
        return size;
    }

    public static void Write(IReadOnlyList<KeyValuePair<string, byte[]?>> headers, Span<byte> output)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            var (name, value) = headers[i];
            var length = Encoding.UTF8.GetBytes(name, output[2..]);
            BinaryPrimitives.WriteUInt16BigEndian(output, checked((ushort)length));
            output = output[(2 + length)..];
            BinaryPrimitives.WriteInt32BigEndian(output, value?.Length ?? -1);
            value?.CopyTo(output[4..]);
            output = output[(4 + (value?.Length ?? 0))..];
        }
    }

    public static List<KeyValuePair<string, byte[]?>> Read(ReadOnlySpan<byte> input)
    {
        var headers = new List<KeyValuePair<string, byte[]?>>();
        while (!input.IsEmpty)
        {
            var nameLength = BinaryPrimitives.ReadUInt16BigEndian(input);
            var name = Encoding.UTF8.GetString(input.Slice(2, nameLength));
            input = input[(2 + nameLength)..];
            var length = BinaryPrimitives.ReadInt32BigEndian(input);
            headers.Add(new(name, length < 0 ? null : input.Slice(4, length).ToArray()));
            input = input[(4 + Math.Max(length, 0))..];
        }
        return headers;
    }
}
