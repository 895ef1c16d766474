using System.CommandLine;
using CdcSync.Demo;
using CdcSync.Host.Settings;
using Npgsql;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync demo traffic</c>: the demo's business alone, where the demo's parts are containers.</summary>
sealed class DemoTrafficCommand : Command
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    static readonly Option<int> Rate = new("--rate") { Description = "Operations a second", DefaultValueFactory = _ => 20 };

    public DemoTrafficCommand()
        : base("traffic", "Business in the demo's ERP and WMS, until SIGTERM; DEMO_ERP_OWNER and DEMO_WMS_OWNER are the connection strings")
    {
        Rate.Validators.Add(rate =>
        {
            if (rate.GetValueOrDefault<int>() is < 1 or > 1000) rate.AddError("--rate: between 1 and 1000");
        });
        Options.Add(Rate);
        SetAction(RunAsync);
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var context = new CommandContext(parsed);
        var traffic = new DemoTraffic(YamlFile.Resolve("${DEMO_ERP_OWNER}"), YamlFile.Resolve("${DEMO_WMS_OWNER}"), seed: 7);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await traffic.RunAsync(parsed.GetValue(Rate), stop);
            }
            catch (NpgsqlException lost)
            {
                context.Say($"{lost.Message}; trying again in {Pause.TotalSeconds:0} s");
                await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        context.Say($"{traffic.Operations} operations");
        return ExitCode.Done;
    }
}
