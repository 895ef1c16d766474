using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Snapshot;

/// <summary>A source's progress while it runs: what signals and chunks do to it, and what each batch carries of it into the log.</summary>
sealed class SnapshotBook
{
    readonly string _source;
    readonly ILogger _log;
    readonly SignalDesk _desk;
    readonly SnapshotMeter _meter;
    List<Notice> _told = [];

    /// <param name="source">Name of the source, for logs.</param>
    /// <param name="prefix">The topics' prefix.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="log">Says what could not be done.</param>
    /// <param name="clock">Time.</param>
    /// <param name="database">First part of the tables' names, which signals may leave out; null where names have none.</param>
    public SnapshotBook(string source, string prefix, string? state, ILogger log, TimeProvider clock, string? database = null)
    {
        (_source, _log, State, Progress) = (source, log, state, SnapshotProgress.Parse(state));
        Notices = new SnapshotNotices(prefix, clock);
        _desk = new SignalDesk(source, Notices, log, database);
        _meter = new SnapshotMeter(source, clock);
    }

    /// <summary>Captured tables of the source's other databases.</summary>
    public Func<IEnumerable<string>>? Elsewhere { init => _desk.Elsewhere = value; }

    /// <summary>Where everything stands.</summary>
    public SnapshotProgress Progress { get; private set; }

    /// <summary>The same as the bookmark has it.</summary>
    public string? State { get; private set; }

    /// <summary>Says what is done.</summary>
    public SnapshotNotices Notices { get; }

    /// <summary>What the next batch is to say.</summary>
    public List<Notice> Told => _told;

    /// <summary>For <c>status</c>.</summary>
    public SnapshotStatus? Status { get; private set; }

    /// <summary>The incremental snapshot to go on with; null when there is none or it is to wait.</summary>
    public AskedSnapshot? Incremental => Progress is { Paused: not true, Current: { Blocking: false } current } ? current : null;

    /// <summary>The blocking snapshot whose turn it is.</summary>
    public AskedSnapshot? Blocking => Progress.Current is { Blocking: true } current ? current : null;

    public void Set(SnapshotProgress progress) => (Progress, State) = (progress, progress.Write());

    /// <summary>Carries out a signal.</summary>
    /// <param name="signal">What it says.</param>
    /// <param name="number">Its place in the inbox; null for one of the stream.</param>
    /// <param name="tables">The captured tables.</param>
    public void Take(Signal signal, long? number, IReadOnlyList<string> tables)
    {
        var after = _desk.Take(Progress, signal, tables, _told);
        Set(number is { } taken ? after with { Signal = taken } : after);
        if (Progress.Current is null) End();
        else if (Status is { } status) Status = status with { Paused = Progress.Paused == true };
    }

    /// <summary>A chunk goes out with the next batch.</summary>
    /// <param name="now">Where its snapshot stands with it.</param>
    /// <param name="read">Rows it had when it was read.</param>
    /// <param name="isLast">Its table is complete.</param>
    /// <param name="chunkRows">Rows of a full chunk.</param>
    public void ChunkRead(AskedSnapshot now, int read, bool isLast, int chunkRows)
    {
        if (now.MaxKey is not null) _told.Add(Notices.ChunkRead(now, chunkRows));
        Status = _meter.Count(now.Id, now.Tables[0].Name, read, now.Rows, now.Total is { } total ? Math.Max(total, now.Rows) : null, now.Tables.Count - 1, paused: false);
        if (isLast) TableDone(now, now.MaxKey is null ? "EMPTY" : "SUCCEEDED");
        else Set(Progress.WithCurrent(now));
    }

    /// <summary>The current table cannot be read.</summary>
    public void LeaveOut(AskedSnapshot now, string status, string why)
    {
        Log.TableLeftOut(_log, _source, now.Id, now.Tables[0].Name, why);
        TableDone(now, status);
    }

    /// <summary>The current table cannot be read in chunks: it is read in one pass while the stream waits.</summary>
    public void ReadInOnePass(AskedSnapshot now)
    {
        var left = now.Next();
        var pass = new AskedSnapshot(now.Id, Blocking: true, [now.Tables[0]]);
        if (left is null) _told.Add(Notices.Completed(now));
        Set(Progress with { Asked = [pass, .. left is null ? [] : (AskedSnapshot[])[left], .. Progress.Asked!.Skip(1)] });
    }

    /// <summary>Rows go out that were read while the stream waits.</summary>
    public void RowsRead(string id, string table, int read, long tableRows, long? total, int tablesLeft) => Status = _meter.Count(id, table, read, tableRows, total, tablesLeft, paused: false);

    /// <summary>Nothing is read any more.</summary>
    public void End()
    {
        if (Status is null) return;
        Status = null;
        _meter.End();
    }

    /// <summary>What a batch takes with it.</summary>
    public void Stamp(ChangeBatch batch)
    {
        batch.State = State;
        Tell(batch);
    }

    /// <summary>What a batch takes with it beside the state.</summary>
    public void Tell(ChangeBatch batch)
    {
        (batch.MapsAgain, _desk.ObjectsAsked) = (_desk.ObjectsAsked, false);
        if (_told.Count == 0) return;
        (batch.Notices, _told) = (_told, []);
    }

    void TableDone(AskedSnapshot now, string status)
    {
        _told.Add(Notices.TableRead(now, status));
        Log.TableRead(_log, _source, now.Id, now.Tables[0].Name, now.Rows);
        var left = now.Next();
        if (left is null) _told.Add(Notices.Completed(now));
        Set(Progress.WithCurrent(left));
        if (Progress.Current is null) End();
    }
}
