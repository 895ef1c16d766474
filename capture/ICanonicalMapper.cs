using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture;

/// <summary>Turns the changed rows of one source into canonical records.</summary>
public interface ICanonicalMapper
{
    /// <summary>The mappings' names, fixed for the life of the process: their snapshots are remembered under these.</summary>
    IReadOnlyList<string> Mappings { get; }

    /// <summary>Those whose objects a change of this table may change.</summary>
    IReadOnlyList<string> MappingsOf(string table) => Mappings;

    /// <summary>
    /// Adds the canonical records that follow from the batch, each with the batch's <see cref="ChangeBatch.End"/> as its version (a row mapping: the change's own
    /// position). Called with every batch that has changes, in order, one at a time; may read the source on a connection of its own. Snapshot rows come too
    /// (<see cref="Operation.Read"/>); a mapping that makes its own snapshot below ignores them.
    /// </summary>
    /// <param name="batch">The changes.</param>
    /// <param name="skip">Mappings that stand still.</param>
    /// <param name="output">Gets the records.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>The mappings that cannot go on, with the reason; the others have their records.</returns>
    ValueTask<IReadOnlyList<(string Mapping, string Reason)>> MapAsync(ChangeBatch batch, IReadOnlySet<string> skip, LogBatch output, CancellationToken stop);

    /// <summary>
    /// Reads all objects of one mapping as they are now, with <paramref name="at"/> as their version (everything up to there has been published; a later change
    /// brings a later version), and deletes what <paramref name="log"/> has of it beside them. Fills <paramref name="output"/> and yields the number of records added whenever
    /// about 1 MiB or 1,000 wait in it and at the end; the caller appends and clears it before it asks for more. Called after the source's initial snapshot, and again whenever
    /// changes may have been missed; again from the start when interrupted.
    /// </summary>
    /// <exception cref="Mapping.MappingException">The mapping cannot go on.</exception>
    IAsyncEnumerable<int> SnapshotAsync(string mapping, SourcePosition at, IEventLog log, LogBatch output, CancellationToken stop);
}
