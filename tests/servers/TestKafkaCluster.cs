using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CdcSync.Servers;

/// <summary>Three real brokers, each record on all of them and durable on two; small ones, for they share a machine. A broker can be killed and started again.</summary>
public sealed class TestKafkaCluster : IAsyncDisposable
{
    const int Nodes = 3, ControllersAbove = 1000;
    readonly string _folder;
    readonly int _port;

    TestKafkaCluster(string folder, int port) => (_folder, _port) = (folder, port);

    /// <summary>The address of all.</summary>
    public string Bootstrap => string.Join(',', Enumerable.Range(_port, Nodes).Select(p => $"127.0.0.1:{p}"));

    /// <summary>Starts it; skips at a desk where it cannot be started, fails in CI.</summary>
    public static async Task<TestKafkaCluster> StartAsync(CancellationToken stop)
    {
        var cluster = new TestKafkaCluster(Directory.CreateTempSubdirectory("cdcsync-kafka3-").FullName, FreePorts());
        try
        {
            await cluster.StartNodesAsync(stop);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills (-9) one of the brokers, 1 to 3.</summary>
    public Task KillAsync(int node, CancellationToken stop) => BrokerAsync(stop, "kill", _folder, $"{node}");

    /// <summary>Starts the brokers that do not run, with what they had stored.</summary>
    public Task StartNodesAsync(CancellationToken stop) => BrokerAsync(stop, "start", _folder, $"{_port}", $"{Nodes}");

    public async ValueTask DisposeAsync()
    {
        for (var node = 1; node <= Nodes; node++)
            if (File.Exists(Path.Combine(_folder, $"node-{node}", "pid"))) await BrokerAsync(CancellationToken.None, "kill", _folder, $"{node}");
        Directory.Delete(_folder, recursive: true);
    }

    static async Task BrokerAsync(CancellationToken stop, params string[] arguments)
    {
        var output = Path.GetTempFileName();
        // The brokers inherit our pipes and outlive the script: its output goes to a file instead.
        var start = new ProcessStartInfo("bash", ["-c", "exec \"$@\" >\"$0\" 2>&1", output, Needs.Shared("servers", "kafka", "broker"), .. arguments]);
        start.Environment["_JAVA_OPTIONS"] = "-Xms64m -Xmx256m -XX:TieredStopAtLevel=1";
        // Leaders move and come back soon; one that was killed is known to be gone after three seconds, not nine.
        start.Environment["KAFKA_SETTINGS"] = "broker.session.timeout.ms=3000\nbroker.heartbeat.interval.ms=500\nreplica.lag.time.max.ms=5000\ncontroller.quorum.election.timeout.ms=500\n"
            + "controller.quorum.fetch.timeout.ms=1000\nlog.initial.task.delay.ms=500\nnum.partitions=1\nlog.segment.bytes=33554432";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(stop);
        var text = await File.ReadAllTextAsync(output, CancellationToken.None);
        File.Delete(output);
        if (process.ExitCode != 0) Needs.Missing($"The Kafka brokers did not {arguments[0]}: {text}");
    }

    // Three in a row, and three for the controllers.
    static int FreePorts()
    {
        for (var tries = 0; ; tries++)
        {
            var first = Random.Shared.Next(20_000, 30_000);
            if (tries > 100 || Enumerable.Range(first, Nodes).Concat(Enumerable.Range(first + ControllersAbove, Nodes)).All(IsFree)) return first;
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
