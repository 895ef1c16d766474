using System.Text.Json;
using CdcSync.Mdm;
using CdcSync.Mdm.Likeness;

namespace CdcSync.Host.Cli;

/// <summary>Why a record belongs to its golden record, for people.</summary>
static class MdmExplanation
{
    public static string Text(Explanation of) => string.Join('\n',
    [
        of.GoldenId,
        .. of.Members.Select(m => $"  {m.Key}: {m.Name}{(m.About.Length > 0 ? $", {m.About}" : "")}"),
        .. of.Decided.Select(d => $"  decided (act {d.Act}): {d.One} and {d.Other} are {(d.Same ? "the same" : "two")}"),
        .. of.Links.Select(l => $"  {l.Key}: {Word(l.Verdict)}{(l.Because is null ? "" : $", {l.Because}")}: {string.Join(", ", l.Members)}"),
        .. of.Likenesses.SelectMany(Lines),
        .. of is { Decided: [], Links: [], Likenesses: [] } ? ["  alone: no key, no decision and no score near a match brings another record to it; `cdcsync mdm compare` weighs it against one"] : Array.Empty<string>(),
    ]);

    public static string Text(RecordComparison of) => string.Join('\n',
    [
        .. new[] { of.One, of.Other }.Select(r => $"{r.Key}  {r.Name}  ({r.GoldenId}){(r.About.Length > 0 ? $"  {r.About}" : "")}"),
        .. of.Decided.Select(d => $"  decided (act {d.Act}): {(d.Same ? "the same" : "two")}"),
        .. of.Likeness is { } likeness ? Lines(likeness) : ["  not weighed: nothing was learnt of these yet (mdm.learn_from)"],
    ]);

    // kept_apart, as the API says it, in words of a sentence.
    static string Word<T>(T verdict) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{verdict}").Replace('_', ' ');

    static IEnumerable<string> Lines(Waterfall pair) =>
    [
        $"  {pair.One} and {pair.Other}: the same with {pair.Probability:0.0000} ({pair.Bits:0.0} bits): {Word(pair.Verdict)}",
        .. pair.Steps.Select(s => $"    {s.Bits,6:+0.0;-0.0;0.0} {s.Field}: {s.Outcome}{(s.One is null && s.Other is null ? "" : $" | {s.One ?? "-"} | {s.Other ?? "-"}")}"),
    ];
}
