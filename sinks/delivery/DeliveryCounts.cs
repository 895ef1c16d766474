using System.Diagnostics.Metrics;

namespace CdcSync.Sinks.Delivery;

/// <summary>What a sink did since it started; also as metrics.</summary>
internal sealed class DeliveryCounts(string target)
{
    static readonly Meter Meter = new("CdcSync.Sinks");
    static readonly Counter<long> DeliveredCount = Meter.CreateCounter<long>("cdcsync_sink_delivered", description: "Records the target confirmed");
    static readonly Counter<long> StaleCount = Meter.CreateCounter<long>("cdcsync_sink_stale", description: "Records dropped: the target had that version or a later one");
    static readonly Counter<long> CoalescedCount = Meter.CreateCounter<long>("cdcsync_sink_coalesced", description: "Records a later version made worthless while they waited");
    static readonly Counter<long> CallCount = Meter.CreateCounter<long>("cdcsync_sink_calls", description: "Calls to the target");
    static readonly Counter<long> FailedCount = Meter.CreateCounter<long>("cdcsync_sink_failed", description: "Deliveries that did not succeed, by class");
    static readonly Counter<long> ParkedCount = Meter.CreateCounter<long>("cdcsync_sink_parked", description: "Records that became dead letters");
    static readonly Histogram<double> Age = Meter.CreateHistogram<double>("cdcsync_sink_age_seconds", "s", "Time from the source's commit to the target's confirmation");
    readonly KeyValuePair<string, object?> _target = new("target", target);

    public long Delivered { get; private set; }
    public long Stale { get; private set; }
    public long Coalesced { get; private set; }
    public long Calls { get; private set; }

    public void Confirm(string kind, TimeSpan age)
    {
        Delivered++;
        DeliveredCount.Add(1, _target, new("object", kind));
        Age.Record(age.TotalSeconds, _target, new("object", kind));
    }

    public void Drop()
    {
        Stale++;
        StaleCount.Add(1, _target);
    }

    public void Coalesce()
    {
        Coalesced++;
        CoalescedCount.Add(1, _target);
    }

    public void Call()
    {
        Calls++;
        CallCount.Add(1, _target);
    }

    public void Fail(OutcomeClass outcome) => FailedCount.Add(1, _target, new("class", ClassName(outcome)));

    public void Park(string letterClass) => ParkedCount.Add(1, _target, new("class", letterClass));

    /// <summary>An outcome's class as dead letters and metrics name it.</summary>
    public static string ClassName(OutcomeClass outcome) => outcome switch
    {
        OutcomeClass.Done => "done", OutcomeClass.Retry => "retry", OutcomeClass.Throttled => "throttled", OutcomeClass.Conflict => "conflict",
        OutcomeClass.Refused => "refused", OutcomeClass.Ambiguous => "ambiguous", _ => "stop",
    };
}
