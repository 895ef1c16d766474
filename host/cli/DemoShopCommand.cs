using System.CommandLine;
using System.Net;
using CdcSync.Demo.Shop;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync demo shop</c>: the demo's shop alone, where the demo's parts are containers.</summary>
sealed class DemoShopCommand : Command
{
    static readonly Option<string> Listen = new("--listen") { Description = "Address and port", DefaultValueFactory = _ => "127.0.0.1:8090" };
    static readonly Option<string?> File = new("--file") { Description = "A JSON file that keeps what it holds when it stops; without one it forgets" };

    public DemoShopCommand()
        : base("shop", "The demo's shop alone, until SIGTERM")
    {
        Listen.Validators.Add(listen =>
        {
            if (Address(listen.GetValueOrDefault<string>()) is null) listen.AddError($"--listen: '{listen.GetValueOrDefault<string>()}' is no address with a port: write 127.0.0.1:8090 or 0.0.0.0:8090");
        });
        foreach (var option in (Option[])[Listen, File]) Options.Add(option);
        SetAction(RunAsync);
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var shop = await ShopServer.StartAsync(Address(parsed.GetValue(Listen)!)!, parsed.GetValue(File), stop);
        new CommandContext(parsed).Say($"shop {shop.Url}");
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCode.Done;
    }

    static IPEndPoint? Address(string? listen) => IPEndPoint.TryParse(listen ?? "", out var address) && listen!.EndsWith($":{address.Port}", StringComparison.Ordinal) ? address : null;
}
