using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;

namespace CdcSync.Sinks;

/// <summary>A target's records of one object as a side of a reconciliation.</summary>
public sealed class TargetSide(ITarget target, CanonicalKind kind) : IComparedSide
{
    /// <inheritdoc/>
    public string Name => target.Name;

    /// <inheritdoc/>
    public IAsyncEnumerable<ComparedRow> ReadAsync(IReadOnlyCollection<string>? keys, CancellationToken stop) => target.ReadAsync(kind, keys, stop);
}
