using System.Buffers.Binary;
using CdcSync.Contract.Changes;

namespace CdcSync.Sinks.Delivery;

/// <summary>A version as 32 bytes that a database orders as we do.</summary>
public static class Versions
{
    /// <summary>Commit, then change, big-endian.</summary>
    public static byte[] ToBytes(SourcePosition version)
    {
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, version.Commit);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), version.Change);
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static SourcePosition FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == 32
        ? new SourcePosition(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]))
        : throw new FormatException($"A stored version has 32 bytes, this one {bytes.Length}");
}
