namespace CdcSync.Capture.Care;

/// <summary>How fast the room for what a source keeps shrinks: from a few minutes of looks, or, when nothing is given back any more, from how fast the log is written.</summary>
/// <param name="clock">Time.</param>
sealed class RetentionForecast(TimeProvider clock)
{
    /// <summary>How far it looks back: long enough that a place that moves in jumps (a checkpoint, a large transaction) is no trend.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    readonly Queue<Look> _looks = new();
    Look? _moved;

    readonly record struct Look(long At, ulong Written, ulong KeptFrom);

    /// <summary>Notes where the log ends and from where it is kept; says by how many bytes a second what is kept grows. Zero until there are two looks, or when it shrinks.</summary>
    public double Grows(ulong written, ulong keptFrom)
    {
        var now = new Look(clock.GetTimestamp(), written, keptFrom);
        if (_moved is not { } moved || moved.KeptFrom != keptFrom) _moved = moved = now;
        _looks.Enqueue(now);
        while (_looks.Count > 2 && clock.GetElapsedTime(_looks.Peek().At, now.At) > Window) _looks.Dequeue();
        var first = _looks.Peek();
        var growing = Rate(first, now, (double)(written - keptFrom) - (first.Written - first.KeptFrom));
        // It has stood for two looks: what was given back before that says nothing of what comes.
        var stands = _looks.Count(l => l.At > moved.At) >= 2 ? Rate(moved, now, written - moved.Written) : 0;
        return Math.Max(0, Math.Max(growing, stands));
    }

    double Rate(Look from, Look to, double bytes) => clock.GetElapsedTime(from.At, to.At).TotalSeconds is > 0 and var seconds ? bytes / seconds : 0;
}
