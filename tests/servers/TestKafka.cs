using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace CdcSync.Servers;

/// <summary>The Kafka broker of a test assembly: a real one, started at first use, one node. Use as an assembly fixture and ask <see cref="BootstrapAsync"/>.</summary>
public sealed class TestKafka : IAsyncLifetime
{
    readonly SemaphoreSlim _once = new(1, 1);
    readonly string _folder = Path.Combine(Path.GetTempPath(), $"cdcsync-kafka-{Environment.ProcessId}");
    string? _bootstrap;

    /// <summary>Bootstrap servers of the running broker; skips at a desk where it cannot be started, fails in CI.</summary>
    public async Task<string> BootstrapAsync()
    {
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_bootstrap is null && Environment.GetEnvironmentVariable("CDCSYNC_TEST_KAFKA") is { Length: > 0 } given) _bootstrap = given;
            return _bootstrap ??= (await BrokerAsync("start", _folder, FreePort().ToString())).Trim();
        }
        finally
        {
            _once.Release();
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_bootstrap is not null && Directory.Exists(_folder)) await BrokerAsync("wipe", _folder);
        _once.Dispose();
    }

    static async Task<string> BrokerAsync(params string[] arguments)
    {
        var output = Path.GetTempFileName();
        // The broker inherits our pipes and outlives the script: its output goes to a file instead.
        var start = new ProcessStartInfo("bash", ["-c", "exec \"$@\" >\"$0\" 2>&1", output, Needs.Shared("servers", "kafka", "broker"), .. arguments]);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(CancellationToken.None);
        var text = await File.ReadAllTextAsync(output);
        File.Delete(output);
        if (process.ExitCode != 0) Needs.Missing($"The Kafka broker did not {arguments[0]}: {text}");
        return text;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        // The controller listens 1000 above.
        return ((IPEndPoint)listener.LocalEndpoint).Port is var port && port > 64000 ? port - 2000 : port;
    }
}
