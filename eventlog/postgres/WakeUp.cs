namespace CdcSync.EventLog.Postgres;

/// <summary>What a reader has been told since it last looked: which partitions grew. An idle reader asks the store nothing.</summary>
sealed class WakeUp : IDisposable
{
    readonly Lock _gate = new();
    readonly SemaphoreSlim _told = new(0, 1);
    HashSet<int> _grown = [];
    bool _everything = true;

    /// <summary>These grew.</summary>
    public void Partitions(ReadOnlySpan<int> partitions)
    {
        lock (_gate)
        {
            foreach (var partition in partitions) _grown.Add(partition);
            Tell();
        }
    }

    /// <summary>Anything may have grown, topics may be new.</summary>
    public void Everything()
    {
        lock (_gate)
        {
            _everything = true;
            Tell();
        }
    }

    /// <summary>Takes what was told: the partitions, or everything.</summary>
    public (bool Everything, HashSet<int> Partitions) Take()
    {
        lock (_gate)
        {
            var taken = (_everything, _grown);
            (_everything, _grown) = (false, []);
            return taken;
        }
    }

    /// <summary>Waits until something is told; false when the time passed.</summary>
    public Task<bool> WaitAsync(TimeSpan wait, CancellationToken stop) => _told.WaitAsync(wait, stop);

    public void Dispose() => _told.Dispose();

    void Tell()
    {
        if (_told.CurrentCount == 0) _told.Release();
    }
}
