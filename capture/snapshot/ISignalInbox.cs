namespace CdcSync.Capture.Snapshot;

/// <summary>A signal with its place in the inbox.</summary>
/// <param name="Number">Grows from signal to signal: the source remembers the last one with its place, so each is carried out once.</param>
/// <param name="Signal">What it says.</param>
public sealed record NumberedSignal(long Number, Signal Signal);

/// <summary>Signals from outside for one source.</summary>
public interface ISignalInbox
{
    /// <summary>Those after a number, oldest first, without end: waits for the next. Those up to it are carried out and may be forgotten.</summary>
    IAsyncEnumerable<NumberedSignal> ReadAsync(long after, CancellationToken stop);
}

/// <summary>A source that takes signals from outside.</summary>
public interface ISignalled
{
    /// <summary>Where they come from; before the source is read.</summary>
    void Attach(ISignalInbox inbox);
}
