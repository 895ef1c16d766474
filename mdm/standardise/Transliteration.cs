using System.Buffers;
using System.Text;

namespace CdcSync.Mdm.Standardise;

/// <summary>
/// Folded names of other scripts in Latin letters, letter by letter as passports and signposts have it: Greek, Cyrillic, Armenian, Hebrew, Arabic, Georgian, Japanese
/// syllables, Hangul. Chinese characters stay: their reading depends on the language.
/// </summary>
static class Transliteration
{
    const string Greek = "A B G D E Z I TH I K L M N X O P R S S T Y F CH PS O I Y A E I I Y";

    // From U+0400, capitals: Ѐ to Џ, then А to Я.
    const string Cyrillic =
        "E E DJ G E DZ I I J LJ NJ C K I U DZ A B V G D E ZH Z I I K L M N O P R S T U F KH TS CH SH SHCH - Y - E YU YA";

    const string Armenian = "A B G D E Z E Y T ZH I L KH TS K H DZ GH CH M Y N SH O CH P J R S V T R TS V P K O F";

    const string Georgian = "A B G D E V Z T I K L M N O P ZH R S T U P K GH Q SH CH TS DZ TS CH KH J H";

    const string Hebrew = "A B G D H V Z CH T Y K K L M M N N S A P P TS TS K R SH T";

    // From U+0621.
    const string Arabic = "- A A U I I A B A T TH J H KH D DH R Z S SH S D T Z A GH";

    // From U+0641.
    const string ArabicEnd = "F Q K L M N H U A I";

    const string Kana =
        "A A I I U U E E O O KA GA KI GI KU GU KE GE KO GO SA ZA SHI JI SU ZU SE ZE SO ZO TA DA CHI JI - TSU ZU TE DE TO DO NA NI NU NE NO HA BA PA HI BI PI FU BU PU HE BE PE HO BO PO "
        + "MA MI MU ME MO YA YA YU YU YO YO RA RI RU RE RO WA WA I E O N VU";

    const string HangulFirst = "G KK N D TT R M B PP S SS - J JJ CH K T P H";

    const string HangulVowel = "A AE YA YAE EO E YEO YE O WA WAE OE YO U WO WE WI YU EU UI I";

    const string HangulLast = "- K K K N N N T L K M L L L P L M P P T T NG T T K T P T";

    static readonly (char From, string[] Letters)[] Scripts =
    [
        ('\u0391', Letters(Greek)), ('\u0400', Letters(Cyrillic)), ('\u0531', Letters(Armenian)), ('\u10D0', Letters(Georgian)), ('\u1C90', Letters(Georgian)), ('\u05D0', Letters(Hebrew)),
        ('\u0621', Letters(Arabic)), ('\u0641', Letters(ArabicEnd)), ('\u3041', Letters(Kana)), ('\u30A1', Letters(Kana)),
    ];

    static readonly string[] First = Letters(HangulFirst), Vowel = Letters(HangulVowel), Last = Letters(HangulLast);

    static readonly SearchValues<char> Latin = SearchValues.Create([.. Enumerable.Range(0, 0x250).Select(c => (char)c)]);

    /// <summary>The text in Latin letters, as far as that goes.</summary>
    public static string ToLatin(string folded)
    {
        var start = folded.AsSpan().IndexOfAnyExcept(Latin);
        if (start < 0) return folded;
        var latin = new StringBuilder(folded.Length * 2).Append(folded, 0, start);
        foreach (var letter in folded.AsSpan(start))
            if (letter < 0x250) latin.Append(letter);
            else if (letter is >= '\uAC00' and <= '\uD7A3') AppendHangul(latin, letter - 0xAC00);
            else if (Of(letter) is { } written) latin.Append(written);
            else if (letter is not ('\u30FC' or '\u0640' or (>= '\u064B' and <= '\u0652'))) latin.Append(letter);
        return latin.ToString();
    }

    static void AppendHangul(StringBuilder latin, int syllable) =>
        latin.Append(First[syllable / 588]).Append(Vowel[syllable % 588 / 28]).Append(Last[syllable % 28]);

    static string? Of(char letter)
    {
        foreach (var (from, letters) in Scripts)
            if (letter >= from && letter - from < letters.Length) return letters[letter - from];
        return letter switch
        {
            'Ά' => "A", 'Έ' => "E", 'Ή' or 'Ί' => "I", 'Ό' or 'Ώ' => "O", 'Ύ' => "Y",
            'Ґ' or 'Ғ' => "G", 'Қ' => "K", 'Ң' => "N", 'Ә' => "A", 'Ө' => "O", 'Ұ' or 'Ү' => "U", 'Һ' => "H",
            'پ' => "P", 'چ' => "CH", 'ژ' => "ZH", 'گ' => "G", 'ک' => "K", 'ی' => "I",
            _ => null,
        };
    }

    static string[] Letters(string table) => [.. table.Split(' ').Select(l => l == "-" ? "" : l)];
}
