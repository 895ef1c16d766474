using CdcSync.EventLog;

namespace CdcSync.Sinks.Delivery;

/// <summary>Per partition, how far everything read has been settled: the group's commit never passes a record that is still on its way.</summary>
internal sealed class OffsetTracker
{
    readonly Dictionary<(string Topic, int Partition), Partition> _partitions = [];

    /// <summary>A record was read; in order per partition.</summary>
    public void Read(string topic, int partition, long offset)
    {
        if (!_partitions.TryGetValue((topic, partition), out var open)) _partitions[(topic, partition)] = open = new Partition { Committed = offset, Next = offset };
        open.Open.Enqueue(offset);
    }

    /// <summary>A record is settled: delivered, parked, or made worthless by a later one.</summary>
    public void Settle(LogPlace place)
    {
        var partition = _partitions[(place.Topic, place.Partition)];
        partition.Settled.Add(place.Offset);
        while (partition.Open.TryPeek(out var first) && partition.Settled.Remove(first))
        {
            partition.Next = first + 1;
            partition.Open.Dequeue();
        }
    }

    /// <summary>The places that moved since <see cref="Committed"/> was told of them.</summary>
    public IReadOnlyList<LogPlace> Moved => [.. _partitions.Where(p => p.Value.Next > p.Value.Committed).Select(p => new LogPlace(p.Key.Topic, p.Key.Partition, p.Value.Next))];

    /// <summary>These places are stored.</summary>
    public void Committed(IEnumerable<LogPlace> places)
    {
        foreach (var place in places) _partitions[(place.Topic, place.Partition)].Committed = place.Offset;
    }

    sealed class Partition
    {
        public Queue<long> Open { get; } = new();
        public HashSet<long> Settled { get; } = [];
        public long Next { get; set; }
        public long Committed { get; set; }
    }
}
