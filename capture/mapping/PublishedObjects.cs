using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Mapping;

/// <summary>What the log has of a mapping's objects, against what its source has: those that are gone there and not yet here.</summary>
sealed class PublishedObjects
{
    readonly ObjectMapping _mapping;
    readonly TopicInfo _topic;

    // 16 bytes an id, so that millions fit: two of one hash would leave one delete out, at odds of 1 to 10^26 for a million.
    readonly HashSet<UInt128> _there = [];

    PublishedObjects(ObjectMapping mapping, TopicInfo topic) => (_mapping, _topic) = (mapping, topic);

    /// <summary>Null when nothing was published yet.</summary>
    public static async Task<PublishedObjects?> FindAsync(IEventLog log, ObjectMapping mapping, CancellationToken stop) =>
        (await log.ListTopicsAsync(stop)).FirstOrDefault(t => t.Name == mapping.Kind.Topic) is { } topic && topic.Partitions.Any(p => p.Next > p.First) ? new(mapping, topic) : null;

    /// <summary>The source has this object.</summary>
    public void IsThere(string id) => _there.Add(Hash(id));

    /// <summary>Ids of this source's objects that the log has and the source has not.</summary>
    public async Task<IReadOnlyCollection<string>> GoneAsync(IEventLog log, CanonicalRecords records, ILogger logger, CancellationToken stop)
    {
        var gone = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var record in log.ReadTopicAsync(_topic.Name, null, follow: false, stop))
        {
            if (record.Offset >= _topic.Partitions[record.Partition].Next) continue;
            try
            {
                var known = await records.ReadAsync(record, stop);
                if (known.Key.Source != _mapping.Settings.Source || _there.Contains(Hash(known.Key.Id))) continue;
                if (known.Object is null) gone.Remove(known.Key.Id);
                else gone.Add(known.Key.Id);
            }
            catch (EventLogException unreadable)
            {
                Log.RecordUnreadable(logger, _mapping.Settings.Name, unreadable.Message);
            }
        }
        return gone;
    }

    static UInt128 Hash(string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
