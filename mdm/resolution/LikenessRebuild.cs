using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Likeness;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using Npgsql;
using NpgsqlTypes;

namespace CdcSync.Mdm.Resolution;

/// <summary>Learns weights from all records of a kind, and makes its keys and edges anew.</summary>
sealed class LikenessRebuild(NpgsqlConnection connection, CanonicalKind kind, MatchRules rules)
{
    readonly RecordSpace _space = new(kind, rules);
    readonly Dictionary<long, int> _places = [];
    readonly List<long> _ids = [];
    readonly List<string> _sources = [];
    readonly List<int> _sourceOf = [];

    /// <summary>Takes a record in.</summary>
    public void Add(long id, string source, string body)
    {
        _places.Add(id, _space.Add(body));
        _ids.Add(id);
        var place = _sources.IndexOf(source);
        if (place < 0) _sources.Add(source);
        _sourceOf.Add(place < 0 ? _sources.Count - 1 : place);
    }

    /// <summary>What was learnt just now; null when nothing was.</summary>
    public MatchModel? Learnt { get; private set; }

    /// <summary>Makes them; null when there are too few records to learn from, and none was learnt before.</summary>
    public async Task<ILikeness?> RunAsync(bool learn, int fewest, CancellationToken stop)
    {
        var model = await Likenesses.ReadAsync(connection, kind, stop);
        if (model is not null && MatchModel.Text(model.Rules) != MatchModel.Text(rules)) model = null;
        var fresh = learn || model is null;
        if (fresh) model = Learnt = _space.Count < fewest ? null : await LearnAsync(stop);
        await ForgetAsync(connection, kind, fresh, stop);
        if (model is null) return null;
        if (fresh) await StoreAsync(model, stop);
        var space = new LikenessSpace(kind, model, _space, _places);
        var (keys, places) = Keys(space);
        await WriteKeysAsync(keys, places, stop);
        Array.Sort(keys, places);
        var edges = Score(space, Pairs(model, keys, places), stop);
        await WriteEdgesAsync(edges, stop);
        return new Likeness(space, edges);
    }

    /// <summary>Learns from the records, and from what people decided of them; stores nothing.</summary>
    public async Task<MatchModel> LearnAsync(CancellationToken stop)
    {
        var learnt = new MatchRun(_space.Set(_sources, [.. _sourceOf]), rules).Run(false, [], stop);
        var decided = (await DecisionTable.AnswersAsync(connection, kind.Name, stop)).Where(d => _places.ContainsKey(d.One) && _places.ContainsKey(d.Other));
        var answers = decided.Select(d => new ScoredAnswer(d.Act, learnt.Scorer.Score(_places[d.One], _places[d.Other]).Bits, d.Same, d.Parted));
        return MatchModel.Of(rules, learnt, ScoredAnswer.Calibrate([.. answers], learnt.Pairs.Select(p => (double)p.Bits), rules));
    }

    /// <summary>Takes away keys and edges of a kind, and what was learnt of it.</summary>
    public static async Task ForgetAsync(NpgsqlConnection connection, CanonicalKind kind, bool model, CancellationToken stop)
    {
        if (model) await connection.ExecuteAsync("delete from mdm.model where kind = $1", stop, kind.Name);
        await connection.ExecuteAsync("delete from mdm.edge where kind = $1", stop, kind.Name);
        await connection.ExecuteAsync("delete from mdm.block_key b using mdm.record_keys k, mdm.record r where r.kind = $1 and k.record_id = r.id and b.record_id = r.id and b.key = any(k.keys)", stop, kind.Name);
        await connection.ExecuteAsync("delete from mdm.record_keys k using mdm.record r where r.kind = $1 and k.record_id = r.id", stop, kind.Name);
    }

    sealed class Likeness(LikenessSpace space, IReadOnlyCollection<Edge> edges) : ILikeness
    {
        public IReadOnlyCollection<Edge> Edges => edges;

        public double MergeBits => space.Model.Weights.MergeBits;

        public bool OneToOne => space.Model.Rules.OneToOne;

        public float Bits(long one, long other) => space.Score(one, other).Bits;

        public bool AreKeptApart(long one, long other) => space.AreKeptApart(one, other);
    }

    Task<int> StoreAsync(MatchModel model, CancellationToken stop) => connection.ExecuteAsync(
        "insert into mdm.model (kind, rules, records, weights, statistics) values ($1, $2, $3, $4::json, $5)", stop,
        kind.Name, MatchModel.Text(rules), (long)model.Weights.Records, model.WeightsText(), model.StatisticsBytes());

    (long[] Keys, int[] Places) Keys(LikenessSpace space)
    {
        var (keys, places) = (new List<long>(_ids.Count * 8), new List<int>(_ids.Count * 8));
        foreach (var (place, id) in _ids.Index())
            foreach (var key in space.Keys(id))
            {
                keys.Add(key);
                places.Add(place);
            }
        return ([.. keys], [.. places]);
    }

    static ulong[] Pairs(MatchModel model, long[] keys, int[] places)
    {
        var pairs = new List<ulong>();
        for (int from = 0, to; from < keys.Length; from = to)
        {
            for (to = from + 1; to < keys.Length && keys[to] == keys[from]; to++) { }
            if (to - from > model.MostHolders(keys[from])) continue;
            for (var i = from; i < to; i++)
                for (var j = i + 1; j < to; j++) pairs.Add(CandidatePairs.Join(places[i], places[j]));
        }
        return CandidatePairs.Distinct([.. pairs]);
    }

    List<Edge> Score(LikenessSpace space, ulong[] pairs, CancellationToken stop)
    {
        const int Chunk = 1 << 14;
        space.Ready();
        var chunks = new List<Edge>[(pairs.Length + Chunk - 1) / Chunk];
        Parallel.For(0, chunks.Length, new ParallelOptions { CancellationToken = stop }, chunk =>
        {
            var kept = chunks[chunk] = [];
            foreach (var pair in pairs.AsSpan(chunk * Chunk, Math.Min(Chunk, pairs.Length - (chunk * Chunk))))
            {
                var (one, other) = CandidatePairs.Split(pair);
                if (space.NoteworthyAt(one, other) is var (levels, bits)) kept.Add(new Edge(_ids[one], _ids[other], bits, levels));
            }
        });
        return [.. chunks.SelectMany(c => c)];
    }

    async Task WriteKeysAsync(long[] keys, int[] places, CancellationToken stop)
    {
        await using (var copy = await connection.BeginBinaryImportAsync("copy mdm.block_key (key, record_id) from stdin (format binary)", stop))
        {
            for (var i = 0; i < keys.Length; i++)
            {
                await copy.StartRowAsync(stop);
                await copy.WriteAsync(keys[i], NpgsqlDbType.Bigint, stop);
                await copy.WriteAsync(_ids[places[i]], NpgsqlDbType.Bigint, stop);
            }
            await copy.CompleteAsync(stop);
        }
        await using var whole = await connection.BeginBinaryImportAsync("copy mdm.record_keys (record_id, keys) from stdin (format binary)", stop);
        for (int from = 0, to; from < places.Length; from = to)
        {
            for (to = from + 1; to < places.Length && places[to] == places[from]; to++) { }
            await whole.StartRowAsync(stop);
            await whole.WriteAsync(_ids[places[from]], NpgsqlDbType.Bigint, stop);
            await whole.WriteAsync(keys[from..to], NpgsqlDbType.Array | NpgsqlDbType.Bigint, stop);
        }
        await whole.CompleteAsync(stop);
    }

    async Task WriteEdgesAsync(List<Edge> edges, CancellationToken stop)
    {
        await using var copy = await connection.BeginBinaryImportAsync("copy mdm.edge (kind, one, other, bits, levels) from stdin (format binary)", stop);
        foreach (var edge in edges)
        {
            await copy.StartRowAsync(stop);
            await copy.WriteAsync(kind.Name, NpgsqlDbType.Text, stop);
            await copy.WriteAsync(edge.One, NpgsqlDbType.Bigint, stop);
            await copy.WriteAsync(edge.Other, NpgsqlDbType.Bigint, stop);
            await copy.WriteAsync(edge.Bits, NpgsqlDbType.Real, stop);
            await copy.WriteAsync((long)edge.Levels, NpgsqlDbType.Bigint, stop);
        }
        await copy.CompleteAsync(stop);
    }
}
