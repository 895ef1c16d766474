using System.CommandLine;
using CdcSync.Contract.Canonical;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync preview MAPPING</c>: what a mapping makes of the source right now, as JSON lines; publishes nothing.</summary>
sealed class PreviewCommand : ApplianceCommand
{
    static readonly Argument<string> Mapping = new("mapping") { Description = "SOURCE.OBJECT, as erp.customer" };
    static readonly Option<string[]> Ids = new("--id") { Description = "Only these source ids", AllowMultipleArgumentsPerToken = true };

    public PreviewCommand()
        : base("preview", "Show the canonical objects that a mapping makes of its source now, as JSON lines (publishes nothing)")
    {
        Arguments.Add(Mapping);
        Options.Add(Ids);
        Does(this, async (context, appliance, stop) =>
        {
            var name = context.Parsed.GetValue(Mapping)!;
            var names = appliance.Settings.Canonical.Select(m => m.Name).ToList();
            if (!names.Contains(name))
            {
                Console.Error.WriteLine($"cdcsync: there is no mapping '{name}'{Contract.Settings.NearestName.Hint(name, names)}");
                return ExitCode.Failed;
            }
            var source = appliance.Settings.Sources.Single(s => s.Name == name.Split('.')[0]);
            await foreach (var made in appliance.Mapper(source).ReadAsync(name, context.Parsed.GetValue(Ids) is { Length: > 0 } ids ? ids : null, stop))
                Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(made, made.GetType(), CanonicalJson.Default));
            return ExitCode.Done;
        });
    }
}
