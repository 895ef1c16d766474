using CdcSync.Contract.Canonical;
using CdcSync.EventLog;

namespace CdcSync.Host.Run;

/// <summary>What the records of a topic add up to now: the newest object of each key.</summary>
public sealed class LoggedObjects(IEventLog log, CanonicalRecords records, string topic)
{
    /// <summary>Reads the topic from its beginning to where it ends now.</summary>
    public async Task<IReadOnlyDictionary<CanonicalKey, CanonicalObject>> ReadAsync(CancellationToken stop)
    {
        var newest = new Dictionary<CanonicalKey, CanonicalRecord>();
        await foreach (var record in log.ReadTopicAsync(topic, null, follow: false, stop))
        {
            var canonical = await records.ReadAsync(record, stop);
            if (!newest.TryGetValue(canonical.Key, out var known) || known.Version <= canonical.Version) newest[canonical.Key] = canonical;
        }
        return newest.Where(n => n.Value.Object is not null).ToDictionary(n => n.Key, n => n.Value.Object!);
    }
}
