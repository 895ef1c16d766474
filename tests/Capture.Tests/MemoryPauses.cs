using System.Runtime.CompilerServices;
using CdcSync.Capture.Care;

namespace CdcSync.Capture.Tests;

/// <summary>What is to wait, in memory.</summary>
public sealed class MemoryPauses : IPauseWishes
{
    volatile Pause[] _now = [];

    public void Pause(string? table = null) => _now = [.. _now, new Pause("t", table, "a test", DateTimeOffset.UnixEpoch, "to see")];

    public void Resume(string? table = null) => _now = [.. _now.Where(p => p.Table != table)];

    public async IAsyncEnumerable<IReadOnlyList<Pause>> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        for (Pause[]? told = null; ; await Task.Delay(10, stop))
            if (_now is var now && now != told) yield return told = now;
    }
}
