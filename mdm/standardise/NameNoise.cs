using System.Buffers;
using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>What clerks write into a name that is none: "DO NOT USE", "(OLD)", "- CLOSED", "C/O Head Office", "#12".</summary>
static class NameNoise
{
    static readonly FrozenSet<string> Phrases = new[]
    {
        "DO NOT USE", "DONT USE", "DON'T USE", "DNU", "NOT USED", "NOT IN USE", "OLD", "OLD ACCOUNT", "OLD ACCT", "CLOSED", "CLOSED ACCOUNT", "ACCOUNT CLOSED", "INACTIVE", "INACTIVE ACCOUNT",
        "DUPLICATE", "DUPE", "DUP", "DELETED", "DELETE", "TO BE DELETED", "TO DELETE", "OBSOLETE", "BLOCKED", "ON HOLD", "HOLD", "CREDIT HOLD", "STOP CREDIT", "ON STOP", "CASH ONLY", "COD",
        "CASH ACCOUNT", "COD ACCOUNT", "DEFUNCT", "OUT OF BUSINESS", "BANKRUPT", "IN LIQUIDATION", "IN ADMINISTRATION", "LIQUIDATED", "MERGED", "MOVED", "NEW", "NEW ACCOUNT", "TEST", "DUMMY",
        "GESPERRT", "NICHT VERWENDEN", "NICHT MEHR VERWENDEN", "GELOSCHT", "LOSCHEN", "ALT", "I.L.", "IN LIQUIDATION", "NE PAS UTILISER", "FERME", "NO USAR", "CERRADO", "NON USARE", "CHIUSO",
        "NIET GEBRUIKEN", "EX", "FORMER", "VOID", "SUSPENDED", "ARCHIVED", "DISSOLVED", "DEREGISTERED", "IN RECEIVERSHIP",
    }.ToFrozenSet(StringComparer.Ordinal);

    // Said without brackets or dash as well; the others could be part of a name ("Old", "New", "Moved").
    static readonly string[] Plain =
    [
        "DO NOT USE", "DONT USE", "DON'T USE", "NOT IN USE", "INACTIVE", "DUPLICATE", "ACCOUNT CLOSED", "TO BE DELETED", "OBSOLETE", "NICHT VERWENDEN", "NICHT MEHR VERWENDEN",
        "NE PAS UTILISER", "NO USAR", "NON USARE", "NIET GEBRUIKEN", "IN LIQUIDATION", "IN ADMINISTRATION", "IN RECEIVERSHIP",
    ];

    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> PhraseSpans = Phrases.GetAlternateLookup<ReadOnlySpan<char>>();

    static readonly SearchValues<char> TailMarks = SearchValues.Create("-*:/|;,!");

    static readonly SearchValues<char> HeadMarks = SearchValues.Create("-*:|;!");

    const string Marks = " -*_.,:;/!~=|";

    /// <summary>The folded name without such remarks at its ends.</summary>
    public static string Cut(string folded, FieldReading reading)
    {
        var name = folded.AsSpan().Trim(Marks);
        for (var rounds = 0; rounds < 4; rounds++)
        {
            var shorter = Head(Tail(name)).Trim(Marks);
            if (shorter.Length == name.Length || shorter.IsEmpty) break;
            name = shorter;
        }
        if (name.Length == folded.Length) return folded;
        var result = name.ToString();
        if (reading.Notes is not null && Letters(folded) != Letters(result)) reading.Note($"remark left out: '{folded}' is read as '{result}'");
        return result;
    }

    static int Letters(string text) => text.Count(char.IsLetterOrDigit);

    static ReadOnlySpan<char> Tail(ReadOnlySpan<char> name)
    {
        if (name.Length > 2 && name[^1] is ')' or ']')
        {
            var open = name.LastIndexOfAny('(', '[');
            return open > 0 && IsRemark(name[(open + 1)..^1]) ? name[..open] : name;
        }
        var hash = name.LastIndexOf('#');
        if (hash > 0 && name.Length - hash <= 10 && IsNumber(name[(hash + 1)..])) return name[..hash];
        var mark = name.LastIndexOfAny(TailMarks);
        if (mark > 0 && mark < name.Length - 1 && IsRemark(name[(mark + 1)..])) return name[..mark];
        var space = name.LastIndexOf(' ');
        if (space > 0 && name.Length - space > 3 && name[space + 1] == '0' && IsNumber(name[(space + 1)..])) return name[..space];
        foreach (var phrase in Plain)
            if (name.Length > phrase.Length + 1 && name.EndsWith(phrase) && !char.IsLetterOrDigit(name[^(phrase.Length + 1)])) return name[..^phrase.Length];
        return name;
    }

    static ReadOnlySpan<char> Head(ReadOnlySpan<char> name)
    {
        if (name.Length > 3 && name[0] is '(' or '[')
        {
            var close = name.IndexOfAny(')', ']');
            return close > 0 && close < name.Length - 1 && IsRemark(name[1..close]) ? name[(close + 1)..] : name;
        }
        var mark = name.IndexOfAny(HeadMarks);
        if (mark > 0 && mark < name.Length - 1 && IsRemark(name[..mark])) return name[(mark + 1)..];
        if (name.StartsWith("DO NOT USE ")) return name["DO NOT USE ".Length..];
        // Sorted to the end of every list.
        var sorted = name.IndexOfAnyExcept('Z');
        return sorted >= 2 && name[sorted] is ' ' or '-' or '_' or '.' or '*' ? name[(sorted + 1)..] : name;
    }

    static bool IsRemark(ReadOnlySpan<char> text)
    {
        var remark = text.Trim(Marks);
        if (PhraseSpans.Contains(remark)) return true;
        // "DUPLICATE OF 4711", "USE 4711", "OLD - DO NOT USE".
        return remark.StartsWith("USE ") && remark.IndexOfAnyInRange('0', '9') > 0 || remark.StartsWith("DUPLICATE ") || remark.StartsWith("DUP OF ") || remark.StartsWith("SEE ACC") || remark.StartsWith("SEE #");
    }

    static bool IsNumber(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>Where the words of the name end: before "C/O Head Office" and "ATTN Mr Smith".</summary>
    public static int End(List<string> words, FieldReading reading)
    {
        while (words.Count > 1 && words[0] is "C/O" or "ATTN") words.RemoveAt(0);
        for (var i = 1; i < words.Count; i++)
        {
            if (!IsCare(words[i])) continue;
            if (reading.Notes is not null) reading.Note($"'{string.Join(' ', words[i..])}' left out");
            return i;
        }
        return words.Count;
    }

    static bool IsCare(string word) => word is "C/O" or "ATTN" or "ATTENTION" or "ZHD" or "ZHDN" or "CAREOF" or "A/C" or "ACCT";

    /// <summary>How many words at this place say that another name follows; 0 for none.</summary>
    public static int TradingAs(List<string> words, int at, int end)
    {
        if (at >= end - 1) return 0;
        switch (words[at])
        {
            case "T/A" or "DBA" or "D/B/A" or "AKA" or "A/K/A" or "FKA" or "F/K/A" or "NKA" or "N/K/A" or "TA" when at < end - 1:
                return 1;
            case "TRADING" when words[at + 1] is "AS" && at + 2 < end:
                return 2;
            case "DOING" when at + 3 < end && words[at + 1] is "BUSINESS" && words[at + 2] is "AS":
                return 3;
            case "FORMERLY" when words[at + 1] is "KNOWN" && at + 3 < end && words[at + 2] is "AS":
                return 3;
            case "FORMERLY" or "VORMALS" or "EHEMALS":
                return 1;
            case "ALSO" when at + 3 < end && words[at + 1] is "KNOWN" && words[at + 2] is "AS":
                return 3;
            default:
                return 0;
        }
    }
}
