using System.Threading.Channels;
using CdcSync.Contract.Compare;

namespace CdcSync.Reconcile.Compare;

/// <summary>Reads a side row by row, proves its order, and reads ahead while the other side is worked on.</summary>
sealed class OrderedSide : IAsyncDisposable
{
    const int ChunkRows = 512, ChunksAhead = 8;
    readonly IComparedSide _side;
    readonly CancellationTokenSource _stop;
    readonly Channel<ComparedRow[]> _chunks = Channel.CreateBounded<ComparedRow[]>(new BoundedChannelOptions(ChunksAhead) { SingleReader = true, SingleWriter = true });
    readonly Task _reading;
    ComparedRow[] _chunk = [];
    int _at = -1;

    public OrderedSide(IComparedSide side, IReadOnlyCollection<string>? keys, CancellationToken stop)
    {
        _side = side;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _reading = Task.Run(() => ReadAheadAsync(keys, _stop.Token), CancellationToken.None);
    }

    /// <summary>Rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>The row it stands at; null after the end.</summary>
    public ComparedRow? Current { get; private set; }

    /// <summary>Goes to the next row.</summary>
    /// <exception cref="CannotCompareException">It comes before the last one, or has the same key.</exception>
    public async ValueTask AdvanceAsync()
    {
        var last = Current;
        if (++_at >= _chunk.Length && !await NextChunkAsync())
        {
            Current = null;
            return;
        }
        Current = _chunk[_at];
        Count++;
        if (last is null) return;
        var order = KeyOrder.Instance.Compare(last.Key, Current.Key);
        if (order == 0) throw new CannotCompareException($"{_side.Name} has the key '{Current.Key}' twice: make the key unique in the mapping or at the target, then compare again");
        if (order > 0) throw new CannotCompareException($"{_side.Name} is not in order: '{Current.Key}' comes after '{last.Key}'. It must be ordered by key in UTF-8 byte order (collation \"C\")");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    async ValueTask<bool> NextChunkAsync()
    {
        _at = 0;
        _chunk = [];
        if (!await _chunks.Reader.WaitToReadAsync(_stop.Token)) return false;
        return _chunks.Reader.TryRead(out _chunk!);
    }

    async Task ReadAheadAsync(IReadOnlyCollection<string>? keys, CancellationToken stop)
    {
        try
        {
            var chunk = new List<ComparedRow>(ChunkRows);
            await foreach (var row in _side.ReadAsync(keys, stop))
            {
                chunk.Add(row);
                if (chunk.Count < ChunkRows) continue;
                await _chunks.Writer.WriteAsync([.. chunk], stop);
                chunk.Clear();
            }
            if (chunk.Count > 0) await _chunks.Writer.WriteAsync([.. chunk], stop);
            _chunks.Writer.Complete();
        }
        catch (Exception failure)
        {
            // Travels to whoever reads the rows.
            _chunks.Writer.Complete(failure);
        }
    }
}
