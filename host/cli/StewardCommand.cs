using System.CommandLine;
using CdcSync.Contract.Canonical;
using CdcSync.Host.Run;
using CdcSync.Mdm;
using CdcSync.Mdm.Decisions;

namespace CdcSync.Host.Cli;

/// <summary>A command of data stewards: what it names and needs, and how it says that a decision was refused.</summary>
abstract class StewardCommand(string name, string description) : ApplianceCommand(name, description)
{
    protected static Argument<string> Kind { get; } = new("object") { Description = "customer, item or location" };
    protected static Option<string> Why { get; } = new("--why") { Description = "The reason, for whoever asks later", Required = true };
    protected static Option<string?> By { get; } = new("--by") { Description = "Who decides (default: user@machine)" };

    /// <summary>Who works here.</summary>
    protected static string Worker(CommandContext context) => context.Parsed.GetValue(By) ?? $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>A record's key as people write it.</summary>
    protected static CanonicalKey Key(string text) => text.Split('/', 2) is [{ Length: > 0 } source, { Length: > 0 } id]
        ? new CanonicalKey(source, id)
        : throw new RefusedDecisionException(Refusal.Wrong, $"'{text}' names no record: write it as SOURCE/ID");

    /// <summary>Runs work that needs golden records.</summary>
    protected static void Works(Command command, Func<CommandContext, Appliance, MdmSettings, CancellationToken, Task<int>> work) => Does(command, async (context, appliance, stop) =>
    {
        if (appliance.Settings.Mdm is not { } mdm)
        {
            Console.Error.WriteLine("cdcsync: the settings have no 'mdm:' section");
            return ExitCode.WrongSettings;
        }
        try
        {
            return await work(context, appliance, mdm, stop);
        }
        catch (RefusedDecisionException refused)
        {
            Console.Error.WriteLine($"cdcsync: {refused.Message}");
            return refused.Why == Refusal.Wrong ? ExitCode.WrongSettings : ExitCode.Failed;
        }
    });

    /// <summary>A command that decides: with <c>--why</c> and <c>--by</c>, it tells what moved.</summary>
    protected static void Decides(Command command, Func<CommandContext, Steward, Author, CancellationToken, Task<ActOutcome>> act)
    {
        command.Options.Add(Why);
        command.Options.Add(By);
        Works(command, async (context, appliance, mdm, stop) =>
        {
            using var loggers = Logging.ForCommands();
            var steward = new Steward(appliance.Store, mdm, loggers.CreateLogger<Steward>());
            context.Write(await act(context, steward, new Author(Worker(context), context.Parsed.GetValue(Why)!), stop), Told);
            return ExitCode.Done;
        });
    }

    static string Told(ActOutcome outcome) => string.Join('\n',
    [
        outcome.Repeated ? $"Act {outcome.Act} says so already; nothing changed" : $"Act {outcome.Act}: {outcome.Verb}; to take it back: cdcsync mdm undo {outcome.Act} --why TEXT",
        .. outcome.Moved.Select(m => $"  {m.Record} came from {m.From ?? "nowhere"} to {m.To}"),
        .. outcome.Records.Where(r => outcome.Moved.All(m => m.Record != r.Record)).Take(20).Select(r => r.GoldenId is { } golden ? $"  {r.Record} is in {golden}" : $"  {r.Record} is not there now"),
    ]);
}
