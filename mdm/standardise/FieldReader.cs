using System.Runtime.InteropServices;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Standardise;

/// <summary>Reads one field: each distinct text is standardised once, and equal values are one number.</summary>
public sealed class FieldReader(string name, FieldRule rule)
{
    /// <summary>Stands between values of a text that holds several.</summary>
    public const char Between = '\u001F';

    /// <summary>Stands before the values of the field's further columns.</summary>
    public const char Further = '\u001E';

    readonly IFieldKind _kind = FieldKinds.Get(rule.Kind, $"fields.{name}.kind");
    readonly List<FieldValue[]> _values = [];
    readonly List<string> _texts = [];
    readonly Dictionary<(string, string?), int> _byRaw = [];
    readonly Dictionary<string, int> _byText = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);

    /// <summary>What was read, by number.</summary>
    public IReadOnlyList<FieldValue[]> Values => _values;

    /// <summary>What makes values equal, by number.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>The number of what a text says; -1 when it says nothing.</summary>
    public int Read(string raw, string? country)
    {
        ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(_byRaw, (raw, country), out var there);
        if (there) return code;
        var reading = new FieldReading(country ?? rule.Country, rule.Part);
        FieldValue[] read = [.. Read(raw, reading).DistinctBy(v => v.Text)];
        if (read.Length == 0) return code = -1;
        // Products of one name may have other model numbers in their other texts.
        var same = read[0].Detail is ProductText { Elsewhere.Length: > 0 } ? raw : Text(read);
        ref var equal = ref CollectionsMarshal.GetValueRefOrAddDefault(_byText, same, out var met);
        if (met) return code = equal;
        foreach (var value in read) Share(value.Words);
        _values.Add(read);
        _texts.Add(same);
        return code = equal = _values.Count - 1;
    }

    IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        var at = raw.IndexOf(Further);
        if (at < 0) return raw.Split(Between).SelectMany(r => _kind.Read(r, reading));
        var also = raw[(at + 1)..].Split(Between);
        return rule.Each ? raw[..at].Split(Between).Concat(also).SelectMany(r => _kind.Read(r, reading)) : _kind.Read(raw[..at], also, reading);
    }

    // Millions of names are made of a few ten thousand words: each is kept once.
    void Share(string[] all)
    {
        for (var i = 0; all.Length > 1 && i < all.Length; i++)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_words, all[i], out var met);
            if (met) all[i] = known!;
            else known = all[i];
        }
    }

    /// <summary>What makes values equal.</summary>
    public static string Text(FieldValue[] values) => values.Length == 1 ? values[0].Text : string.Join(Between, values.Select(v => v.Text).Order(StringComparer.Ordinal));
}
