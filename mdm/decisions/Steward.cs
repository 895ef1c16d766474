using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Resolution;
using CdcSync.Mdm.Survivorship;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Mdm.Decisions;

/// <summary>
/// What people decide. Each act is one transaction: what was decided, and everything that follows from it. A decision holds over every rule and score until somebody takes it
/// back; one that contradicts another is refused.
/// </summary>
public sealed class Steward(NpgsqlDataSource store, MdmSettings settings, ILogger logger)
{
    /// <summary>Records of a golden record that can be merged, at most.</summary>
    public const int MostMerged = 2000;

    /// <summary>Pairs that a split may need: records taken out, times records that stay.</summary>
    public const int MostPairs = 2000;

    /// <summary>Characters of a reason or a name.</summary>
    public const int LongestText = 1000;

    readonly GoldenResolver _resolver = new(store, settings, logger);

    /// <summary>Two records are the same thing.</summary>
    /// <exception cref="RefusedDecisionException">It was not taken: the message says why.</exception>
    public Task<ActOutcome> SameAsync(string kind, CanonicalKey one, CanonicalKey other, Author author, CancellationToken stop) => PairAsync(kind, "same", one, other, author, stop);

    /// <summary>Two records are two things.</summary>
    /// <exception cref="RefusedDecisionException">It was not taken: the message says why.</exception>
    public Task<ActOutcome> DistinctAsync(string kind, CanonicalKey one, CanonicalKey other, Author author, CancellationToken stop) => PairAsync(kind, "distinct", one, other, author, stop);

    /// <summary>Two golden records are one: all their records are the same.</summary>
    /// <exception cref="RefusedDecisionException">It was not taken: the message says why.</exception>
    public Task<ActOutcome> MergeAsync(string kind, string one, string other, Author author, CancellationToken stop) => ActAsync(kind, "merge", author, async act =>
    {
        var (first, second) = (await act.Named.GoldenAsync(one, stop), await act.Named.GoldenAsync(other, stop));
        var all = first.Members.Concat(second.Members).ToList();
        if (first.Id == second.Id && one == other) throw new RefusedDecisionException(Refusal.Wrong, $"{one} is named twice: name two golden records");
        if (all.Count > MostMerged) throw new RefusedDecisionException(Refusal.TooLarge, $"they have {all.Count} records together; {MostMerged} can be merged at once. Something else is wrong with such a golden record: 'cdcsync mdm explain' shows what holds it together");
        if (first.Id == second.Id) all = [.. first.Members];
        await act.DecideAsync([.. all.Skip(1).Select(m => (all[0], m, true))], all, stop);
    }, stop);

    /// <summary>Some records of a golden record are not what the others are.</summary>
    /// <exception cref="RefusedDecisionException">It was not taken: the message says why.</exception>
    public Task<ActOutcome> SplitAsync(string kind, string golden, IReadOnlyList<CanonicalKey> records, Author author, CancellationToken stop) => ActAsync(kind, "split", author, async act =>
    {
        var (id, members) = await act.Named.GoldenAsync(golden, stop);
        var taken = Once(records);
        await act.Named.RequireAsync(taken, stop);
        if (taken.Find(r => !members.Contains(r)) is { } stranger) throw new RefusedDecisionException(Refusal.Missing, $"{stranger} is not in {GoldenIds.Text(kind, id)}; its records are {Some(members)}");
        var stay = members.Except(taken).ToList();
        if (stay.Count == 0) throw new RefusedDecisionException(Refusal.Wrong, $"these are all records of {golden}: name those that do not belong to the others");
        if ((long)taken.Count * stay.Count > MostPairs)
            throw new RefusedDecisionException(Refusal.TooLarge, $"{golden} has {members.Count} records: {taken.Count} against {stay.Count} are {taken.Count * stay.Count} pairs, and {MostPairs} can be decided at once. Name fewer, or see by 'cdcsync mdm explain' which key holds them together");
        await act.DecideAsync([.. taken.SelectMany(out_ => stay.Select(s => (out_, s, false)))], taken, stop);
    }, stop);

    /// <summary>An attribute of a golden record has this value whatever the sources say.</summary>
    /// <param name="kind">The kind of object.</param>
    /// <param name="subject">A golden id, or <c>SOURCE/ID</c> of a record: the pin holds for the golden record that this one is in.</param>
    /// <param name="attribute">Which attribute: <c>credit_limit</c>.</param>
    /// <param name="json">The value as JSON; <c>null</c> for none.</param>
    /// <param name="until">When it ends; null when it stays.</param>
    /// <param name="author">Who, and why.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="RefusedDecisionException">It was not taken: the message says why.</exception>
    public Task<ActOutcome> PinAsync(string kind, string subject, string attribute, string json, DateTimeOffset? until, Author author, CancellationToken stop) => ActAsync(kind, "pin", author, async act =>
    {
        CheckPin(kind, attribute, json);
        if (until <= TimeProvider.System.GetUtcNow()) throw new RefusedDecisionException(Refusal.Wrong, $"{until:u} is over: name a time to come");
        var members = await MembersAsync(act.Named, subject, stop);
        var before = await PinActs.InForceAsync(act.Connection, kind, attribute, members, stop);
        await act.BeginAsync(stop);
        await PinActs.AddAsync(act.Connection, kind, act.Number, new PinnedValue(members[0], attribute, json, until), stop);
        await act.TakeBackAsync(before, [members[0]], stop);
    }, stop);

    /// <summary>An attribute of a golden record follows its sources again.</summary>
    /// <exception cref="RefusedDecisionException">It was not taken: the message says why.</exception>
    public Task<ActOutcome> UnpinAsync(string kind, string subject, string attribute, Author author, CancellationToken stop) => ActAsync(kind, "unpin", author, async act =>
    {
        if (GoldenAttributes.Find(kind, attribute) is null)
            throw new RefusedDecisionException(Refusal.Wrong, $"{kind} has no attribute '{attribute}'{NearestName.Hint(attribute, GoldenAttributes.Of(kind).Select(a => a.Name))}");
        var members = await MembersAsync(act.Named, subject, stop);
        var pins = await PinActs.InForceAsync(act.Connection, kind, attribute, members, stop);
        if (pins.Count == 0) throw new RefusedDecisionException(Refusal.Missing, $"{attribute} of {subject} is not pinned; 'cdcsync mdm history {kind} {subject}' shows what is");
        await act.BeginAsync(stop);
        await act.TakeBackAsync(pins, [members[0]], stop);
    }, stop);

    /// <summary>Takes an act back: what it decided holds no more. Undoing an undo brings back what was undone.</summary>
    /// <param name="act">Its number.</param>
    /// <param name="kind">The kind of object it must be of; null for any.</param>
    /// <param name="author">Who, and why.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="RefusedDecisionException">It was not taken: the message says why.</exception>
    public async Task<ActOutcome> UndoAsync(long act, string? kind, Author author, CancellationToken stop)
    {
        if (await new DecisionHistory(store).ReadAsync(act, stop) is not { } there || kind is not null && there.Kind != kind)
            throw new RefusedDecisionException(Refusal.Missing, $"there is no act {act}{(kind is null ? "" : $" about a {kind}")}; 'cdcsync mdm history' shows them");
        return await ActAsync(there.Kind, "undo", author, async undo =>
        {
            var now = (await ActTable.ReadAsync(undo.Connection, [act], stop))[0];
            if (now.UndoneBy is { } by) throw new RefusedDecisionException(Refusal.Contradiction, $"it was taken back already by {(await ActTable.ReadAsync(undo.Connection, [by], stop))[0].Line()}. To have it again, undo act {by}");
            await undo.BeginAsync(stop);
            await undo.TakeBackAsync([act], [], stop);
        }, stop);
    }

    /// <summary>Takes back the pins whose time is over.</summary>
    /// <returns>How many those were.</returns>
    public async Task<int> EndPinsAsync(CancellationToken stop)
    {
        List<(string Kind, long Act)> expired;
        await using (var connection = await store.OpenConnectionAsync(stop)) expired = await PinActs.ExpiredAsync(connection, stop);
        try
        {
            foreach (var (kind, act) in expired) await UndoAsync(act, kind, new Author("cdcsync", "its time is over"), stop);
            return expired.Count;
        }
        catch (RefusedDecisionException refused) when (refused.Why is Refusal.Busy or Refusal.Contradiction)
        {
            return 0;      // somebody took one back just now, or a rebuild goes on: what is left is seen the next time
        }
    }

    Task<ActOutcome> PairAsync(string kind, string verb, CanonicalKey one, CanonicalKey other, Author author, CancellationToken stop) => ActAsync(kind, verb, author, async act =>
    {
        if (one == other) throw new RefusedDecisionException(Refusal.Wrong, $"{one} is named twice: name two records");
        await act.Named.RequireAsync([one, other], stop);
        await act.DecideAsync([(one, other, verb == "same")], [one, other], stop);
    }, stop);

    async Task<ActOutcome> ActAsync(string kind, string verb, Author author, Func<StewardAct, Task> work, CancellationToken stop)
    {
        Check(author);
        await using var act = await StewardAct.OpenAsync(store, _resolver, NamedRecords.Kind(kind), verb, author, stop);
        await work(act);
        var outcome = await act.EndAsync(stop);
        if (!outcome.Repeated) Log.Decided(logger, outcome.Act, verb, kind, author.By, outcome.Moved.Count);
        return outcome;
    }

    static void CheckPin(string kind, string attribute, string json)
    {
        try
        {
            PinValue.Check(kind, attribute, json);
        }
        catch (InvalidPinException wrong)
        {
            throw new RefusedDecisionException(Refusal.Wrong, wrong.Message);
        }
    }

    static void Check(Author author)
    {
        if (author.By.Trim().Length == 0) throw new RefusedDecisionException(Refusal.Wrong, "nobody is named who decides");
        if (author.By.Length > LongestText || author.Why.Length > LongestText) throw new RefusedDecisionException(Refusal.Wrong, $"a name or reason is longer than {LongestText} characters");
        if ((author.By + author.Why).Contains('\0', StringComparison.Ordinal)) throw new RefusedDecisionException(Refusal.Wrong, "a name or reason holds a NUL character");
    }

    static async Task<IReadOnlyList<CanonicalKey>> MembersAsync(NamedRecords named, string subject, CancellationToken stop)
    {
        if (!subject.Contains('/', StringComparison.Ordinal)) return (await named.GoldenAsync(subject, stop)).Members;
        var parts = subject.Split('/', 2);
        var key = new CanonicalKey(parts[0], parts[1]);
        await named.RequireAsync([key], stop);
        return [key, .. (await named.SiblingsAsync(key, stop)).Where(s => s != key)];
    }

    static List<CanonicalKey> Once(IReadOnlyList<CanonicalKey> records)
    {
        if (records.Count == 0) throw new RefusedDecisionException(Refusal.Wrong, "no record is named: name those that do not belong to the others");
        if (records.GroupBy(r => r).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new RefusedDecisionException(Refusal.Wrong, $"{twice.Key} is named twice");
        return [.. records];
    }

    static string Some(IReadOnlyList<CanonicalKey> keys) => string.Join(", ", keys.Take(10)) + (keys.Count > 10 ? $" and {keys.Count - 10} more" : "");
}
