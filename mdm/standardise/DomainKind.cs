using System.Buffers;
using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>A web site or an e-mail address, down to the domain that was registered: <c>https://shop.acme.co.uk/x</c> is <c>acme.co.uk</c>.</summary>
public sealed class DomainKind : IFieldKind
{
    // Second levels under which a country's names are registered.
    static readonly FrozenSet<string> Registries = "co com net org gov edu ac ltd plc me gob nom id asn csiro or ne go gv nic mil biz info web".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    static readonly SearchValues<char> Ends = SearchValues.Create("/?#: ,;");

    public string Name => "domain";

    public string Summary => "a web site or e-mail address: the domain that was registered";

    public string Comparison => "exact";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        var host = Host(folded.ToLowerInvariant());
        var labels = host.Split('.', StringSplitOptions.RemoveEmptyEntries);
        if (labels.Length < 2 || !labels.All(IsLabel) || labels[^1].All(char.IsAsciiDigit))
        {
            if (reading.Notes is not null) reading.Note($"'{folded}' has no domain: missing");
            return [];
        }
        var wanted = labels.Length > 2 && labels[^1].Length == 2 && Registries.Contains(labels[^2]) ? 3 : 2;
        return [new FieldValue(string.Join('.', labels[^wanted..]))];
    }

    static string Host(string text)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
        if (text.LastIndexOf('@') is >= 0 and var at) start = at + 1;
        var end = text.AsSpan(start).IndexOfAny(Ends);
        return (end < 0 ? text[start..] : text[start..(start + end)]).Trim('.', '<', '>', '(', ')');
    }

    static bool IsLabel(string label) => label.Length <= 63 && label.All(c => char.IsLetterOrDigit(c) || c == '-');
}
