using System.Buffers.Binary;
using System.Security.Cryptography;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Tables;

/// <summary>Short names for keys and rows, the same in every process.</summary>
static class RowHash
{
    public static ulong Row(ReadOnlySpan<byte> image)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(image, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    /// <summary>The key's cells; 0 for a table without key.</summary>
    public static UInt128 Key(PlainTable table, RowImage image)
    {
        if (table.Key.Count == 0 || !image.Exists) return 0;
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var ordinal in table.Key)
        {
            image.Cell(ordinal, out var cell);
            BinaryPrimitives.WriteInt32BigEndian(length, cell.Length);
            hasher.AppendData(length);
            hasher.AppendData(cell.Span);
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        hasher.GetHashAndReset(hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
