using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Decisions;

/// <summary>One act while it is being done: a transaction that holds the lock on golden records, so that what was looked up stays true. Not ended, it leaves nothing.</summary>
sealed class StewardAct : IAsyncDisposable
{
    // A batch takes a second at most; a rebuild takes minutes, which nobody waits for at a screen.
    const string Patience = "set local lock_timeout = '20s'";

    readonly GoldenResolver _resolver;
    readonly NpgsqlTransaction _transaction;
    readonly CanonicalKind _kind;
    readonly string _verb;
    readonly Author _author;
    readonly HashSet<CanonicalKey> _touched = [];
    IReadOnlyList<CanonicalKey> _named = [];
    bool _repeated;

    StewardAct(NpgsqlConnection connection, NpgsqlTransaction transaction, GoldenResolver resolver, CanonicalKind kind, string verb, Author author)
    {
        (Connection, _transaction, _resolver, _kind, _verb, _author) = (connection, transaction, resolver, kind, verb, author);
        Named = new NamedRecords(connection, kind);
    }

    public NpgsqlConnection Connection { get; }
    public NamedRecords Named { get; }

    /// <summary>Its number, once it has begun.</summary>
    public long Number { get; private set; }

    public static async Task<StewardAct> OpenAsync(NpgsqlDataSource store, GoldenResolver resolver, CanonicalKind kind, string verb, Author author, CancellationToken stop)
    {
        var connection = await store.OpenConnectionAsync(stop);
        try
        {
            var act = new StewardAct(connection, await connection.BeginTransactionAsync(stop), resolver, kind, verb, author);
            await connection.ExecuteAsync(Patience, stop);
            await connection.LockGoldenRecordsAsync(stop);
            return act;
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await connection.DisposeAsync();
            throw new RefusedDecisionException(Refusal.Busy, "golden records are being rebuilt: try again in a few minutes");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the act itself.</summary>
    public async Task BeginAsync(CancellationToken stop) => Number = await ActTable.AddAsync(Connection, _kind.Name, _verb, _author, stop);

    /// <summary>Decides pairs, unless all of it was decided already or contradicts what was.</summary>
    /// <param name="pairs">What is said of which two.</param>
    /// <param name="named">The records the act speaks of.</param>
    public async Task DecideAsync(IReadOnlyList<(CanonicalKey One, CanonicalKey Other, bool Same)> pairs, IReadOnlyList<CanonicalKey> named, CancellationToken stop)
    {
        _named = named;
        var wanted = pairs.Select(p => new DecidedPair(0, p.One, p.Other, p.Same)).ToList();
        if (await SaidBeforeAsync(wanted, stop) is { } before)
        {
            (Number, _repeated) = (before, true);
            return;
        }
        await Contradictions.RefuseAsync(Connection, _kind.Name, wanted, stop);
        await BeginAsync(stop);
        await ActTable.AddPairsAsync(Connection, _kind.Name, Number, wanted, stop);
        foreach (var (one, other, _) in pairs)
        {
            _touched.Add(one);
            _touched.Add(other);
        }
    }

    /// <summary>Takes acts back; what they had taken back comes into force again, if nothing speaks against it.</summary>
    public async Task TakeBackAsync(IReadOnlyCollection<long> acts, IReadOnlyList<CanonicalKey> named, CancellationToken stop)
    {
        var (came, changed) = await ActTable.TakeBackAsync(Connection, acts, Number, stop);
        if (came.Count > 0) await Contradictions.RefuseAsync(Connection, _kind.Name, await ActTable.PairsAsync(Connection, came, stop), stop);
        foreach (var pair in await ActTable.PairsAsync(Connection, changed, stop))
        {
            _touched.Add(pair.One);
            _touched.Add(pair.Other);
        }
        _touched.UnionWith(await PinActs.RecordsAsync(Connection, changed, stop));
        _touched.UnionWith(named);
        _named = named.Count > 0 ? named : [.. _touched];
    }

    /// <summary>Resolves again what the act touches, and makes all of it lasting.</summary>
    public async Task<ActOutcome> EndAsync(CancellationToken stop)
    {
        IReadOnlyList<Move> moved = [];
        if (!_repeated)
        {
            var cause = new Cause(TimeProvider.System.GetUtcNow(), $"steward:{Number}");
            await _resolver.ResolveAgainAsync(Connection, _kind, _touched, cause, stop);
            moved = await ActTable.NoteMovesAsync(Connection, _kind, Number, cause.CorrelationId, stop);
        }
        var outcome = new ActOutcome(Number, _kind.Name, _verb, _repeated, moved, await Named.StandingAsync(_named, stop));
        await _transaction.CommitAsync(stop);
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }

    // The act in force that says all of it already: somebody pressed the button twice, or an answer was lost.
    async Task<long?> SaidBeforeAsync(List<DecidedPair> wanted, CancellationToken stop)
    {
        if (wanted.Count == 0) return null;
        var said = await DecisionTable.ReadAsync(Connection, _kind.Name, [.. wanted.SelectMany(w => new[] { w.One, w.Other }).Distinct()], stop);
        var acts = wanted.Select(w => said.Where(s => s.Same == w.Same && (s.One == w.One && s.Other == w.Other || s.One == w.Other && s.Other == w.One)).Select(s => s.Act).DefaultIfEmpty(0).Max()).ToList();
        return acts.TrueForAll(a => a > 0) ? acts.Max() : null;
    }
}
