namespace CdcSync.Mdm.Offline;

/// <summary>Delimited text as records: the header, then rows that may be shorter or longer than it.</summary>
sealed class CsvRecords(string file, List<string> notes)
{
    readonly List<int> _lines = [];
    int _long, _longLine, _short, _shortLine, _cut, _headers;

    public RawTable Read(TextReader text, char delimiter, CancellationToken stop)
    {
        var cells = new CsvCells(text, delimiter, file);
        var (header, more) = Header(cells);
        var columns = header.Select(_ => new ColumnReading()).ToArray();
        while (more)
        {
            if (_lines.Count % 4096 == 0) stop.ThrowIfCancellationRequested();
            more = Row(cells, columns, header);
        }
        if (_lines.Count == 0) throw new RecordFileException(file, 1, "has a header and no record below it");
        var data = Array.ConvertAll(columns, c => c.Done());
        new CsvHeader(file).RefuseData(header, data);
        NoteOddities(cells);
        return new RawTable(RecordFile.NameOf(file), CsvHeader.Names(header, notes, file), data, [.. _lines], notes);
    }

    (List<string> Header, bool More) Header(CsvCells cells)
    {
        while (true)
        {
            var header = new List<string>();
            CellEnd end;
            do
            {
                end = cells.Read(out var cell);
                header.Add(cell.ToString());
            }
            while (end == CellEnd.Cell);
            var nothing = header.TrueForAll(c => c.Length == 0) || header[0].StartsWith("sep=", StringComparison.OrdinalIgnoreCase);
            if (!nothing) return (header, end == CellEnd.Line);
            if (end == CellEnd.File) throw new RecordFileException(file, 0, "is empty");
        }
    }

    bool Row(CsvCells cells, ColumnReading[] columns, List<string> header)
    {
        var (line, place, filled, extra, isHeader) = (cells.Line, 0, false, false, true);
        CellEnd end;
        do
        {
            end = cells.Read(out var cell);
            if (cell.Length > RecordFile.LongestValue)
            {
                cell = cell[..RecordFile.LongestValue];
                _cut++;
            }
            filled |= cell.Length > 0;
            isHeader = isHeader && place < header.Count && cell.SequenceEqual(header[place]);
            if (place < columns.Length) columns[place].Add(cell);
            else extra |= cell.Length > 0;
            place++;
        }
        while (end == CellEnd.Cell);
        if (!filled || (isHeader && place == header.Count)) Drop(columns, place, filled);
        else Keep(columns, line, place, extra);
        return end == CellEnd.Line;
    }

    void Keep(ColumnReading[] columns, int line, int place, bool extra)
    {
        _lines.Add(line);
        if (extra && _long++ == 0) _longLine = line;
        if (place < columns.Length && _short++ == 0) _shortLine = line;
        for (var rest = place; rest < columns.Length; rest++) columns[rest].Add([]);
    }

    // An empty line, or the header again where files were put together.
    void Drop(ColumnReading[] columns, int place, bool header)
    {
        if (header) _headers++;
        foreach (var column in columns.AsSpan(0, Math.Min(place, columns.Length))) column.TakeBack();
    }

    void NoteOddities(CsvCells cells)
    {
        if (_long > 0 && _long >= _lines.Count * 0.5 && _lines.Count > 1)
            throw new RecordFileException(file, _longLine, $"has more cells than the header, as have {_long:N0} of {_lines.Count:N0} lines: name the columns that the header lacks");
        if (_long > 0) notes.Add($"{file}:{_longLine}: has more cells than the header{Others(_long)}; what stands too far right is left out. Is a delimiter not quoted?");
        if (_short > 0) notes.Add($"{file}:{_shortLine}: has fewer cells than the header{Others(_short)}; the missing ones are empty");
        if (_headers > 0) notes.Add($"{file}: the header stands {_headers:N0} times more among the records; left out");
        if (_cut > 0) notes.Add($"{file}: {_cut:N0} cells have more than {RecordFile.LongestValue:N0} letters; read up to there");
        if (cells.StrayQuotes > 0) notes.Add($"{file}: {cells.StrayQuotes:N0} quotes stand undoubled inside quoted cells; read as they are");
    }

    static string Others(int count) => count == 1 ? "" : $", as {count - 1:N0} other lines";
}
