using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Likeness;

/// <summary>Canonical records as numbers: a place each, and at each place a number for what every field says. Equal values are standardised and counted once.</summary>
sealed class RecordSpace
{
    readonly MatchRules _rules;
    readonly CanonicalTexts _texts;
    readonly FieldReader[] _readers;
    readonly int[][] _codes;

    public RecordSpace(CanonicalKind kind, MatchRules rules)
    {
        (_rules, _texts) = (rules, new CanonicalTexts(kind, rules));
        _readers = [.. rules.Fields.Select(f => new FieldReader(f.Key, f.Value))];
        _codes = [.. _readers.Select(_ => new int[256])];
    }

    /// <summary>How many places there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many values are kept, of all fields: what grows with time.</summary>
    public int Values => _readers.Sum(r => r.Values.Count);

    /// <summary>Takes a record in; returns its place.</summary>
    public int Add(string json)
    {
        using var body = JsonDocument.Parse(json);
        var (texts, country) = _texts.Read(body.RootElement);
        if (Count == _codes[0].Length)
            for (var f = 0; f < _codes.Length; f++) Array.Resize(ref _codes[f], Count * 2);
        for (var f = 0; f < _codes.Length; f++) _codes[f][Count] = texts[f] is { } text ? _readers[f].Read(text, country) : -1;
        return Count++;
    }

    /// <summary>What a field says at a place; null where it says nothing.</summary>
    public FieldValue[]? At(int field, int place) => _codes[field][place] is >= 0 and var code ? _readers[field].Values[code] : null;

    /// <summary>The number of what a field says at a place; -1 where it says nothing.</summary>
    public int CodeAt(int field, int place) => _codes[field][place];

    /// <summary>What makes the values of a field equal, by number.</summary>
    public IReadOnlyList<string> Texts(int field) => _readers[field].Texts;

    /// <summary>All records as a matching reads them.</summary>
    public RecordSet Set(IReadOnlyList<string> sources, int[] sourceOf) =>
        new(new string[Count], sources, sourceOf, [.. _rules.Fields.Keys.Select((name, f) => new FieldColumn(name, _codes[f][..Count], _readers[f].Values))]);

    /// <summary>A column as it stands: it grows with the next record, and must then be asked for again.</summary>
    public FieldColumn Column(string name, int field) => new(name, _codes[field], _readers[field].Values);
}
