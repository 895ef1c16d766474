using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Scoring;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Blocking;

/// <summary>Which keys two records share, seen by the things that the keys are made of: a key of name and town is shared when both are.</summary>
sealed class SharedKeys
{
    static readonly string[] Place = ["street", "address", "town", "postcode", "coordinates", "region"];

    readonly RecordSet _records;
    readonly IReadOnlyList<BlockingKey> _keys;
    readonly IReadOnlyList<ulong[]> _tooCommon;
    readonly Part[][] _parts;

    sealed record Part(int Thing, FieldColumn Column, KeyForm Form, IWordFrequencies Words, Dictionary<int, ulong[]> Known);

    public SharedKeys(RecordSet records, MatchRules rules, IReadOnlyList<BlockingKey> keys, IReadOnlyList<IWordFrequencies> frequencies, IReadOnlyList<ulong[]> tooCommon)
    {
        (_records, _keys, _tooCommon) = (records, keys, tooCommon);
        var things = ThingsOf(rules, [.. keys.SelectMany(k => k.Parts).Select(p => p.Field).Distinct(StringComparer.Ordinal)]);
        Things = things.Values.Distinct().Count();
        var known = new Dictionary<(string, string), Dictionary<int, ulong[]>>();
        var places = records.Fields.Select((f, i) => (f.Name, i)).ToDictionary(f => f.Name, f => f.i, StringComparer.Ordinal);
        _parts = [.. keys.Select(k => k.Parts.Select(p =>
        {
            if (!known.TryGetValue((p.Field, p.Form.Name), out var hashes)) known.Add((p.Field, p.Form.Name), hashes = []);
            return new Part(things[p.Field], records.Fields[places[p.Field]], p.Form, frequencies[places[p.Field]], hashes);
        }).ToArray())];
    }

    /// <summary>How many things the keys are made of that have nothing to do with each other.</summary>
    public int Things { get; }

    /// <summary>For each thing the keys, one bit each, that do not fail by it.</summary>
    public ulong[] Of(int one, int other)
    {
        var shared = new ulong[Things];
        Array.Fill(shared, ulong.MaxValue >> (64 - _keys.Count));
        for (var k = 0; k < _keys.Count; k++)
        {
            var all = true;
            foreach (var part in _parts[k])
            {
                if (Hashes(part, one).AsSpan().IndexOfAny(Hashes(part, other)) >= 0) continue;
                shared[part.Thing] &= ~(1UL << k);
                all = false;
            }
            // A value that too many share brings nobody together.
            if (all && _tooCommon[k].Length > 0 && !SharesRare(k, one, other)) shared[_parts[k][0].Thing] &= ~(1UL << k);
        }
        return shared;
    }

    bool SharesRare(int key, int one, int other)
    {
        List<ulong> made = [KeyHash.Nothing];
        foreach (var part in _parts[key])
        {
            var both = Hashes(part, one).Intersect(Hashes(part, other)).ToList();
            made = [.. made.SelectMany(m => both.Select(b => KeyHash.Mix(m, b)))];
        }
        return made.Exists(m => Array.BinarySearch(_tooCommon[key], m) < 0);
    }

    static ulong[] Hashes(Part part, int record)
    {
        var code = part.Column.Codes[record];
        if (code < 0) return [];
        if (!part.Known.TryGetValue(code, out var hashes))
            part.Known.Add(code, hashes = part.Form.Hashes(part.Column.Values[code], part.Words));
        return hashes;
    }

    // Fields of one column, and all that says where something is, agree together or not at all.
    static Dictionary<string, int> ThingsOf(MatchRules rules, List<string> fields)
    {
        var things = fields.Select((f, i) => (f, i)).ToDictionary(f => f.f, f => f.i, StringComparer.Ordinal);
        foreach (var one in fields)
            foreach (var other in fields)
            {
                var (left, right) = (rules.Fields[one], rules.Fields[other]);
                if (!left.From.Concat(left.Also).Intersect(right.From.Concat(right.Also)).Any() && !(Place.Contains(left.Kind) && Place.Contains(right.Kind))) continue;
                var (stays, goes) = (things[one], things[other]);
                foreach (var field in fields)
                    if (things[field] == goes) things[field] = stays;
            }
        var numbers = things.Values.Distinct().Order().ToList();
        return things.ToDictionary(t => t.Key, t => numbers.IndexOf(t.Value), StringComparer.Ordinal);
    }
}
