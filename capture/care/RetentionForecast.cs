namespace CdcSync.Capture.Care;

/// <summary>How fast the room for what a source keeps shrinks: from a few minutes of looks, or, when nothing is given back any more, from how fast the log is written.</summary>
/// <param name="settle">From how long a time on there is a trend: two looks, which with the default interval is longer than the server takes from one place to the next.</param>
/// <param name="clock">Time.</param>
sealed class RetentionForecast(TimeSpan settle, TimeProvider clock)
{
    /// <summary>How far it looks back: long enough that a place that moves in jumps (a checkpoint, a large transaction) is no trend.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    readonly Queue<Look> _looks = new();
    Look? _moved;

    readonly record struct Look(long At, ulong Written, ulong KeptFrom);

    /// <summary>Notes where the log ends and from where it is kept; says by how many bytes a second what is kept grows. Zero when it shrinks.</summary>
    public double Grows(ulong written, ulong keptFrom)
    {
        var now = new Look(clock.GetTimestamp(), written, keptFrom);
        if (_moved is not { } moved || moved.KeptFrom != keptFrom) _moved = moved = now;
        _looks.Enqueue(now);
        while (_looks.Count > 2 && clock.GetElapsedTime(_looks.Peek().At, now.At) > Window) _looks.Dequeue();
        var first = _looks.Peek();
        var growing = Rate(first, now, (double)(written - keptFrom) - (first.Written - first.KeptFrom));
        // It has stood for a while: what was given back before that says nothing of what comes.
        var stands = Rate(moved, now, written - moved.Written);
        return Math.Max(0, Math.Max(growing, stands));
    }

    double Rate(Look from, Look to, double bytes) => clock.GetElapsedTime(from.At, to.At) is var time && time >= settle ? bytes / time.TotalSeconds : 0;
}
