namespace CdcSync.Demo.Shop;

/// <summary>How the shop misbehaves: each a share of calls from 0 to 1, drawn with a seed so that a run can be repeated. <c>PUT /faults</c> takes the same as JSON.</summary>
public sealed record ShopFaults
{
    /// <summary>429 with Retry-After.</summary>
    public double Throttle { get; init; }

    /// <summary>Seconds it asks for; an HTTP date when <see cref="RetryAfterDate"/>.</summary>
    public double RetryAfter { get; init; } = 1;

    /// <summary>Retry-After as a date.</summary>
    public bool RetryAfterDate { get; init; }

    /// <summary>500, nothing applied.</summary>
    public double Fail { get; init; }

    /// <summary>503 to everything, nothing applied.</summary>
    public bool Down { get; init; }

    /// <summary>Applied, then no answer until the caller gives up.</summary>
    public double HangAfterApply { get; init; }

    /// <summary>Connection cut, before or after it was applied.</summary>
    public double Reset { get; init; }

    /// <summary>Every second record of a batch refused with 422.</summary>
    public double HalfBatch { get; init; }

    /// <summary>Whole batch refused with 422, nothing applied.</summary>
    public double RefuseBatch { get; init; }

    /// <summary>Answered late.</summary>
    public double Slow { get; init; }

    /// <summary>How late.</summary>
    public int SlowMilliseconds { get; init; } = 200;

    /// <summary>Keys that are refused with 422, always.</summary>
    public IReadOnlyList<string> Poison { get; init; } = [];

    /// <summary>Seed of the draws.</summary>
    public int Seed { get; init; } = 1;
}
