using System.Diagnostics;
using CdcSync.Demo;

namespace CdcSync.Bench;

/// <summary>Loads and peers in the folder <c>shared</c> beside the repository.</summary>
static class Shared
{
    public static string Path(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "CdcSync.sln"))) folder = folder.Parent;
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine([folder?.FullName ?? ".", "..", "shared", .. parts]));
        return System.IO.Path.Exists(path) ? path : throw new InvalidOperationException($"{path} is not there: the bench's loads and peers lie in a folder 'shared' beside the repository");
    }

    /// <summary>The file of a customer master with known duplicates, made when it is first asked for.</summary>
    public static async Task<string> CustomersAsync(int rows, CancellationToken stop)
    {
        var file = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"cdcsync-bench-customers-{rows}.csv");
        if (!File.Exists(file)) await RunAsync("bash", ["-c", $"python3 '{Path("bench", "customers.py")}' {rows} > '{file}.new' && mv '{file}.new' '{file}'"], stop);
        return file;
    }

    /// <summary>Runs a script; its output goes by a file, for servers it starts keep pipes open.</summary>
    public static async Task<string> RunAsync(string script, string[] arguments, CancellationToken stop, bool mustWork = true)
    {
        var output = System.IO.Path.GetTempFileName();
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", "exec \"$@\" >\"$0\" 2>&1", output, script, .. arguments]) { UseShellExecute = false })!;
        await process.WaitForExitAsync(stop);
        var text = await File.ReadAllTextAsync(output, CancellationToken.None);
        File.Delete(output);
        return process.ExitCode == 0 || !mustWork ? text : throw new InvalidOperationException($"{script} {string.Join(' ', arguments)}: {text}");
    }
}

/// <summary>A real broker for one measurement.</summary>
sealed class SharedKafka(string folder, string bootstrap) : IAsyncDisposable
{
    public string Bootstrap => bootstrap;

    public static async Task<SharedKafka> StartAsync(CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("cdcsync-bench-kafka-").FullName;
        var started = await Shared.RunAsync(Shared.Path("servers", "kafka", "broker"), ["start", folder, (20000 + (PrivatePostgres.FreePort() % 20000)).ToString()], stop);
        return new SharedKafka(folder, started.Trim().Split('\n')[^1]);
    }

    public async ValueTask DisposeAsync() => await Shared.RunAsync(Shared.Path("servers", "kafka", "broker"), ["wipe", folder], CancellationToken.None, mustWork: false);
}

/// <summary>A real Debezium on the same rows.</summary>
static class Debezium
{
    /// <summary>Its slot and publication, older than the load.</summary>
    public static async Task PrepareAsync(string connection, CancellationToken stop)
    {
        await Sql.RunAsync(connection, "do $$ begin create publication dbz for table orders; exception when duplicate_object then null; end $$", stop);
        await Sql.RunAsync(connection, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'dbz'", stop);
        await Sql.RunAsync(connection, "select pg_create_logical_replication_slot('dbz', 'pgoutput')", stop);
    }

    public static async Task<(string, object?)[]> DrainAsync(int port, SharedKafka kafka, string snapshot, int rows, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("cdcsync-bench-dbz-").FullName;
        var file = Path.Combine(folder, "connector.properties");
        await File.WriteAllTextAsync(file, $"""
            name=dbz
            connector.class=io.debezium.connector.postgresql.PostgresConnector
            plugin.name=pgoutput
            database.hostname=127.0.0.1
            database.port={port}
            database.user=postgres
            database.password=none
            database.dbname=orders
            topic.prefix=dbz
            slot.name=dbz
            publication.name=dbz
            snapshot.mode={snapshot}
            key.converter.schemas.enable=false
            value.converter.schemas.enable=false
            key.converter=org.apache.kafka.connect.json.JsonConverter
            value.converter=org.apache.kafka.connect.json.JsonConverter
            """, stop);
        var connect = Shared.Path("servers", "debezium", "connect");
        await Shared.RunAsync(connect, ["start", folder, kafka.Bootstrap, file], stop);
        var before = Cost(await Shared.RunAsync(connect, ["cost", folder], stop));
        var clock = Stopwatch.StartNew();
        while (await NextAsync(kafka.Bootstrap, stop) < rows) await Task.Delay(250, stop);
        var seconds = clock.Elapsed.TotalSeconds;
        var after = Cost(await Shared.RunAsync(connect, ["cost", folder], stop));
        await Shared.RunAsync(connect, ["stop", folder], stop);
        return [("perSecond", Math.Round(rows / seconds)), ("cpuSecondsPerMillion", Math.Round((after.Cpu - before.Cpu) / rows * 1e6, 2)), ("residentMiB", (long)after.Resident)];
    }

    static async Task<long> NextAsync(string bootstrap, CancellationToken stop)
    {
        var text = await Shared.RunAsync("kcat", ["-b", bootstrap, "-Q", "-t", "dbz.public.orders:0:-1"], stop, mustWork: false);
        return long.TryParse(text.Trim().Split(' ')[^1], out var offset) ? offset : 0;
    }

    static (double Cpu, double Resident) Cost(string text)
    {
        double Of(string name) => double.Parse(text.Split('\n').First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        return (Of("cpu_seconds"), Of("rss_mib"));
    }
}
