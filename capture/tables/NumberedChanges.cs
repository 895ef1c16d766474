using System.Globalization;

namespace CdcSync.Capture.Tables;

/// <summary>
/// A change table whose rows are numbered, of a database that does not say what became visible when. A number that is missing between two that were read may still be
/// on its way: it is looked for until nothing can come late any more (<see cref="Settling"/>).
/// </summary>
sealed class NumberedChanges : TableWay
{
    const int MostRanges = 40;
    readonly SqlDialect _dialect;
    readonly ChangeRows _rows;
    readonly Settling _settling;
    readonly int _pageRows;
    readonly List<Gap> _gaps = [];
    (Moment Moment, long Stamp)? _began;
    long? _high, _end;
    long _micros;
    bool _goesOn;
    Moment _now;

    /// <summary>Numbers that were missing when the next was read.</summary>
    readonly record struct Gap(long First, long Last, (Moment Moment, long Stamp) Since);

    public NumberedChanges(TablesSettings settings, SqlDialect dialect, WatchedTable watched, PlainTable table, TableMark? mark, TimeProvider clock)
        : base(watched, table)
    {
        (_dialect, _pageRows, _rows, _settling) = (dialect, settings.BatchRows, new ChangeRows(dialect, watched, table), new Settling(dialect, settings.Lag, clock));
        _high = mark?.High;
        // How old a gap was is not remembered: it is given its whole time again.
        foreach (var gap in (mark?.Gaps ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = gap.IndexOf('-', 1);
            _gaps.Add(new Gap(long.Parse(gap[..dash], CultureInfo.InvariantCulture), long.Parse(gap[(dash + 1)..], CultureInfo.InvariantCulture), default));
        }
    }

    public override bool IsReady => _high is not null && _began is null;

    public override TableMark? Mark => !IsReady ? null
        : new(High: _high, Gaps: _gaps.Count == 0 ? null : string.Join(',', _gaps.Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.First}-{g.Last}"))));

    long Low => _gaps.Count > 0 ? _gaps[0].First - 1 : _high ?? 0;

    public override void Begin(Moment from, Moment to)
    {
        (_now, _micros, _end, _goesOn) = (to, to.Micros, null, false);
        for (var i = 0; i < _gaps.Count; i++)
            if (_gaps[i].Since.Moment.Open is null) _gaps[i] = _gaps[i] with { Since = _settling.Note(to) };
    }

    public override string? Peek(Statement statement) => _high is null || _began is not null || _gaps.Count > 0 ? null : $"select 1 from {_rows.Quoted} where {_rows.Id} > {statement.Value(_high)}";

    public override async Task<bool> ReadAsync(SourceConnection connection, BatchFill fill, CancellationToken stop)
    {
        if (!IsReady && !await StartAsync(connection, stop)) return true;
        // A round of several pages has an end: those who write without pause do not keep the other tables waiting.
        if (_goesOn) _end ??= await HighestAsync(connection, stop);
        _goesOn = true;
        var over = _gaps.Where(g => _settling.IsOver(g.Since, _now)).ToList();
        var (statement, limit) = Page();
        await using var command = connection.Command(statement);
        await using var rows = await command.ExecuteReaderAsync(stop);
        var (count, last) = (0, 0L);
        for (; await rows.ReadAsync(stop); count++)
        {
            last = ChangeRows.IdOf(rows);
            if (IsNew(last) && !fill.TryAdd(_rows.Read(rows, _micros))) return false;
            Note(last);
        }
        _gaps.RemoveAll(g => over.Contains(g) && (count < limit || g.Last <= last));
        return count < limit;
    }

    // New numbers and missing ones in one query: what has become visible since the last may hold both a number in a gap and a higher one of the same row.
    (Statement Statement, int Limit) Page()
    {
        var statement = new Statement(_dialect);
        var (ranges, published) = Looked();
        var where = $"{_rows.Id} > {statement.Value(Low)}";
        if (ranges.Count > 0) where += $" and ({_rows.Id} > {statement.Value(_high!.Value)}{string.Concat(ranges.Select(r => $" or {_rows.Id} between {statement.Value(r.First)} and {statement.Value(r.Last)}"))})";
        if (_end is { } end) where += $" and {_rows.Id} <= {statement.Value(end)}";
        var limit = (int)Math.Min(int.MaxValue, _pageRows + published);
        return (statement.Append(_dialect.Select(_rows.Columns, _rows.Quoted, where, _rows.Id, limit)), limit);
    }

    // Few ranges that hold all gaps, and how many numbers in them are none: of many gaps, neighbours are looked at together.
    (List<(long First, long Last)> Ranges, long Published) Looked()
    {
        var ends = Enumerable.Range(1, Math.Max(_gaps.Count - 1, 0)).OrderByDescending(i => _gaps[i].First - _gaps[i - 1].Last).Take(MostRanges - 1).ToHashSet();
        var ranges = new List<(long First, long Last)>();
        foreach (var (i, gap) in _gaps.Index())
            if (i == 0 || ends.Contains(i)) ranges.Add((gap.First, gap.Last));
            else ranges[^1] = (ranges[^1].First, gap.Last);
        return (ranges, ranges.Sum(r => r.Last - r.First + 1) - _gaps.Sum(g => g.Last - g.First + 1));
    }

    async Task<long> HighestAsync(SourceConnection connection, CancellationToken stop) =>
        Convert.ToInt64(await connection.ScalarAsync($"select max({_rows.Id}) from {_rows.Quoted}", stop) ?? 0L, CultureInfo.InvariantCulture);

    // What is there already is read as rows; what is on its way would be neither there nor, later, above the highest number.
    async Task<bool> StartAsync(SourceConnection connection, CancellationToken stop)
    {
        if (_high is null)
        {
            _high = await HighestAsync(connection, stop);
            _began = _settling.Note(await connection.ObserveAsync(stop));
        }
        if (!_settling.IsOver(_began!.Value, _now)) return false;
        _began = null;
        return true;
    }

    bool IsNew(long id) => id > _high || _gaps.Exists(g => id >= g.First && id <= g.Last);

    void Note(long id)
    {
        if (id > _high)
        {
            if (id > _high + 1) _gaps.Add(new Gap(_high.Value + 1, id - 1, _settling.Note(_now)));
            _high = id;
            return;
        }
        var at = _gaps.FindIndex(g => id >= g.First && id <= g.Last);
        if (at < 0) return;
        var gap = _gaps[at];
        _gaps.RemoveAt(at);
        if (id < gap.Last) _gaps.Insert(at, gap with { First = id + 1 });
        if (id > gap.First) _gaps.Insert(at, gap with { Last = id - 1 });
    }

    public override string? Spent(Moment ended) => IsReady ? string.Create(CultureInfo.InvariantCulture, $"{_rows.Id} <= {Low}") : null;
}
