using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;

namespace CdcSync.Contract.Compare;

/// <summary>One side of a reconciliation: an object's records as (key, values), ordered by key.</summary>
public interface IComparedSide
{
    /// <summary>What a person calls it: <c>erp</c>, <c>shop</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Reads the side, ordered by key in ordinal (UTF-16 code unit free, UTF-8 byte) order, each key once.
    /// </summary>
    /// <param name="keys">Only these, for reading doubtful ones again; null for all.</param>
    /// <param name="stop">Ends the reading.</param>
    IAsyncEnumerable<ComparedRow> ReadAsync(IReadOnlyCollection<string>? keys, CancellationToken stop);
}

/// <summary>One record as a side shows it.</summary>
/// <param name="Key">The record's key in the target's terms; equal on both sides for the same record.</param>
/// <param name="Values">The compared fields by name, in canonical text (<see cref="CanonicalText"/>); null is an absent value.</param>
/// <param name="Origin">The canonical record it comes from; null on the target side.</param>
public sealed record ComparedRow(string Key, IReadOnlyDictionary<string, string?> Values, CanonicalKey? Origin = null);

/// <summary>What is known about one record on its way to one target: tells an in-flight difference from a real one, and names its cause.</summary>
/// <param name="Logged">Version of the newest canonical record in the log; null when the log has none.</param>
/// <param name="Delivered">Version the target confirmed last; null when never delivered.</param>
/// <param name="DeadLetter">Why the target refused it for good; null when it did not.</param>
/// <param name="DeliveredAt">When the target confirmed it.</param>
public sealed record DeliveryTrace(SourcePosition? Logged, SourcePosition? Delivered, string? DeadLetter, DateTimeOffset? DeliveredAt);

/// <summary>Tells where records are on their way to one target. Implemented by the delivery of sinks.</summary>
public interface IDeliveryTraces
{
    /// <summary>The traces of these canonical keys; a key the delivery never saw is absent from the answer.</summary>
    Task<IReadOnlyDictionary<CanonicalKey, DeliveryTrace>> TraceAsync(IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop);
}

/// <summary>A change that closes a difference.</summary>
/// <param name="TargetKey">The record's key in the target's terms.</param>
/// <param name="Origin">The canonical key; null when the record exists at the target alone.</param>
public sealed record Repair(string TargetKey, CanonicalKey? Origin);

/// <summary>Sends repairs through the same delivery as ordinary changes. Implemented by the delivery of sinks.</summary>
public interface IRepairs
{
    /// <summary>
    /// Brings each record at the target to <paramref name="wanted"/>'s state: the newest canonical object, or gone when there is none. Returns the outcome per
    /// target key: null when done, else why not.
    /// </summary>
    Task<IReadOnlyDictionary<string, string?>> RepairAsync(IReadOnlyList<(Repair Repair, CanonicalObject? Object)> wanted, CancellationToken stop);
}
