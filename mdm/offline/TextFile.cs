using System.Text;
using System.Text.Unicode;

namespace CdcSync.Mdm.Offline;

/// <summary>In which encoding a text file is written: by its first bytes, else by whether all of it is valid UTF-8.</summary>
static class TextFile
{
    /// <summary>The encoding, and what to tell people where it is a guess.</summary>
    public static (Encoding Encoding, string? Note) EncodingOf(Stream file, CancellationToken stop)
    {
        var buffer = new byte[1 << 20];
        var (kept, first) = (0, true);
        while (file.Read(buffer, kept, buffer.Length - kept) is > 0 and var read)
        {
            stop.ThrowIfCancellationRequested();
            var bytes = buffer.AsSpan(0, kept + read);
            if (first && Marked(bytes) is { } marked) return (marked, null);
            first = false;
            var whole = WholeCharacters(bytes);
            if (!Utf8.IsValid(bytes[..whole])) return Windows();
            bytes[whole..].CopyTo(buffer);
            kept = bytes.Length - whole;
        }
        return kept == 0 ? (Encoding.UTF8, null) : Windows();
    }

    static (Encoding, string?) Windows() =>
        (CodePagesEncodingProvider.Instance.GetEncoding(1252)!, "is no UTF-8 and was read as Windows-1252; where letters look wrong, save it as UTF-8");

    static Encoding? Marked(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xFE, 0, 0, ..] => Encoding.UTF32,
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8,
        [not 0, 0, not 0, 0, ..] => Encoding.Unicode,
        [0, not 0, 0, not 0, ..] => Encoding.BigEndianUnicode,
        _ => null,
    };

    // Where the last character that is complete ends.
    static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= 3 && back <= bytes.Length; back++)
        {
            var at = bytes[^back];
            if ((at & 0xC0) == 0x80) continue;
            var needs = at >= 0xF0 ? 4 : at >= 0xE0 ? 3 : at >= 0xC0 ? 2 : 1;
            return needs > back ? bytes.Length - back : bytes.Length;
        }
        return bytes.Length;
    }
}
