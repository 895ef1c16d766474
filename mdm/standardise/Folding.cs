using System.Buffers;

namespace CdcSync.Mdm.Standardise;

/// <summary>
/// Unicode down to what two clerks would type alike: upper case, Latin letters without accents, full-width forms and odd spaces as plain ones, controls gone. The
/// process runs without ICU (invariant globalisation), where string.Normalize does nothing; so the Latin tables are here.
/// </summary>
public static class Folding
{
    // One base letter a code point; '.' where there is none or it takes two letters (see Two).
    const string Latin00C0 =
        "AAAAAA.CEEEEIIIIDNOOOOO.OUUUUY..AAAAAA.CEEEEIIIIDNOOOOO.OUUUUY.YAAAAAACCCCCCCCDDDDEEEEEEEEEEGGGGGGGGHHHHIIIIIIIIII..JJKKKLLLLLLL"
        + "LLLNNNNNNNNNOOOOOO..RRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";
    const string Latin01CD = "AAIIOOUUUUUUUUUU.AAAA....GGKKOOOO..J...GG..NNAA....AAAAEEEEIIIIOOOORRRRUUUUSSTT";
    const string Latin1E00 =
        "AABBBBBBCCDDDDDDDDDDEEEEEEEEEEFFGGHHHHHHHHHHIIIIKKKKKKLLLLLLLLMMMMMMNNNNNNNNOOOOOOOOPPPPRRRRRRRRSSSSSSSSSSTTTTTTTTUUUUUUUUUUVVVV"
        + "WWWWWWWWWWXXXXYYZZZZZZHTWY......AAAAAAAAAAAAAAAAAAAAAAAAEEEEEEEEEEEEEEEEIIIIOOOOOOOOOOOOOOOOOOOOOOOOUUUUUUUUUUUUUUYYYYYYYY......";

    /// <summary>The folded text, trimmed, runs of white space as one space.</summary>
    public static string Fold(string text)
    {
        // A letter becomes two at most, and a gap is kept only for white space that was there.
        var needed = text.Length * 2;
        var rented = needed > 512 ? ArrayPool<char>.Shared.Rent(needed) : null;
        Span<char> folded = rented ?? stackalloc char[512];
        var length = Fold(text, folded);
        var result = folded[..length].SequenceEqual(text) ? text : new string(folded[..length]);
        if (rented is not null) ArrayPool<char>.Shared.Return(rented);
        return result;
    }

    static int Fold(string text, Span<char> folded)
    {
        var length = 0;
        var gap = false;
        foreach (var letter in text)
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                if (gap) folded[length++] = ' ';
                gap = false;
                folded[length++] = char.IsAsciiLetterLower(letter) ? (char)(letter - 32) : letter;
                continue;
            }
            var plain = letter is >= '\uFF01' and <= '\uFF5E' ? (char)(letter - 0xFEE0) : letter;
            if (char.IsWhiteSpace(plain) || char.IsControl(plain))
            {
                gap = length > 0;
                continue;
            }
            if (IsInvisible(plain)) continue;
            if (gap) folded[length++] = ' ';
            gap = false;
            length += Append(folded[length..], plain);
        }
        return length;
    }

    static int Append(Span<char> folded, char letter)
    {
        if (letter >= 0x80 && Two(letter) is { } two)
        {
            two.CopyTo(folded);
            return 2;
        }
        folded[0] = letter < 0x80 ? char.ToUpperInvariant(letter) : One(letter) is var one and not '.' ? one : char.ToUpperInvariant(letter);
        return 1;
    }

    static char One(char letter) => letter switch
    {
        >= '\u00C0' and <= '\u017F' => Latin00C0[letter - 0xC0],
        >= '\u01CD' and <= '\u021B' => Latin01CD[letter - 0x1CD],
        >= '\u1E00' and <= '\u1EFF' => Latin1E00[letter - 0x1E00],
        '\u2018' or '\u2019' or '\u201B' or '\u00B4' or '\u02BC' => '\'',
        '\u201C' or '\u201D' or '\u201E' or '\u00AB' or '\u00BB' => '"',
        '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\u2014' or '\u2212' => '-',
        _ => '.',
    };

    static string? Two(char letter) => letter switch
    {
        'ß' or 'ẞ' => "SS",
        'Æ' or 'æ' => "AE",
        'Œ' or 'œ' => "OE",
        'Þ' or 'þ' => "TH",
        'Ĳ' or 'ĳ' => "IJ",
        _ => null,
    };

    // Combining marks (a decomposed accent), soft hyphen, zero-width characters, byte order mark.
    static bool IsInvisible(char letter) =>
        letter is >= '\u0300' and <= '\u036F' or '\u00AD' or >= '\u200B' and <= '\u200F' or '\u2060' or '\uFEFF';
}
