using System.Threading.Channels;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.SqlServer;

/// <summary>Where the streams of a source's databases meet: batches go on one at a time, each with the places of all.</summary>
sealed class SourceOutput : IDisposable
{
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly Dictionary<string, DatabaseState> _states;
    readonly ChannelWriter<ChangeBatch> _batches;
    readonly HashSet<string> _complete = new(StringComparer.OrdinalIgnoreCase);
    readonly IReadOnlyList<string> _databases;
    (string Database, DatabaseState State, string Text)? _written;

    public SourceOutput(Bookmark? from, IReadOnlyList<string> databases, ChannelWriter<ChangeBatch> batches)
    {
        (_states, _databases, _batches) = (DatabaseStates.Of(from), databases, batches);
        foreach (var database in databases)
            if (!_states.ContainsKey(database)) _states[database] = new DatabaseState { Number = _states.Count == 0 ? 0 : _states.Values.Max(s => s.Number) + 1 };
    }

    public DatabaseState StateOf(string database) => _states[database];

    public SourcePosition PlaceOf(string database) => _states[database].Place is { } place ? SourcePosition.Parse(place) : SourcePosition.Start;

    /// <summary>The existing rows of a database are all published.</summary>
    public void Complete(string database)
    {
        lock (_complete) _complete.Add(database);
    }

    public async Task WriteAsync(string database, ChangeBatch batch, DatabaseState state, SourcePosition end, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            batch.End = end.Tag(state.Number);
            batch.State = Text(database, state with { Place = null });
            lock (_complete) batch.IsSnapshotDone = _databases.All(_complete.Contains);
            await _batches.WriteAsync(batch, stop);
            _states[database] = state with { Place = end.ToString() };
        }
        finally
        {
            _turn.Release();
        }
    }

    // The same text as long as only this database moves: its own place is the batch's end.
    string Text(string database, DatabaseState state)
    {
        if (_written is { } last && last.Database == database && ReferenceEquals(last.State.Instances, state.Instances) && last.State == state with { Instances = last.State.Instances }) return last.Text;
        var all = new Dictionary<string, DatabaseState>(_states) { [database] = state };
        var text = new DatabaseStates { Databases = all }.Write();
        _written = (database, state, text);
        return text;
    }

    public void Dispose() => _turn.Dispose();
}
