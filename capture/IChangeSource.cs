using CdcSync.Capture.Care;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture;

/// <summary>A database whose changes are published.</summary>
public interface IChangeSource : IAsyncDisposable
{
    /// <summary>Name from the configuration: the log's producer, and the prefix of its raw topics unless told otherwise.</summary>
    string Name { get; }

    /// <summary>
    /// Everything after the bookmark, in commit order, without end; a lost connection is made again inside. The consumer disposes each batch.
    /// </summary>
    /// <exception cref="SourceException">The source cannot go on without a person; the message says what to do.</exception>
    IAsyncEnumerable<ChangeBatch> ReadAsync(Bookmark? from, CancellationToken stop);

    /// <summary>Everything up to here is durable in the log: the source may forget it.</summary>
    void Acknowledge(SourcePosition position);

    /// <summary>Turns the batch into the raw records of its rows.</summary>
    ValueTask WriteRawAsync(ChangeBatch batch, LogBatch output, CancellationToken stop);

    /// <summary>What reading existing rows may cost the source; null where nothing is said.</summary>
    LoadBudget? Load => null;

    /// <summary>Where the source stands.</summary>
    SourceStatus Status { get; }

    /// <summary>Bytes of log that the source keeps for us, asked from outside, also while another process reads it; null when that cannot be said.</summary>
    /// <exception cref="System.Data.Common.DbException">The source cannot be asked.</exception>
    Task<long?> MeasureLagAsync(CancellationToken stop);

    /// <summary>The captured tables as <c>schema.name</c>; null where that cannot be said.</summary>
    /// <exception cref="System.Data.Common.DbException">The source cannot be asked.</exception>
    Task<IReadOnlyList<string>?> ListTablesAsync(CancellationToken stop) => Task.FromResult<IReadOnlyList<string>?>(null);

    /// <summary>Looks at everything the source needs, without changing anything.</summary>
    Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop);

    /// <summary>Looks whether what follows on a place is still there, and for how long, without changing anything.</summary>
    Task<IReadOnlyList<PreflightResult>> CheckPlaceAsync(Bookmark place, CancellationToken stop) => Task.FromResult<IReadOnlyList<PreflightResult>>([]);
}

/// <summary>The source cannot go on without a person: what is wrong, where, and what to do.</summary>
public sealed class SourceException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The source does not have the changes any more that follow on what was published.</summary>
    public bool IsPlaceLost { get; init; }
}

/// <summary>How much a preflight finding matters.</summary>
public enum PreflightLevel
{
    /// <summary>As it should be.</summary>
    Pass,

    /// <summary>Works, but somebody should know.</summary>
    Warn,

    /// <summary>Capture cannot run like this.</summary>
    Fail,
}

/// <summary>One line of <c>cdcsync check</c>.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="What">What was found.</param>
/// <param name="Fix">SQL or words that put it right; null when nothing is to be done.</param>
public sealed record PreflightResult(PreflightLevel Level, string What, string? Fix = null);

/// <summary>What a source is doing.</summary>
public enum SourceState
{
    /// <summary>Not connected yet, or connecting again.</summary>
    Connecting,

    /// <summary>Reading existing rows.</summary>
    Snapshot,

    /// <summary>Following the log.</summary>
    Streaming,

    /// <summary>Waits, because somebody wants it to: nothing is read.</summary>
    Paused,

    /// <summary>Gave up; see the error.</summary>
    Stopped,
}

/// <summary>Where a source stands, for <c>cdcsync status</c>.</summary>
/// <param name="State">What it does.</param>
/// <param name="Read">The last place handed to the worker.</param>
/// <param name="Confirmed">The last place the source was told it may forget, as the source writes it.</param>
/// <param name="LagBytes">Bytes of log between what is confirmed and the source's newest; null when unknown.</param>
/// <param name="LastCommitAt">When the last change read was committed, by the source's clock.</param>
/// <param name="Error">Why it reconnects or stopped.</param>
public sealed record SourceStatus(
    SourceState State, SourcePosition Read, string Confirmed, long? LagBytes, DateTimeOffset? LastCommitAt, string? Error)
{
    /// <summary>The snapshot being read; null when there is none.</summary>
    public SnapshotStatus? Snapshot { get; init; }

    /// <summary>The limit of the load budget that holds back the reading of rows; null when none does.</summary>
    public BudgetWait? Waits { get; init; }
}

/// <summary>How far a snapshot is.</summary>
/// <param name="Id">The signal that asked for it; <c>initial</c> for the first one.</param>
/// <param name="Table">The table being read.</param>
/// <param name="Rows">Rows of it read.</param>
/// <param name="Total">Rows it has, about; null when unknown.</param>
/// <param name="TablesLeft">Tables after it.</param>
/// <param name="RowsPerSecond">How fast, over the last seconds.</param>
/// <param name="TimeLeft">Until the table is read; null when unknown.</param>
/// <param name="Paused">Somebody wants it to wait.</param>
public sealed record SnapshotStatus(string Id, string Table, long Rows, long? Total, int TablesLeft, double RowsPerSecond, TimeSpan? TimeLeft, bool Paused)
{
    /// <summary>How long its readers have waited for the load budget, added up.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>What they wait for now: <c>rows</c>, <c>bytes</c> or <c>replication_lag</c>; null when they read.</summary>
    public string? WaitsFor { get; init; }
}
