using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;

namespace CdcSync.Reconcile;

/// <summary>The newest canonical objects of these keys, with a version that the target's ledger accepts; a key that is gone is absent.</summary>
public delegate Task<IReadOnlyDictionary<CanonicalKey, CanonicalObject>> ReadObjects(IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop);

/// <summary>Waits until what is in the log now has reached the target; false when it did not in that time.</summary>
public delegate Task<bool> CatchUp(TimeSpan patience, CancellationToken stop);

/// <summary>Both ends of the way of one object, and what lies between them.</summary>
/// <param name="Source">What the target should hold: the source through its mapping, as the target's records.</param>
/// <param name="Target">What it does hold.</param>
/// <param name="Traces">Where records are on their way.</param>
/// <param name="Repairs">Sends what is missing.</param>
/// <param name="Objects">The objects to send.</param>
public sealed record Ends(IComparedSide Source, IComparedSide Target, IDeliveryTraces Traces, IRepairs Repairs, ReadObjects Objects)
{
    /// <summary>
    /// What the target should hold by the newest records in the log; tells a change that capture missed from one made at the target. Without it the latter is assumed.
    /// </summary>
    public IComparedSide? Logged { get; init; }

    /// <summary>Waits for the pipeline before a difference is read again. Default: a pause alone.</summary>
    public CatchUp? CatchUp { get; init; }
}
