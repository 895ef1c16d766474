using System.Buffers.Binary;

namespace CdcSync.EventLog;

/// <summary>Which partition a key goes to: Kafka's default (murmur2 of the key's bytes), so that both logs spread keys alike.</summary>
public static class KeyPartitioner
{
    /// <summary>The partition of a key among <paramref name="partitions"/>.</summary>
    public static int Of(ReadOnlySpan<byte> key, int partitions) => partitions == 1 ? 0 : (int)((Murmur2(key) & 0x7fffffff) % (uint)partitions);

    static uint Murmur2(ReadOnlySpan<byte> data)
    {
        const uint seed = 0x9747b28c, m = 0x5bd1e995;
        var hash = seed ^ (uint)data.Length;
        for (; data.Length >= 4; data = data[4..])
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(data) * m;
            hash = (hash * m) ^ ((k ^ (k >> 24)) * m);
        }
        if (data.Length == 3) hash ^= (uint)data[2] << 16;
        if (data.Length >= 2) hash ^= (uint)data[1] << 8;
        if (data.Length >= 1) hash = (hash ^ data[0]) * m;
        hash = (hash ^ (hash >> 13)) * m;
        return hash ^ (hash >> 15);
    }
}
