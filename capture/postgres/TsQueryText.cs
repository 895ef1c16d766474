using System.Buffers.Binary;
using System.Text;

namespace CdcSync.Capture.Postgres;

/// <summary>A tsquery's binary form, operators before their operands and the right one first, as the server's text.</summary>
static class TsQueryText
{
    const int Not = 1, And = 2, Or = 3, Phrase = 4;

    public static string Of(ReadOnlySpan<byte> cell)
    {
        var rest = cell[4..];
        return BinaryPrimitives.ReadInt32BigEndian(cell) == 0 ? "" : Read(ref rest, Or, isRight: false);
    }

    static string Read(ref ReadOnlySpan<byte> rest, int outer, bool isRight)
    {
        var isValue = rest[0] == 1;
        rest = rest[1..];
        return isValue ? Word(ref rest) : Operation(ref rest, outer, isRight);
    }

    static string Word(ref ReadOnlySpan<byte> rest)
    {
        var (weights, prefix) = (rest[0], rest[1] != 0);
        var end = rest[2..].IndexOf((byte)0);
        var text = $"'{Encoding.UTF8.GetString(rest.Slice(2, end)).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
        rest = rest[(3 + end)..];
        var marks = (prefix ? "*" : "") + string.Concat("ABCD".Where((_, i) => (weights & 8 >> i) != 0));
        return marks.Length == 0 ? text : $"{text}:{marks}";
    }

    static string Operation(ref ReadOnlySpan<byte> rest, int outer, bool isRight)
    {
        var kind = (int)rest[0];
        rest = rest[1..];
        if (kind == Not) return "!" + Read(ref rest, Not, isRight: false);
        var distance = 0;
        if (kind == Phrase)
        {
            distance = BinaryPrimitives.ReadInt16BigEndian(rest);
            rest = rest[2..];
        }
        var right = Read(ref rest, kind, isRight: true);
        var left = Read(ref rest, kind, isRight: false);
        var sign = kind switch { And => "&", Or => "|", _ => distance == 1 ? "<->" : $"<{distance}>" };
        var text = $"{left} {sign} {right}";
        return Strength(kind) < Strength(outer) || (kind == Phrase && outer == Phrase && isRight) ? $"( {text} )" : text;
    }

    static int Strength(int kind) => kind switch { Or => 1, And => 2, Phrase => 3, _ => 4 };
}
