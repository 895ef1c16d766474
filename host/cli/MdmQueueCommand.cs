using System.CommandLine;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Reviewing;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm queue OBJECT</c>: the questions to stewards.</summary>
sealed class MdmQueueCommand : StewardCommand
{
    static readonly Option<int> Limit = new("--limit", "-n") { Description = "So many at most (500)", DefaultValueFactory = _ => 20 };
    static readonly Option<ReviewReason?> Reason = new("--reason") { Description = "Only these: doubt, refused, vetoed, conflict" };
    static readonly Option<int?> Claim = new("--claim") { Description = "Take so many that nobody has", HelpName = "n" };
    static readonly Option<bool> Mine = new("--mine") { Description = "Only those that are claimed by whom --by names" };
    static readonly Option<bool> Renew = new("--renew") { Description = "Keep longer what is claimed" };
    static readonly Option<bool> Release = new("--release") { Description = "Give back what is claimed" };

    public MdmQueueCommand()
        : base("queue", "What a person should look at: what costs most and is least sure first")
    {
        Arguments.Add(Kind);
        foreach (var option in (Option[])[Limit, Reason, Claim, Mine, Renew, Release, By]) Options.Add(option);
        Works(this, async (context, appliance, mdm, stop) =>
        {
            var (kind, by, queue) = (context.Parsed.GetValue(Kind)!, Worker(context), new ReviewQueue(appliance.Store));
            DecisionHistory.Require(kind);
            if (context.Parsed.GetValue(Release)) return Count(context, await queue.ReleaseAsync(kind, [], by, stop), "given back");
            if (context.Parsed.GetValue(Renew)) return Count(context, await queue.RenewAsync(kind, [], by, mdm.Review.Claim, stop), "kept longer");
            var questions = context.Parsed.GetValue(Claim) is { } count
                ? await queue.ClaimAsync(kind, count, by, mdm.Review.Claim, stop)
                : await queue.ListAsync(kind, new ReviewFilter(context.Parsed.GetValue(Reason), context.Parsed.GetValue(Mine) ? by : null), 0, context.Parsed.GetValue(Limit), stop);
            context.WriteTable(questions, ("QUESTION", q => $"{q.Number}"), ("REASON", q => q.Reason.ToString().ToLowerInvariant()), ("SURE", q => q.Probability is { } p ? $"{p:0.000}" : ""), ("COST", q => $"{q.Cost:0.#}"),
                ("RECORD", q => $"{q.One.Key} {q.One.Name} ({q.One.GoldenId})"), ("OTHER", q => q.Other is { } other ? $"{other.Key} {other.Name} ({other.GoldenId})" : ""), ("NOTE", q => q.Note), ("CLAIMED", q => q.ClaimedBy ?? ""));
            return ExitCode.Done;
        });
    }

    static int Count(CommandContext context, int count, string what)
    {
        context.Write(new { Questions = count }, c => $"{c.Questions} {what}");
        return ExitCode.Done;
    }
}
