using System.CommandLine;
using CdcSync.Capture;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync snapshot SOURCE</c>: have existing rows published again.</summary>
sealed class SnapshotCommand : ApplianceCommand
{
    static readonly Argument<string> Source = new("source") { Description = "Name of the source" };
    static readonly Option<string[]> Tables = new("--table") { Description = "Only these tables, schema.name", AllowMultipleArgumentsPerToken = true };
    static readonly Option<bool> Restart = new("--restart") { Description = "Forget the place in the source too, after its slot was lost" };

    public SnapshotCommand()
        : base("snapshot", "Publish existing rows again, at the source's next start; its changes go on meanwhile")
    {
        Arguments.Add(Source);
        Options.Add(Tables);
        Options.Add(Restart);
        Does(this, async (context, appliance, stop) =>
        {
            var name = context.Parsed.GetValue(Source)!;
            var names = appliance.Settings.Sources.Select(s => s.Name).ToList();
            if (!names.Contains(name))
            {
                Console.Error.WriteLine($"cdcsync: there is no source '{name}'{Contract.Settings.NearestName.Hint(name, names)}");
                return ExitCode.WrongSettings;
            }
            var asked = await new SourceCatalog().RequestSnapshotAsync(appliance.Log, appliance.Settings.Sources.Single(s => s.Name == name), context.Parsed.GetValue(Tables) ?? [], context.Parsed.GetValue(Restart), stop);
            context.Write(new { Source = name, Requested = asked },
                r => r.Requested ? $"{name} publishes its rows again at the next start of its capture. A process that captured it until now has stopped: start it again." : $"{name} never published anything: its first start publishes all rows anyway");
            return ExitCode.Done;
        });
    }
}
