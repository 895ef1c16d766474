using System.Text;

namespace CdcSync.Mdm.Offline;

/// <summary>Reads an export: delimited text with a header, or JSON objects (an array of them, or one a line).</summary>
public static class RecordFile
{
    /// <summary>Values are read up to this many letters: no name or address is longer, and comparing a megabyte with a megabyte never ends.</summary>
    public const int LongestValue = 4000;

    /// <summary>All records of a file.</summary>
    /// <exception cref="RecordFileException">It cannot be read, or holds no records.</exception>
    public static RawTable Read(string path, CancellationToken stop)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
            var (encoding, note) = TextFile.EncodingOf(file, stop);
            file.Position = 0;
            using var text = new StreamReader(file, encoding, detectEncodingFromByteOrderMarks: true, 1 << 16);
            List<string> notes = note is null ? [] : [$"{path} {note}"];
            return Read(text, path, notes, stop);
        }
        catch (Exception unreadable) when (unreadable is IOException and not RecordFileException or UnauthorizedAccessException)
        {
            throw new RecordFileException(path, 0, $"cannot be read: {unreadable.Message}");
        }
    }

    /// <summary>The same for text that is in memory.</summary>
    public static RawTable Parse(string name, string text, CancellationToken stop) => Read(new StringReader(text), name, [], stop);

    static RawTable Read(TextReader text, string path, List<string> notes, CancellationToken stop)
    {
        var head = new char[1 << 16];
        var ahead = text.ReadBlock(head, 0, head.Length);
        var start = head.AsSpan(0, ahead).TrimStart();
        if (start.IsEmpty) throw new RecordFileException(path, 0, "is empty");
        using var whole = new Prepended(head.AsMemory(0, ahead), text);
        return start[0] is '[' or '{' ? JsonRecords.Read(whole, path, notes, stop) : new CsvRecords(path, notes).Read(whole, CsvDelimiter.Of(head.AsSpan(0, ahead)), stop);
    }

    // The text from its start, although its head was read already.
    sealed class Prepended(ReadOnlyMemory<char> head, TextReader rest) : TextReader
    {
        int _at;

        public override int Read(char[] buffer, int index, int count)
        {
            if (_at == head.Length) return rest.Read(buffer, index, count);
            var taken = Math.Min(count, head.Length - _at);
            head.Span.Slice(_at, taken).CopyTo(buffer.AsSpan(index));
            _at += taken;
            return taken;
        }
    }

    internal static string NameOf(string path) => Path.GetFileNameWithoutExtension(path);
}
