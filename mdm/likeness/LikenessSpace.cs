using System.Runtime.InteropServices;
using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Likeness;

/// <summary>Records in memory, weighed and keyed by a model. Keeps what it has read, because neighbours are asked about again and again.</summary>
sealed class LikenessSpace(CanonicalKind kind, MatchModel model)
{
    readonly Dictionary<string, int> _fields = model.Rules.Fields.Keys.Select((name, i) => (name, i)).ToDictionary(f => f.name, f => f.i, StringComparer.Ordinal);
    readonly Dictionary<string, Holders> _holders = [];
    Dictionary<long, int> _places = [];
    RecordSpace _space = new(kind, model.Rules);
    Scorer? _scorer;
    int _scored;
    Dictionary<int, ulong[]>[][] _parts = Parts(model);

    /// <summary>Begins with records that were read for learning.</summary>
    public LikenessSpace(CanonicalKind kind, MatchModel model, RecordSpace space, Dictionary<long, int> places)
        : this(kind, model) => (_space, _places) = (space, places);

    public MatchModel Model => model;

    /// <summary>True when the record's values are here.</summary>
    public bool Has(long record) => _places.ContainsKey(record);

    /// <summary>Takes in a record, or its new version.</summary>
    public void Put(long record, string json) => _places[record] = _space.Add(json);

    /// <summary>The record is gone.</summary>
    public void Drop(long record) => _places.Remove(record);

    /// <summary>How many values are kept: of fields, each once, or of records where they are more.</summary>
    public int Values => Math.Max(_space.Values, _space.Count);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _places = [];
        _holders.Clear();
        (_space, _scorer, _parts) = (new RecordSpace(kind, model.Rules), null, Parts(model));
    }

    /// <summary>The score of two records that are here.</summary>
    public (ulong Levels, float Bits) Score(long one, long other)
    {
        // The same two give the same sum to the last bit, whichever is named first.
        var (left, right) = one < other ? (one, other) : (other, one);
        return At(_places[left], _places[right]);
    }

    /// <summary>The score of two records that are here, when it is worth a look at least; else null, which is found sooner.</summary>
    public (ulong Levels, float Bits)? Noteworthy(long one, long other)
    {
        var (left, right) = one < other ? (one, other) : (other, one);
        return NoteworthyAt(_places[left], _places[right]);
    }

    /// <summary>The same of the records at two places. May be asked from several threads once <see cref="Ready"/> was called.</summary>
    public (ulong Levels, float Bits)? NoteworthyAt(int one, int other) =>
        AreSame(one, other) ? At(one, other) : Ready().Score(one, other, model.Weights.ReviewBits) is { } score ? Asking(score) : null;

    (ulong Levels, float Bits) At(int one, int other)
    {
        var (levels, bits) = Ready().Score(one, other);
        return AreSame(one, other) ? (levels, Math.Max(bits, ILikeness.Decided)) : Asking((levels, bits));
    }

    // Where scores only ask, however sure one is it stays below what decides.
    (ulong Levels, float Bits) Asking((ulong Levels, float Bits) score) => model.Merges ? score : (score.Levels, Math.Min(score.Bits, ILikeness.Decided - 1));

    bool AreSame(int one, int other)
    {
        foreach (var field in model.Rules.Same)
            if (Share(field, one, other) == true) return true;
        return false;
    }

    /// <summary>True when the rules forbid to merge two records by a score.</summary>
    public bool AreKeptApart(long one, long other) => model.Rules.Differ.Any(f => Share(f, _places[one], _places[other]) == false);

    /// <summary>Weighs pairs of the records that are here.</summary>
    public Scorer Ready()
    {
        if (_scorer is not null && _scored == _space.Count) return _scorer;
        _scored = _space.Count;
        return _scorer = new Scorer(new PairComparer([.. model.Compared.Select(Compared)]), model.Estimate);
    }

    /// <summary>What the score of two records that are here is the sum of.</summary>
    public IReadOnlyList<WaterfallStep> Steps(long one, long other)
    {
        var scorer = Ready();
        var (left, right) = (_places[Math.Min(one, other)], _places[Math.Max(one, other)]);
        var steps = new List<WaterfallStep> { new("before", "any two records", null, null, scorer.Prior) };
        var (levels, _) = scorer.Score(left, right);
        foreach (var (name, f) in model.Compared.Select((name, f) => (name, f)))
        {
            var level = PairComparer.Level(levels, f);
            var outcome = level == PairComparer.Missing ? "missing" : model.Comparison(name).Levels[level];
            steps.Add(new WaterfallStep(name, outcome, Said(name, one), Said(name, other), scorer.Weigh(f, level, left, right)));
        }
        steps.AddRange(scorer.Corrections(levels).Where(c => c.Bits != 0).Select(c => new WaterfallStep(c.Group, "said again by fields of one thing", null, null, c.Bits)));
        foreach (var name in model.Rules.Same.Where(f => Share(f, left, right) == true)) steps.Add(new WaterfallStep(name, "equal: decides", Said(name, one), Said(name, other), ILikeness.Decided));
        return steps;
    }

    string? Said(string name, long record) => _space.At(_fields[name], _places[record]) is { } values ? string.Join(", ", values.Select(v => v.Text)) : null;

    /// <summary>The values of the record's keys, each once, as numbers that no two keys share.</summary>
    public long[] Keys(long record)
    {
        var place = _places[record];
        var keys = new HashSet<long>();
        var made = new List<ulong>();
        for (var k = 0; k < model.Keys.Count; k++)
        {
            made.Clear();
            made.Add(KeyHash.Mix(KeyHash.Of(kind.Name), KeyHash.Of(model.Keys[k].Text)));
            for (var p = 0; p < model.Keys[k].Parts.Count; p++)
            {
                var values = Part(k, p, place);
                var before = made.Count;
                for (var i = 0; i < before; i++)
                    foreach (var value in values) made.Add(KeyHash.Mix(made[i], value));
                made.RemoveRange(0, before);
            }
            foreach (var key in made) keys.Add(KeyHash.Stored(key, k));
        }
        return [.. keys];
    }

    ulong[] Part(int key, int part, int place)
    {
        var (name, form) = model.Keys[key].Parts[part];
        var field = _fields[name];
        var code = _space.CodeAt(field, place);
        if (code < 0) return [];
        ref var hashes = ref CollectionsMarshal.GetValueRefOrAddDefault(_parts[key][part], code, out _);
        return hashes ??= form.Hashes(_space.At(field, place)!, model.Statistics[name]);
    }

    ComparedField Compared(string name)
    {
        var (field, rule, statistics) = (_fields[name], model.Rules.Fields[name], model.Statistics[name]);
        var frequency = rule.Frequency ?? rule.FieldKind.Frequency;
        if (!_holders.TryGetValue(name, out var holders)) _holders.Add(name, holders = new Holders(MatchRun.Nobodys(rule, statistics.Records)));
        var all = holders.Of(_space.Texts(field), statistics);
        var counts = frequency ? all : null;
        return new ComparedField(name, model.Comparison(name), holders.OnesOwn(_space.Column(name, field), _space.Count), statistics, counts, Math.Max(1, statistics.Records), rule.FieldKind.MostDifferent);
    }

    // Null where one of them has no value.
    bool? Share(string name, int one, int other)
    {
        var field = _fields[name];
        if (_space.At(field, one) is not { } left || _space.At(field, other) is not { } right) return null;
        return ReferenceEquals(left, right) || Array.Exists(left, l => Array.Exists(right, r => l.Text == r.Text));
    }

    /// <summary>How many records have each value of a field; looked up once a value.</summary>
    sealed class Holders(int nobodys)
    {
        int[] _counts = [];
        int[] _codes = [];
        int _known, _places;

        public int[] Of(IReadOnlyList<string> texts, FieldStatistics statistics)
        {
            if (_counts.Length < texts.Count) Array.Resize(ref _counts, texts.Count * 2);
            for (; _known < texts.Count; _known++) _counts[_known] = statistics.Holders(texts[_known]);
            return _counts;
        }

        // Without the values that are nobody's own.
        public FieldColumn OnesOwn(FieldColumn column, int places)
        {
            if (nobodys == int.MaxValue) return column;
            if (_codes.Length < places) Array.Resize(ref _codes, column.Codes.Length);
            for (; _places < places; _places++) _codes[_places] = column.Codes[_places] is >= 0 and var code && _counts[code] >= nobodys ? -1 : column.Codes[_places];
            return column with { Codes = _codes };
        }
    }

    static Dictionary<int, ulong[]>[][] Parts(MatchModel model) => [.. model.Keys.Select(k => k.Parts.Select(_ => new Dictionary<int, ulong[]>()).ToArray())];
}
