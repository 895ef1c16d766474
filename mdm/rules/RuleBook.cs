using System.Security.Cryptography;
using System.Text;
using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Rules;

/// <summary>The rules of all kinds, strongest first, and what their match keys mean.</summary>
public sealed class RuleBook(MdmSettings settings)
{
    // Raise it when a rule or a standardiser changes what it yields: the store is then rebuilt at the next start.
    const int Edition = 1;

    // An index entry of PostgreSQL holds 2,700 bytes; nobody's name needs a tenth of it.
    const int LongestValue = 400;

    readonly IReadOnlyList<IMatchRule> _rules =
    [
        new TaxIdRule(), new EmailNameRule(), new NameAddressRule(),
        new GtinRule(), new SharedNumberRule(settings.SharedItemNumbers), new ManufacturerPartRule(),
        new GlnRule(), new LocationCodeRule(),
    ];

    /// <summary>Changes when the same records might match otherwise than before.</summary>
    public string Fingerprint { get; } = $"{Edition}; shared numbers: {string.Join(',', settings.SharedItemNumbers.Order(StringComparer.Ordinal))}; most: {settings.MostPerKey}; likeness: {Likeness.MatchModel.Fingerprint(settings.MatchRules())}";

    /// <summary>The record's match keys, each once.</summary>
    public IReadOnlyList<string> Keys(string kind, CanonicalObject value) =>
        [.. _rules.Where(r => r.Kind == kind).SelectMany(r => r.Values(value).Select(v => $"{r.Name}:{Short(v)}")).Distinct(StringComparer.Ordinal)];

    /// <summary>Strongest first, then in ordinal order: the one order in which keys are looked at.</summary>
    public int Compare(string key, string other) =>
        Strength(key).CompareTo(Strength(other)) is not 0 and var byStrength ? byStrength : string.CompareOrdinal(key, other);

    /// <summary>True when an equal key alone decides, whatever a veto says.</summary>
    public bool Decides(string key) => Rule(key).Decides;

    /// <summary>True when the key merges nothing where likeness was learnt.</summary>
    public bool GivesWay(string key) => Rule(key).GivesWay;

    /// <summary>The register in which the key is unique; null when a different key proves nothing.</summary>
    public string? Register(string key) => Rule(key).Register(key[(key.IndexOf(':') + 1)..]);

    int Strength(string key)
    {
        for (var i = 0; i < _rules.Count; i++)
            if (IsOf(_rules[i], key)) return _rules[i].Decides ? i : i + _rules.Count;
        throw new KeyNotFoundException($"No rule made the match key of '{key[..(key.IndexOf(':') + 1)]}': rebuild with this version's rules");
    }

    IMatchRule Rule(string key) => _rules[Strength(key) % _rules.Count];

    static bool IsOf(IMatchRule rule, string key) => key.Length > rule.Name.Length && key[rule.Name.Length] == ':' && key.StartsWith(rule.Name, StringComparison.Ordinal);

    static string Short(string value) =>
        value.Length <= LongestValue ? value : $"{value[..(char.IsHighSurrogate(value[199]) ? 199 : 200)]}#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))}";
}
