using System.Buffers;

namespace CdcSync.Mdm.Offline;

/// <summary>What stands after a cell.</summary>
enum CellEnd
{
    Cell, Line, File,
}

/// <summary>
/// Cells of delimited text, one at a time, as spans of a buffer that is filled again: the strings are made where they are kept. Reads what spreadsheets, databases and
/// scripts write: quotes doubled or not, blanks around cells, any end of line.
/// </summary>
sealed class CsvCells(TextReader text, char delimiter, string file)
{
    /// <summary>More is no cell but a quote that is never closed.</summary>
    public const int LargestCell = 8 << 20;

    readonly SearchValues<char> _ends = SearchValues.Create([delimiter, '\n', '\r']);
    readonly ArrayBufferWriter<char> _unquoted = new();
    char[] _buffer = new char[1 << 16];
    int _at, _filled;
    bool _ended, _afterReturn;

    /// <summary>The line the next cell starts at.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>Cells with a quote inside that is not doubled.</summary>
    public int StrayQuotes { get; private set; }

    /// <summary>The next cell, trimmed; valid until the next call. After the last end of line one more, empty cell comes.</summary>
    public CellEnd Read(out ReadOnlySpan<char> cell)
    {
        if (_afterReturn && Has(0) && _buffer[_at] == '\n') _at++;
        _afterReturn = false;
        SkipBlanks();
        if (Has(0) && _buffer[_at] == '"') return Quoted(out cell);
        var length = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_at + length, _filled - _at - length).IndexOfAny(_ends);
            if (found >= 0)
            {
                cell = _buffer.AsSpan(_at, length + found).Trim();
                _at += length + found;
                return End();
            }
            length = _filled - _at;
            if (!Has(length)) break;
        }
        cell = _buffer.AsSpan(_at, length).Trim();
        _at += length;
        return CellEnd.File;
    }

    CellEnd Quoted(out ReadOnlySpan<char> cell)
    {
        var opened = Line;
        _at++;
        _unquoted.ResetWrittenCount();
        while (true)
        {
            var rest = _buffer.AsSpan(_at, _filled - _at);
            var found = rest.IndexOf('"');
            var plain = rest[..(found < 0 ? rest.Length : found)];
            _unquoted.Write(plain);
            Line += plain.Count('\n');
            _at += plain.Length;
            if (_unquoted.WrittenCount > LargestCell) throw Unclosed(opened, $"opens a cell of over {LargestCell >> 20} million characters");
            if (found < 0)
            {
                if (!Has(0)) throw Unclosed(opened, "is never closed");
                continue;
            }
            _at++;
            if (Has(0) && _buffer[_at] == '"')
            {
                _unquoted.Write("\"");
                _at++;
            }
            else if (ClosesHere())
            {
                cell = _unquoted.WrittenSpan.Trim();
                return Has(0) ? End() : CellEnd.File;
            }
            else
            {
                StrayQuotes++;
                _unquoted.Write("\"");
            }
        }
    }

    // A quote ends the cell when only blanks stand before the next delimiter: in "12" pipe", the second does not.
    bool ClosesHere()
    {
        var ahead = 0;
        while (Has(ahead) && _buffer[_at + ahead] == ' ') ahead++;
        if (Has(ahead) && !_ends.Contains(_buffer[_at + ahead])) return false;
        _at += ahead;
        return true;
    }

    void SkipBlanks()
    {
        while (Has(0) && (_buffer[_at] == ' ' || (_buffer[_at] == '\t' && delimiter != '\t'))) _at++;
    }

    CellEnd End()
    {
        var end = _buffer[_at++];
        if (end == delimiter) return CellEnd.Cell;
        _afterReturn = end == '\r';      // whether \n follows is seen with the next cell: to look now could move this one's letters
        Line++;
        return CellEnd.Line;
    }

    // True when the buffer holds a character that far ahead; reads on when it must.
    bool Has(int ahead) => _at + ahead < _filled || ReadOn(ahead);

    bool ReadOn(int ahead)
    {
        while (_at + ahead >= _filled)
        {
            if (_ended) return false;
            if (_at > 0) _buffer.AsSpan(_at, _filled - _at).CopyTo(_buffer);
            (_filled, _at) = (_filled - _at, 0);
            if (_filled == _buffer.Length)
            {
                if (_filled > LargestCell) throw new RecordFileException(file, Line, $"a cell of over {LargestCell >> 20} million characters: is this delimited text?");
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
            var read = text.Read(_buffer, _filled, _buffer.Length - _filled);
            _filled += read;
            _ended = read == 0;
        }
        return true;
    }

    RecordFileException Unclosed(int line, string what) => new(file, line, $"the quote here {what}; close it, or double the quotes that stand inside a quoted cell");
}
