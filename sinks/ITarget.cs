using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;

namespace CdcSync.Sinks;

/// <summary>A kind of target and how it is opened: found once at start by <see cref="TargetCatalog"/>.</summary>
public interface ITargetType
{
    /// <summary>Its name in the configuration: <c>kind: http</c>.</summary>
    string Kind { get; }

    /// <summary>The record its settings are bound to.</summary>
    Type SettingsType { get; }

    /// <summary>Checks that the settings say how each of these objects is taken.</summary>
    /// <exception cref="Contract.Settings.SettingsException">One is missing.</exception>
    void Check(object settings, IEnumerable<string> objects)
    {
    }

    /// <summary>Opens a target without calling it: one that is down must not keep the sink from starting.</summary>
    ITarget Open(string name, object settings, TimeProvider clock);
}

/// <summary>A system we write, and read back for reconciliation. Calls may come in parallel, never two at a time for one key.</summary>
public interface ITarget : IAsyncDisposable
{
    /// <summary>What people call it.</summary>
    string Name { get; }

    /// <summary>How an object may be sent.</summary>
    /// <exception cref="Contract.Settings.SettingsException">The target is not told how to take this object.</exception>
    TargetLimits LimitsOf(CanonicalKind kind);

    /// <summary>The record's key in the target's terms; null when the target does not want this record, or when <paramref name="value"/> is null and the key alone does not tell.</summary>
    string? KeyOf(CanonicalKind kind, CanonicalKey key, CanonicalObject? value);

    /// <summary>Sends deliveries of one kind, all upserts or all deletes, and says how each ended. Throws only when cancelled.</summary>
    Task<IReadOnlyList<Outcome>> DeliverAsync(CanonicalKind kind, IReadOnlyList<Parcel> batch, CancellationToken stop);

    /// <summary>Whether an object is there already, by external reference: asked before a create that may have happened is repeated.</summary>
    Task<LookUp> FindAsync(CanonicalKind kind, Parcel parcel, CancellationToken stop);

    /// <summary>What the target should hold of an object; null when it does not want it.</summary>
    ComparedRow? Project(CanonicalKind kind, CanonicalObject value);

    /// <summary>What the target holds, as <see cref="IComparedSide.ReadAsync"/>.</summary>
    IAsyncEnumerable<ComparedRow> ReadAsync(CanonicalKind kind, IReadOnlyCollection<string>? keys, CancellationToken stop);
}

/// <summary>How an object may be sent to a target.</summary>
/// <param name="MaxBatch">Records a call.</param>
/// <param name="MaxConcurrency">Calls at a time.</param>
/// <param name="Repeatable">A call may be repeated without harm. False for creates that would make a second object: then a doubtful one is looked up first.</param>
public sealed record TargetLimits(int MaxBatch, int MaxConcurrency, bool Repeatable = true);

/// <summary>One record on its way to a target.</summary>
/// <param name="Kind">Which object.</param>
/// <param name="Key">Its canonical key.</param>
/// <param name="TargetKey">Its key at the target.</param>
/// <param name="Version">Its version.</param>
/// <param name="Object">Its state; null to delete it.</param>
public sealed record Parcel(CanonicalKind Kind, CanonicalKey Key, string TargetKey, SourcePosition Version, CanonicalObject? Object)
{
    /// <summary>The id the target gave it, when it did.</summary>
    public string? TargetId { get; init; }

    /// <summary>It was delivered before and not deleted since: an update, not a create.</summary>
    public bool Exists { get; init; }

    /// <summary>Keys it had at the target before, to be removed there.</summary>
    public IReadOnlyList<string> FormerKeys { get; init; } = [];

    /// <summary>The version of an earlier attempt that may have reached the target; null when there was none.</summary>
    public SourcePosition? Attempted { get; init; }

    /// <summary>A repair: sent though the target was given this version before, for it holds something else now.</summary>
    public bool Forced { get; init; }
}

/// <summary>How a delivery ended.</summary>
public enum OutcomeClass
{
    /// <summary>The target confirmed it.</summary>
    Done,

    /// <summary>Not now: try again later.</summary>
    Retry,

    /// <summary>The target wants less: try again when it says.</summary>
    Throttled,

    /// <summary>Somebody else changed it at the same time.</summary>
    Conflict,

    /// <summary>Refused for good: this record, not this target.</summary>
    Refused,

    /// <summary>Sent, and no answer: it may have happened.</summary>
    Ambiguous,

    /// <summary>The target refuses us: credentials or configuration are wrong, and no record will fare better.</summary>
    Stop,
}

/// <summary>How a delivery ended, with the target's words.</summary>
/// <param name="Class">What it means for us.</param>
/// <param name="Reason">What and why, for people.</param>
/// <param name="Response">The answer's beginning, secrets masked.</param>
/// <param name="RetryAfter">When the target wants to be asked again.</param>
/// <param name="TargetId">The id it gave.</param>
public sealed record Outcome(OutcomeClass Class, string? Reason = null, string? Response = null, TimeSpan? RetryAfter = null, string? TargetId = null)
{
    /// <summary>Confirmed, without an id.</summary>
    public static Outcome Done { get; } = new(OutcomeClass.Done);

    /// <summary>The answer was to the whole call: which record of it is guilty is not known.</summary>
    public bool OfWholeCall { get; init; }
}

/// <summary>What a look-up found.</summary>
/// <param name="Found">True: it is there. False: it is not. Null: the target does not say.</param>
/// <param name="TargetId">Its id there.</param>
/// <param name="Doubt">Why the target does not say, when asking again may help; null when it never will.</param>
public sealed record LookUp(bool? Found, string? TargetId = null, Outcome? Doubt = null);
