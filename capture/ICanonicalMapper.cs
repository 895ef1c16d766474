using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture;

/// <summary>Turns the changed rows of one source into canonical records.</summary>
public interface ICanonicalMapper
{
    /// <summary>The mappings' names, fixed for the life of the process: their snapshots are remembered under these.</summary>
    IReadOnlyList<string> Mappings { get; }

    /// <summary>
    /// Adds the canonical records that follow from the batch, each with the batch's <see cref="ChangeBatch.End"/> as its version (a row mapping: the change's own
    /// position). Called with every batch that has changes, in order, one at a time; may read the source on a connection of its own. Snapshot rows come too
    /// (<see cref="Operation.Read"/>); a mapping that makes its own snapshot below ignores them.
    /// </summary>
    ValueTask MapAsync(ChangeBatch batch, LogBatch output, CancellationToken stop);

    /// <summary>
    /// Reads all objects of one mapping as they are now, with <paramref name="at"/> as their version (everything up to there has been published; a later change
    /// brings a later version). Fills <paramref name="output"/> and yields the number of objects added whenever about 1 MiB or 1,000 objects wait in it and at the
    /// end; the caller appends and clears it before it asks for more. Called once a mapping, after the source's initial snapshot; again from the start when interrupted.
    /// </summary>
    IAsyncEnumerable<int> SnapshotAsync(string mapping, SourcePosition at, LogBatch output, CancellationToken stop);
}
