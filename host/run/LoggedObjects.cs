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
        if ((await log.ListTopicsAsync(stop)).FirstOrDefault(t => t.Name == topic) is not { } info) return new Dictionary<CanonicalKey, CanonicalObject>();
        var open = info.Partitions.Select((p, i) => (p.First, p.Next, Partition: i)).Where(p => p.Next > p.First).Select(p => p.Partition).ToHashSet();
        await using var reader = await log.OpenReaderAsync($"look-{Guid.NewGuid():n}", [topic], stop);
        while (open.Count > 0)
        {
            var read = await reader.ReadAsync(5000, TimeSpan.FromSeconds(10), stop);
            foreach (var record in read)
            {
                if (record.Offset >= info.Partitions[record.Partition].Next - 1) open.Remove(record.Partition);
                var canonical = await records.ReadAsync(record, stop);
                if (!newest.TryGetValue(canonical.Key, out var known) || known.Version <= canonical.Version) newest[canonical.Key] = canonical;
            }
            if (read.Count == 0) break;   // compacted away up to the end
        }
        return newest.Where(n => n.Value.Object is not null).ToDictionary(n => n.Key, n => n.Value.Object!);
    }
}
