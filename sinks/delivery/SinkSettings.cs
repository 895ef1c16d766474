using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;

namespace CdcSync.Sinks.Delivery;

/// <summary>A sink: which objects go to which target, and how patiently.</summary>
public sealed record SinkSettings
{
    /// <summary>Name of the sink and its target, unique; also names its reader group and its rows in the ledger: a new name delivers everything anew.</summary>
    public required string Name { get; init; }

    /// <summary>What it takes: object name to topic. <c>canonical</c> or <c>golden</c> (customer, item and location).</summary>
    public required IReadOnlyDictionary<string, RecordOrigin> Objects { get; init; }

    /// <summary>Records that may wait in memory; reading pauses above. Default 10000.</summary>
    public int MaxWaiting { get; init; } = 10_000;

    /// <summary>Calls to the target a second; 0 does not limit. Default 0.</summary>
    public decimal CallsPerSecond { get; init; }

    /// <summary>Calls that may come at once after a quiet time. Default 10.</summary>
    public int CallBurst { get; init; } = 10;

    /// <summary>How failed deliveries are tried again.</summary>
    public RetrySettings Retry { get; init; } = new();

    /// <summary>When to stop asking a failing target.</summary>
    public BreakerSettings Breaker { get; init; } = new();

    /// <summary>The objects it takes.</summary>
    internal IEnumerable<CanonicalKind> Kinds => Objects.Keys.Select(o => CanonicalCatalog.Find(o)!);

    /// <summary>The topics it reads.</summary>
    internal IEnumerable<string> Topics => Objects.Select(o => TopicOf(CanonicalCatalog.Find(o.Key)!, o.Value));

    /// <summary>Its reader group in the log.</summary>
    internal string Group => $"sink.{Name}";

    static string TopicOf(CanonicalKind kind, RecordOrigin origin) => origin == RecordOrigin.Golden ? kind.GoldenTopic : kind.Topic;

    /// <summary>Checks what types alone do not.</summary>
    public void Validate()
    {
        if (Name.Length == 0) throw new SettingsException("name", "is empty; give the sink a name");
        if (Objects.Count == 0) throw new SettingsException("objects", "names no object; say for example 'item: canonical'");
        foreach (var (name, origin) in Objects)
        {
            if (CanonicalCatalog.Find(name) is null)
                throw new SettingsException($"objects.{name}", $"there is no object '{name}'; known: {string.Join(", ", CanonicalCatalog.All.Select(k => k.Name))}");
            if (origin == RecordOrigin.Golden && name is not ("customer" or "item" or "location"))
                throw new SettingsException($"objects.{name}", "there are golden records of customer, item and location only; say 'canonical'");
        }
        if (MaxWaiting < 1) throw new SettingsException("max_waiting", "must be at least 1");
        if (CallsPerSecond < 0) throw new SettingsException("calls_per_second", "must not be negative; 0 does not limit");
        if (CallBurst < 1) throw new SettingsException("call_burst", "must be at least 1");
        Retry.Validate();
        Breaker.Validate();
    }
}

/// <summary>Which records of an object a sink takes.</summary>
public enum RecordOrigin
{
    /// <summary>Each source's own record.</summary>
    Canonical,

    /// <summary>The one golden record.</summary>
    Golden,
}

/// <summary>How failed deliveries are tried again: pauses double from <see cref="FirstPause"/> to <see cref="LongestPause"/>, each shortened at random.</summary>
public sealed record RetrySettings
{
    /// <summary>Upper bound of the first pause. Default 500ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Upper bound of every pause, and the longest <c>Retry-After</c> that is obeyed. Default 1m.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a call that was given up (no answer in time, process ended) may still take effect at the target: until then its key waits, so that an older version does
    /// not arrive after a newer one. Default 2s.
    /// </summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Failures after which a record is parked, provided that others got through meanwhile: then it is the record and not the target. Default 12.</summary>
    public int Attempts { get; init; } = 12;

    /// <summary>Checks what types alone do not.</summary>
    public void Validate()
    {
        if (FirstPause <= TimeSpan.Zero) throw new SettingsException("retry.first_pause", "must be more than nothing");
        if (LongestPause < FirstPause) throw new SettingsException("retry.longest_pause", "must not be shorter than first_pause");
        if (Attempts < 1) throw new SettingsException("retry.attempts", "must be at least 1");
    }
}

/// <summary>When to stop asking a failing target: it opens when at least <see cref="Calls"/> calls came in <see cref="Window"/> and <see cref="FailureRatio"/> of them failed.</summary>
public sealed record BreakerSettings
{
    /// <summary>Share of failed calls that opens it, 0 to 1. Default 0.5.</summary>
    public decimal FailureRatio { get; init; } = 0.5m;

    /// <summary>Calls it needs to judge. Default 10.</summary>
    public int Calls { get; init; } = 10;

    /// <summary>Time it looks back. Default 30s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it stays open before a single call probes the target. Default 15s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Checks what types alone do not.</summary>
    public void Validate()
    {
        if (FailureRatio is <= 0 or > 1) throw new SettingsException("breaker.failure_ratio", "must be above 0 and at most 1");
        if (Calls < 2) throw new SettingsException("breaker.calls", "must be at least 2");
        if (Window < TimeSpan.FromMilliseconds(500)) throw new SettingsException("breaker.window", "must be at least 500ms");
        if (Pause < TimeSpan.FromMilliseconds(500)) throw new SettingsException("breaker.pause", "must be at least 500ms");
    }
}
