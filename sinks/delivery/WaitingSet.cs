using CdcSync.Contract.Canonical;

namespace CdcSync.Sinks.Delivery;

/// <summary>
/// Everything that waits, by key: lanes ready to go, lanes in flight, lanes resting after a failure. One key is in one call at a time, and so is one key of the target,
/// which two records may claim one after the other.
/// </summary>
internal sealed class WaitingSet(ITarget target)
{
    readonly Dictionary<RecordKey, KeyLane> _lanes = [];
    readonly Dictionary<(CanonicalKind Kind, bool Delete), Queue<KeyLane>> _ready = [];
    readonly PriorityQueue<KeyLane, DateTimeOffset> _resting = new();
    readonly HashSet<(CanonicalKind, string)> _busyAtTarget = [];
    readonly Dictionary<CanonicalKind, int> _calls = [];

    /// <summary>Records waiting or in flight.</summary>
    public int Count { get; private set; }

    /// <summary>When the oldest of them was read.</summary>
    public DateTimeOffset? Oldest => _lanes.Count == 0 ? null : _lanes.Values.Min(l => l.Head.Since);

    /// <summary>Some lane could go if the target may be called.</summary>
    public bool HasReady => _ready.Values.Any(q => q.Count > 0);

    public KeyLane? Find(RecordKey key) => _lanes.GetValueOrDefault(key);

    /// <summary>Adds a record to its lane; returns those it makes worthless.</summary>
    public IReadOnlyList<WaitingRecord> Add(RecordKey key, LedgerRow row, WaitingRecord record, DateTimeOffset? restUntil)
    {
        if (!_lanes.TryGetValue(key, out var lane))
        {
            _lanes[key] = lane = new KeyLane(key, row);
            if (restUntil is { } until) Rest(lane, until);
        }
        var superseded = lane.Add(record);
        Count += 1 - superseded.Count;
        Queue(lane);
        return superseded;
    }

    /// <summary>Puts a lane where it may be taken.</summary>
    public void Queue(KeyLane lane)
    {
        if (lane.Queued || lane.InFlight || lane.Count == 0) return;
        lane.Queued = true;
        ReadyOf(lane).Enqueue(lane);
    }

    /// <summary>Lets a lane rest.</summary>
    public void Rest(KeyLane lane, DateTimeOffset until)
    {
        lane.Queued = true;
        _resting.Enqueue(lane, until);
    }

    /// <summary>When the next resting lane wakes.</summary>
    public DateTimeOffset? NextWake => _resting.TryPeek(out _, out var due) ? due : null;

    public void Wake(DateTimeOffset now)
    {
        while (_resting.TryPeek(out var lane, out var due) && due <= now)
        {
            _resting.Dequeue();
            lane.Queued = false;
            Queue(lane);
        }
    }

    /// <summary>The head is settled; the lane goes when nothing follows.</summary>
    public WaitingRecord TakeHead(KeyLane lane)
    {
        Count--;
        var head = lane.TakeHead();
        if (lane.Count == 0) _lanes.Remove(lane.Key);
        return head;
    }

    /// <summary>Takes one call's worth, of one kind, all upserts or all deletes; null when nothing may go. <paramref name="unsent"/> gets lanes whose head needs no call.</summary>
    public Consignment? Take(int most, List<KeyLane> unsent)
    {
        foreach (var ((kind, delete), queue) in _ready.ToList())
        {
            if (queue.Count == 0) continue;
            var limits = target.LimitsOf(kind);
            if (_calls.GetValueOrDefault(kind) >= limits.MaxConcurrency) continue;
            var batch = Fill(kind, delete, queue, Math.Min(most, limits.MaxBatch), unsent);
            if (batch.Count == 0) continue;
            _calls[kind] = _calls.GetValueOrDefault(kind) + 1;
            return new Consignment(kind, batch);
        }
        return null;
    }

    /// <summary>A call has come back.</summary>
    public void Return(Consignment consignment)
    {
        _calls[consignment.Kind]--;
        foreach (var (lane, delivery) in consignment.Parcels)
        {
            lane.InFlight = false;
            foreach (var key in Keys(delivery)) _busyAtTarget.Remove((consignment.Kind, key));
        }
    }

    List<(KeyLane, Parcel)> Fill(CanonicalKind kind, bool delete, Queue<KeyLane> queue, int most, List<KeyLane> unsent)
    {
        var batch = new List<(KeyLane Lane, Parcel)>();
        var cap = most;
        for (var looks = queue.Count; looks > 0 && batch.Count < cap; looks--)
        {
            var lane = queue.Dequeue();
            lane.Queued = false;
            if (lane.Head.Problem is not null || Route.Of(lane) is not { } delivery)
            {
                lane.InFlight = true;
                unsent.Add(lane);
            }
            else if ((delivery.Object is null) != delete)
            {
                lane.Queued = true;
                Ready(kind, !delete).Enqueue(lane);
            }
            else if (lane.BatchCap <= batch.Count || Keys(delivery).Any(k => _busyAtTarget.Contains((kind, k))))
            {
                lane.Queued = true;
                queue.Enqueue(lane);
            }
            else
            {
                foreach (var key in Keys(delivery)) _busyAtTarget.Add((kind, key));
                lane.InFlight = true;
                cap = Math.Min(cap, lane.BatchCap);
                batch.Add((lane, delivery));
            }
        }
        return batch;
    }

    static IEnumerable<string> Keys(Parcel delivery) => delivery.FormerKeys.Prepend(delivery.TargetKey);

    Queue<KeyLane> ReadyOf(KeyLane lane) => Ready(lane.Key.Kind, lane.Head.Wanted is null);

    Queue<KeyLane> Ready(CanonicalKind kind, bool delete)
    {
        if (!_ready.TryGetValue((kind, delete), out var queue)) _ready[(kind, delete)] = queue = new();
        return queue;
    }
}

/// <summary>What one call carries.</summary>
internal sealed record Consignment(CanonicalKind Kind, IReadOnlyList<(KeyLane Lane, Parcel Parcel)> Parcels);
