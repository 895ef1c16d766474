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

    /// <summary>Sends the broker a signal: STOP and CONT make it hang and go on, KILL ends it; <see cref="ReviveAsync"/> starts it again. Not for a broker that was given.</summary>
    public async Task SignalAsync(string signal)
    {
        if (!Directory.Exists(_folder)) Needs.Missing("The broker is not ours to stop");
        var pid = Path.Combine(_folder, "node-1", "pid");
        using var kill = Process.Start("kill", [$"-{signal}", (await File.ReadAllTextAsync(pid)).Trim()]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        // A dead process that nobody has buried yet would pass for a running broker.
        if (signal == "KILL") File.Delete(pid);
    }

    /// <summary>Starts the broker again, on the same port, with what it had stored.</summary>
    public Task ReviveAsync() => BrokerAsync("start", _folder, _bootstrap!.Split(':')[1]);

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
        // Retention and compaction are seen to within a test's time.
        start.Environment["KAFKA_SETTINGS"] = "log.retention.check.interval.ms=1000\nlog.cleaner.backoff.ms=500\nlog.initial.task.delay.ms=500";
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
