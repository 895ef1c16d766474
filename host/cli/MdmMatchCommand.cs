using System.CommandLine;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm match FILE...</c>: a whole matching of exports, without an appliance.</summary>
sealed class MdmMatchCommand : Command
{
    static readonly Argument<string[]> Files = new("file") { Description = "CSV or JSON; several are linked with each other, and each is searched for duplicates of its own", Arity = ArgumentArity.OneOrMore };
    static readonly Option<string?> Rules = new("--rules") { Description = "The rule file; without one the rules are those that `mdm suggest` proposes", HelpName = "file" };
    static readonly Option<string?> Truth = new("--truth") { Description = "What is right, to measure by: a column, or a file of pairs of ids, or of ids with their group", HelpName = "column|file" };
    static readonly Option<string?> Labels = new("--labels") { Description = "Pairs of ids with 1 or 0: the weights are learnt from them as well", HelpName = "file" };
    static readonly Option<string?> Out = new("--out", "-o") { Description = "Write id, source and cluster of every record to this file", HelpName = "file" };
    static readonly Option<string?> Report = new("--report") { Description = "Write a report for people to this file: HTML, nothing loaded from elsewhere", HelpName = "file" };
    static readonly Option<bool> OneToOne = new("--one-to-one") { Description = "Each source holds each thing once" };
    static readonly Option<bool> LinkOnly = new("--link-only") { Description = "Link the files, and search none for duplicates of its own" };

    public MdmMatchCommand()
        : base("match", "Match the records of exports: clusters, and with the truth how right they are")
    {
        Arguments.Add(Files);
        foreach (var option in (Option[])[Rules, Truth, Labels, Out, Report, OneToOne, LinkOnly]) Options.Add(option);
        SetAction(async (parsed, stop) =>
        {
            var context = new CommandContext(parsed);
            var work = new MdmMatchWork
            {
                Files = parsed.GetValue(Files)!,
                Rules = parsed.GetValue(Rules),
                Truth = parsed.GetValue(Truth),
                Labels = parsed.GetValue(Labels),
                OneToOne = parsed.GetValue(OneToOne),
                LinkOnly = parsed.GetValue(LinkOnly),
            };
            var outcome = work.Run(stop);
            if (parsed.GetValue(Out) is { } clusters) await MatchFiles.WriteClustersAsync(clusters, outcome.Result, stop);
            if (parsed.GetValue(Report) is { } report) await MatchFiles.WriteReportAsync(report, outcome, stop);
            foreach (var note in outcome.Notes) await Console.Error.WriteLineAsync(note);
            context.Write(MatchSummary.Of(outcome), s => s.ToString());
            return ExitCode.Done;
        });
    }
}
