using System.CommandLine;
using CdcSync.Mdm;
using CdcSync.Mdm.Decisions;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm history [OBJECT [SUBJECT]]</c>: who decided what, when and why.</summary>
sealed class MdmHistoryCommand : StewardCommand
{
    static readonly Argument<string?> Object = new("object") { Description = "customer, item or location; without it all", Arity = ArgumentArity.ZeroOrOne };
    static readonly Argument<string?> Subject = new("subject") { Description = "A golden id, SOURCE/ID of a record, or an act's number; without it all", Arity = ArgumentArity.ZeroOrOne };
    static readonly Option<int> Limit = new("--limit", "-n") { Description = "So many acts, the newest (at most 500)", DefaultValueFactory = _ => 50 };

    public MdmHistoryCommand()
        : base("history", "What people decided: of all, of a golden record, of a record")
    {
        Arguments.Add(Object);
        Arguments.Add(Subject);
        Options.Add(Limit);
        Works(this, async (context, appliance, _, stop) =>
        {
            var acts = await ReadAsync(new DecisionHistory(appliance.Store), context.Parsed.GetValue(Object), context.Parsed.GetValue(Subject), context.Parsed.GetValue(Limit), stop);
            foreach (var act in acts) context.Write(act, Text);
            if (acts.Count == 0) context.Say("Nothing was decided");
            return ExitCode.Done;
        });
    }

    static async Task<IReadOnlyList<ActView>> ReadAsync(DecisionHistory history, string? kind, string? subject, int limit, CancellationToken stop)
    {
        if (kind is null) return await history.ListAsync(null, null, limit, stop);
        if (long.TryParse(kind, out var number) && subject is null)
            return [await history.ReadAsync(number, stop) ?? throw new RefusedDecisionException(Refusal.Missing, $"there is no act {number}")];
        DecisionHistory.Require(kind);
        if (subject is null) return await history.ListAsync(kind, null, limit, stop);
        return subject.Contains('/', StringComparison.Ordinal) ? await history.OfRecordAsync(kind, Key(subject), null, limit, stop)
            : await history.OfGoldenAsync(kind, subject, null, limit, stop) ?? throw new RefusedDecisionException(Refusal.Missing, $"there is no golden {kind} {subject}");
    }

    static string Text(ActView act) => string.Join('\n',
    [
        $"{act.Act}  {act.At.UtcDateTime:yyyy-MM-dd HH:mm}Z  {act.Kind} {act.Verb}  by {act.By}{(act.UndoneBy is { } by ? $"  (taken back by {by})" : "")}{(act.Why.Length > 0 ? $"\n    {act.Why}" : "")}",
        .. act.TookBack.Select(t => $"    took back {t}"),
        .. act.Pairs.Select(p => $"    {p.One} and {p.Other} are {(p.Same ? "the same" : "distinct")}"),
        .. act.PairCount > act.Pairs.Count ? [$"    and {act.PairCount - act.Pairs.Count} pairs more"] : Array.Empty<string>(),
        .. act.Pin is { } pin ? [$"    {pin.Attribute} of {pin.Record} is {pin.Value}{(pin.Until is { } until ? $" until {until.UtcDateTime:yyyy-MM-dd HH:mm}Z" : "")}"] : Array.Empty<string>(),
        .. act.Moved.Take(50).Select(m => $"    {m.Record}: {m.From ?? "-"} -> {m.To}"),
    ]);
}

/// <summary><c>cdcsync mdm search OBJECT TEXT</c>.</summary>
sealed class MdmSearchCommand : StewardCommand
{
    static readonly Argument<string[]> Words = new("text") { Description = "A golden id, SOURCE/ID, or beginnings of words of names, ids and numbers", Arity = ArgumentArity.OneOrMore };
    static readonly Option<int> Limit = new("--limit", "-n") { Description = "So many at most (500)", DefaultValueFactory = _ => 20 };

    public MdmSearchCommand()
        : base("search", "Find records and their golden records")
    {
        Arguments.Add(Kind);
        Arguments.Add(Words);
        Options.Add(Limit);
        Works(this, async (context, appliance, _, stop) =>
        {
            var kind = context.Parsed.GetValue(Kind)!;
            DecisionHistory.Require(kind);
            var hits = await new GoldenSearch(appliance.Store).FindAsync(kind, string.Join(' ', context.Parsed.GetValue(Words)!), context.Parsed.GetValue(Limit), stop);
            context.WriteTable(hits, ("GOLDEN", h => h.GoldenId), ("RECORDS", h => $"{h.Records}"), ("RECORD", h => h.Key.ToString()), ("NAME", h => h.Name), ("ABOUT", h => h.About));
            if (hits.Count == 0) context.Say($"No {kind} has words that begin like these, and no key or golden id is so");
            return ExitCode.Done;
        });
    }
}
