using System.CommandLine;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Suggest;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm suggest FILE...</c>: a complete rule file from an export's columns. Needs no appliance.</summary>
sealed class MdmSuggestCommand : Command
{
    static readonly Argument<string[]> Files = new("file") { Description = "CSV or JSON; several are records of the same things", Arity = ArgumentArity.OneOrMore };
    static readonly Option<string?> Out = new("--out", "-o") { Description = "Write the rules to this file instead of the terminal", HelpName = "file" };
    static readonly Option<bool> OneToOne = new("--one-to-one") { Description = "Each file holds each thing once" };

    public MdmSuggestCommand()
        : base("suggest", "Propose rules for matching from the columns of an export")
    {
        Arguments.Add(Files);
        Options.Add(Out);
        Options.Add(OneToOne);
        SetAction(async (parsed, stop) =>
        {
            var tables = parsed.GetValue(Files)!.Select(f => RecordFile.Read(f, stop)).ToList();
            foreach (var note in tables.SelectMany(t => t.Notes)) await Console.Error.WriteLineAsync(note);
            var text = RuleText.Of(RuleSuggestion.Of(tables, parsed.GetValue(OneToOne)));
            if (parsed.GetValue(Out) is { } path) await File.WriteAllTextAsync(path, text, stop);
            else await parsed.InvocationConfiguration.Output.WriteAsync(text);
            return ExitCode.Done;
        });
    }
}
