using System.CommandLine;
using System.Net;
using CdcSync.Demo;
using CdcSync.Demo.Shop;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync demo</c>: two legacy databases, a shop and everything between, live.</summary>
sealed class DemoCommand : Command
{
    static readonly Option<bool> Keep = new("--keep") { Description = "Stay up afterwards, traffic included, until Ctrl-C" };
    static readonly Option<int> Seconds = new("--seconds") { Description = "How long there is traffic", DefaultValueFactory = _ => 30 };
    static readonly Option<string> LogKind = new("--log") { Description = "postgres or kafka", DefaultValueFactory = _ => "postgres" };
    static readonly Option<string?> Bootstrap = new("--bootstrap") { Description = "With --log kafka: the brokers, HOST:PORT,..." };

    public DemoCommand()
        : base("demo", "Two legacy databases, a shop, and everything between them, live (about two minutes)")
    {
        Subcommands.Add(new DemoShopCommand());
        Subcommands.Add(new DemoTrafficCommand());
        foreach (var option in (Option[])[Keep, Seconds, LogKind, Bootstrap]) Options.Add(option);
        SetAction(RunAsync);
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var context = new CommandContext(parsed);
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"cdcsync-demo-{DateTime.UtcNow:yyyyMMdd-HHmmss}")).FullName;
        context.Say("Starting a private PostgreSQL with an ERP, a WMS and CdcSync's store, and a shop ...");
        await using var server = await PrivatePostgres.StartAsync(stop);
        var databases = await DemoDatabases.CreateAsync(server, stop);
        await using var shop = await ShopServer.StartAsync(new(IPAddress.Loopback, 0), null, stop);
        var settings = Settings(databases, shop.Url, folder, parsed.GetValue(LogKind)!, parsed.GetValue(Bootstrap));
        using var loggers = Logging.ToFile(Path.Combine(folder, "cdcsync.log"));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var opened = new TaskCompletionSource<(Appliance, RoleSupervisor)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = RunProcess.RunAsync(settings, [], loggers, (a, s) => opened.SetResult((a, s)), ended.Token);
        if (await Task.WhenAny(run, opened.Task) == run) await run;
        var (appliance, supervisor) = await opened.Task;
        context.Say($"  shop        {shop.Url}\n  status      http://{settings.Http.Listen}/status  (metrics: /metrics)\n  registry    http://{settings.Registry.Listen}/subjects\n  log         {folder}/cdcsync.log\n");
        try
        {
            return await new DemoRun(context, appliance, supervisor, databases, loggers, folder, shop).RunAsync(parsed.GetValue(Seconds), parsed.GetValue(Keep), stop);
        }
        finally
        {
            await ended.CancelAsync();
            await run;
        }
    }

    static ApplianceSettings Settings(DemoDatabases databases, Uri shop, string folder, string log, string? bootstrap)
    {
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["STORE"] = databases.Store, ["ERP"] = databases.ErpCapture, ["WMS"] = databases.WmsCapture, ["FINANCE"] = databases.Finance, ["SHOP"] = shop.AbsoluteUri.TrimEnd('/'),
            ["REPORTS"] = folder, ["LISTEN"] = $"127.0.0.1:{PrivatePostgres.FreePort()}", ["REGISTRY"] = $"127.0.0.1:{PrivatePostgres.FreePort()}",
        }) Environment.SetEnvironmentVariable($"DEMO_{name}", value);
        var settings = ApplianceLoader.Load([.. ((string[])["local.yaml", "cdcsync.yaml"]).Select(file => Path.Combine(AppContext.BaseDirectory, "demo", file))]);
        if (log == "postgres") return settings;
        var kafka = new LogSettings { Kind = log == "kafka" ? Host.Settings.LogKind.Kafka : throw new InvalidOperationException($"there is no log '{log}'; known: postgres, kafka"), Bootstrap = bootstrap };
        kafka.Validate();
        return settings with { Log = kafka };
    }
}
