using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CdcSync.Contract.Avro;

namespace CdcSync.Capture.Debezium;

/// <summary>Text that records do not show: asterisks, its beginning, or a hash, as Debezium's column masks.</summary>
static class MaskedText
{
#pragma warning disable CA5350, CA5351 // What Debezium offers; a person chooses.
    public static readonly IReadOnlyDictionary<string, Func<byte[], byte[]>> Hashes = new Dictionary<string, Func<byte[], byte[]>>(StringComparer.OrdinalIgnoreCase)
    {
        ["MD5"] = MD5.HashData, ["SHA-1"] = SHA1.HashData, ["SHA-256"] = SHA256.HashData, ["SHA-384"] = SHA384.HashData, ["SHA-512"] = SHA512.HashData,
    };
#pragma warning restore CA5350, CA5351

    public static IEnumerable<(string, string)> Parameters(ColumnMask? mask) => mask switch
    {
        null => [],
        { Truncate: { } length } => [("truncateLength", length.ToString(CultureInfo.InvariantCulture))],
        _ => [("masked", "true")],
    };

    /// <summary>A writer of UTF-8 that hides it.</summary>
    /// <param name="mask">How.</param>
    /// <param name="length">The most that the column holds: a hash is cut to it.</param>
    public static CellWriter Writer(ColumnMask mask, int length) => mask switch
    {
        { Stars: { } count } => Stars(new string('*', count)),
        { Truncate: { } kept } => Cut(kept),
        _ => Hash(mask, length),
    };

    static CellWriter Stars(string stars) => (_, output) =>
    {
        output.WriteString(stars);
        return true;
    };

    // Java's characters are UTF-16 units, as ours.
    static CellWriter Cut(int length) => (cell, output) =>
    {
        var text = Encoding.UTF8.GetString(cell);
        output.WriteString(text.Length <= length ? text : text[..length]);
        return true;
    };

    // A string in Java's serialisation: UTF-16 units, each in 1 to 3 bytes.
    static byte[] Serialized(string text)
    {
        var bytes = new List<byte>(text.Length);
        foreach (var c in text)
        {
            if (c is >= '\u0001' and <= '\u007f') bytes.Add((byte)c);
            else if (c <= '\u07ff') bytes.AddRange([(byte)(0xc0 | c >> 6), (byte)(0x80 | (c & 0x3f))]);
            else bytes.AddRange([(byte)(0xe0 | c >> 12), (byte)(0x80 | (c >> 6 & 0x3f)), (byte)(0x80 | (c & 0x3f))]);
        }
        var length = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(length, bytes.Count);
        return bytes.Count > ushort.MaxValue ? [0xac, 0xed, 0, 5, 0x7c, .. length, .. bytes] : [0xac, 0xed, 0, 5, 0x74, .. length[6..], .. bytes];
    }

    static CellWriter Hash(ColumnMask mask, int length)
    {
        var (digest, salt) = (Hashes[mask.Hash!], Encoding.UTF8.GetBytes(mask.Salt));
        return (cell, output) =>
        {
            var hex = Convert.ToHexStringLower(digest(mask.JavaSerialized ? [.. salt, .. Serialized(Encoding.UTF8.GetString(cell))] : [.. salt, .. cell]));
            output.WriteString(hex.Length <= length ? hex : hex[..length]);
            return true;
        };
    }
}
