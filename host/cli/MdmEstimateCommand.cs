using System.CommandLine;
using CdcSync.Mdm.Blocking;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm estimate FILE...</c>: how many pairs a matching would compare, and which key brings them; compares none.</summary>
sealed class MdmEstimateCommand : Command
{
    static readonly Argument<string[]> Files = new("file") { Description = "CSV or JSON", Arity = ArgumentArity.OneOrMore };
    static readonly Option<string?> Rules = new("--rules") { Description = "The rule file; without one the rules are those that `mdm suggest` proposes", HelpName = "file" };
    static readonly Option<bool> LinkOnly = new("--link-only") { Description = "Link the files, and search none for duplicates of its own" };

    sealed record Estimated(int Records, long Pairs, double PairsPerRecord, IReadOnlyList<BlockingCount> Keys, IReadOnlyList<KeyYield> Shares)
    {
        public override string ToString() => string.Join('\n',
        [
            $"{Records:N0} records, {Pairs:N0} pairs to compare: {PairsPerRecord:0.0} to a record",
            .. Keys.OrderByDescending(k => k.Pairs).Select(k => $"  {k.Key}: {k.Pairs:N0} pairs of {k.Records:N0} values; {k.TooCommon:N0} values too common, the most common of {k.Largest:N0} records{Alone(k.Key)}"),
            "how many equal records share no key cannot be told before any are compared: `cdcsync mdm match` estimates it",
        ]);

        string Alone(string key) => Shares.FirstOrDefault(s => s.Key == key) is { } share ? $"; {share.Alone:0.0%} of all pairs are brought by it alone" : "";
    }

    public MdmEstimateCommand()
        : base("estimate", "Count the pairs that a matching of exports would compare, before it does, by the key that brings them together")
    {
        Arguments.Add(Files);
        Options.Add(Rules);
        Options.Add(LinkOnly);
        SetAction((parsed, stop) =>
        {
            var work = new MdmMatchWork { Files = parsed.GetValue(Files)!, Rules = parsed.GetValue(Rules), LinkOnly = parsed.GetValue(LinkOnly) };
            var (records, candidates, keys) = work.Estimate(stop);
            new CommandContext(parsed).Write(new Estimated(records, candidates.Pairs.LongLength, Math.Round(candidates.Pairs.LongLength / Math.Max(1.0, records), 1), candidates.Counts, [.. keys.Select(k => k with { Share = Math.Round(k.Share, 4), Alone = Math.Round(k.Alone, 4) })]), e => e.ToString());
            return Task.FromResult(ExitCode.Done);
        });
    }
}
