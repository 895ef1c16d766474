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
            foreach (var question in questions) context.Write(question, Text);
            context.Say(questions.Count == 0 ? "No questions" : Next(kind, questions));
            return ExitCode.Done;
        });
    }

    static string Text(ReviewQuestion question) => string.Join('\n',
    [
        $"{question.Number}  {question.Reason.ToString().ToLowerInvariant()}{(question.Probability is { } sure ? $", the same with {sure:0.000}" : "")}, cost {question.Cost:0.#}{(question.ClaimedBy is { } by ? $", {by} has it" : "")}",
        .. ((ReviewedRecord?[])[question.One, question.Other]).OfType<ReviewedRecord>().Select(r => $"    {r.Key}  {r.Name}  ({r.GoldenId}){(r.About.Length > 0 ? $"  {r.About}" : "")}"),
        .. question.Note.Length > 0 ? [$"    {question.Note}"] : Array.Empty<string>(),
    ]);

    // In the words of the first question, to be copied.
    static string Next(string kind, IReadOnlyList<ReviewQuestion> questions) => questions[0] switch
    {
        { Other: { } other, One: var one } => $"Compare: cdcsync mdm compare {kind} {one.Key} {other.Key}\nAnswer:  cdcsync mdm decide same|distinct {kind} {one.Key} {other.Key} --why TEXT",
        { One: var one } => $"Compare: cdcsync mdm why {kind} {one.GoldenId}\nAnswer:  cdcsync mdm pin {kind} {one.GoldenId} ATTRIBUTE VALUE --why TEXT, or split it, or correct a source",
    };

    static int Count(CommandContext context, int count, string what)
    {
        context.Write(new { Questions = count }, c => $"{c.Questions} {what}");
        return ExitCode.Done;
    }
}
