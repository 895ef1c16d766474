using System.Diagnostics;
using System.Globalization;
using CdcSync.Demo;
using CdcSync.Demo.Shop;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Host.Tests;

/// <summary>The whole appliance as its user runs it, killed under load: both legacy databases, the shop and finance must agree afterwards, without a repair.</summary>
public sealed class ApplianceKillTests(ITestOutputHelper output) : IAsyncDisposable
{
    static readonly string Folder = Directory.CreateTempSubdirectory("cdcsync-kill-").FullName;
    readonly Random _random = new(Seed());
    readonly List<Process> _started = [];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static int Kills => int.Parse(Environment.GetEnvironmentVariable("CDCSYNC_APPLIANCE_KILLS") ?? "5", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Killed_again_and_again_under_load_nothing_is_lost_or_goes_back()
    {
        await using var server = await PrivatePostgres.StartAsync(Stop);
        var databases = await DemoDatabases.CreateAsync(server, Stop);
        await using var shop = await ShopServer.StartAsync(new(System.Net.IPAddress.Loopback, 0), null, Stop);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["STORE"] = databases.Store, ["ERP"] = databases.ErpCapture, ["WMS"] = databases.WmsCapture, ["FINANCE"] = databases.Finance, ["SHOP"] = shop.Url.AbsoluteUri.TrimEnd('/'),
            ["REPORTS"] = Folder, ["LISTEN"] = $"127.0.0.1:{PrivatePostgres.FreePort()}", ["REGISTRY"] = $"127.0.0.1:{PrivatePostgres.FreePort()}",
        }) Environment.SetEnvironmentVariable($"DEMO_{name}", value);
        var traffic = new DemoTraffic(databases.Erp, databases.Wms, seed: 11);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var business = traffic.RunAsync(perSecond: 100, over.Token);

        await LearnAsync(databases.Store);
        for (var kill = 0; kill < Kills; kill++)
        {
            var running = Start("run");
            await Task.Delay(TimeSpan.FromSeconds(1.5 + (_random.NextDouble() * 5)), Stop);
            Assert.False(running.HasExited, "It ended by itself");
            running.Kill();      // SIGKILL: no last word
            await running.WaitForExitAsync(Stop);
        }
        var last = Start("run");
        await Task.Delay(1000, Stop);
        await over.CancelAsync();
        await business;

        var (exit, report) = (-1, "");
        for (var until = DateTimeOffset.UtcNow.AddMinutes(3); exit != 0 && DateTimeOffset.UtcNow < until; await Task.Delay(1000, Stop)) (exit, report) = await SayAsync("reconcile");
        output.WriteLine($"{traffic.Operations} operations, {Kills} kills\n{report}");
        Assert.True(exit == 0, $"reconcile ended with {exit}:\n{report}");
        Assert.All(shop.State.History, key => Assert.Equal(key.Value.Where(w => w.Version is not null).Select(w => Position(w.Version!)).Order(), key.Value.Where(w => w.Version is not null).Select(w => Position(w.Version!))));
        Assert.False(last.HasExited);
        // Golden records, matched by scores too, are those of all records at once.
        var (_, rebuilt) = await SayAsync("mdm", "rebuild", "--dry-run", "--json");
        Assert.Equal(3, rebuilt.Split('\n').Count(l => l.Contains("\"moved\":0,", StringComparison.Ordinal)));
    }

    // From then on scores of likeness are at work, too.
    async Task LearnAsync(string connection)
    {
        var running = Start("run");
        await using var store = NpgsqlDataSource.Create(connection);
        for (var until = DateTimeOffset.UtcNow.AddMinutes(2); ; await Task.Delay(500, Stop))
        {
            Assert.True(DateTimeOffset.UtcNow < until, "nothing was learnt in two minutes");
            try
            {
                await using var learnt = store.CreateCommand("select count(*) from mdm.model");
                if ((long)(await learnt.ExecuteScalarAsync(Stop))! > 0) break;
            }
            catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // It is only starting.
            }
        }
        running.Kill();
        await running.WaitForExitAsync(Stop);
    }

    static Contract.Changes.SourcePosition Position(string version) => Contract.Changes.SourcePosition.Parse(version);

    async Task<(int Exit, string Said)> SayAsync(params string[] words)
    {
        using var process = Start(words);
        var text = process.StandardOutput.ReadToEndAsync(Stop);
        var errors = process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await text + await errors);
    }

    Process Start(params string[] words)
    {
        var run = words is ["run"];
        var info = new ProcessStartInfo("dotnet", [typeof(Cli.ExitCode).Assembly.Location, .. words, "-c", Path.Combine(Needs.Root, "deploy/demo/local.yaml"), "-c", Path.Combine(Needs.Root, "deploy/demo/cdcsync.yaml")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        var process = Process.Start(info)!;
        _started.Add(process);
        if (!run) return process;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    static int Seed() => Environment.GetEnvironmentVariable("CDCSYNC_SEED") is { } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : Random.Shared.Next();

    public ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            try
            {
                process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended.
            }
            process.Dispose();
        }
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
