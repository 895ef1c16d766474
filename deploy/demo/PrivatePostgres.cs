using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace CdcSync.Demo;

/// <summary>A PostgreSQL cluster of one's own on loopback, for demo and tests: initdb, a free port, wal_level=logical, gone when disposed.</summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    const string Prefix = "cdcsync-pg-";
    readonly string _folder;

    PrivatePostgres(string folder, int port) => (_folder, Port) = (folder, port);

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Connection string of a superuser for a database.</summary>
    public string Connection(string database) => $"Host=127.0.0.1;Port={Port};Username=postgres;Database={database}";

    /// <summary>Makes and starts a cluster.</summary>
    /// <param name="settings">Further server settings, <c>name=value</c>.</param>
    public static async Task<PrivatePostgres> StartAsync(CancellationToken stop, params string[] settings)
    {
        await SweepAsync(stop);
        var folder = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():n}"[..36]);
        Directory.CreateDirectory(folder);
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", ["postgres", folder], asServerUser: false, stop);
        await RunAsync(Bin("initdb"), ["-D", folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"], true, stop);
        var port = FreePort();
        string[] all =
        [
            "wal_level=logical", "max_wal_senders=60", "max_replication_slots=400", "max_connections=200", "fsync=off", "shared_buffers=256MB", "max_wal_size=4GB",
            "listen_addresses=127.0.0.1", $"port={port}", $"unix_socket_directories={folder}", "logging_collector=off", .. settings,
        ];
        await RunAsync(Bin("pg_ctl"), ["-D", folder, "-w", "-l", Path.Combine(folder, "log"), "-o", string.Join(' ', all.Select(s => $"-c {s}")), "start"], true, stop);
        return new PrivatePostgres(folder, port);
    }

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(Connection("postgres"));
        await connection.OpenAsync(stop);
        await using var create = new NpgsqlCommand($"create database \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
        await create.ExecuteNonQueryAsync(stop);
        return Connection(name);
    }

    /// <summary>Stops the server (<c>immediate</c> is a crash) and leaves its files.</summary>
    public Task StopAsync(string mode, CancellationToken stop) => RunAsync(Bin("pg_ctl"), ["-D", _folder, "-w", "-m", mode, "stop"], true, stop);

    /// <summary>Starts it again, on the same port, with the same settings.</summary>
    public async Task RestartAsync(CancellationToken stop)
    {
        var options = (await File.ReadAllTextAsync(Path.Combine(_folder, "postmaster.opts"), stop)).Trim().Replace("\"", "", StringComparison.Ordinal);
        var at = options.IndexOf("-c ", StringComparison.Ordinal);
        await RunAsync(Bin("pg_ctl"), ["-D", _folder, "-w", "-l", Path.Combine(_folder, "log"), "-o", options[at..], "start"], true, stop);
    }

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync(_folder, CancellationToken.None);
    }

    // A killed run leaves its cluster behind; the next one clears it away.
    static async Task SweepAsync(CancellationToken stop)
    {
        foreach (var folder in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var owner = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
            if (int.TryParse(owner, out var process) && !Directory.Exists($"/proc/{process}")) await RemoveAsync(folder, stop);
        }
    }

    static async Task RemoveAsync(string folder, CancellationToken stop)
    {
        try
        {
            if (File.Exists(Path.Combine(folder, "postmaster.pid"))) await RunAsync(Bin("pg_ctl"), ["-D", folder, "-w", "-m", "immediate", "stop"], true, stop);
        }
        catch (InvalidOperationException)
        {
            // It was not running any more: what counts is that the folder goes.
        }
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // Another run swept it at the same moment, or it belongs to another user: not ours to mind.
        }
    }

    static string Bin(string tool)
    {
        const string debian = "/usr/lib/postgresql";
        var newest = Directory.Exists(debian)
            ? Directory.GetDirectories(debian).Select(d => Path.Combine(d, "bin", tool)).Where(File.Exists).OrderDescending().FirstOrDefault()
            : null;
        return newest ?? tool;
    }

    /// <summary>A port that nobody listens on at this moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // The server refuses to run as root: then it runs as the postgres user that Debian's package makes.
    static async Task RunAsync(string tool, string[] arguments, bool asServerUser, CancellationToken stop)
    {
        var drop = asServerUser && Environment.IsPrivilegedProcess;
        var start = new ProcessStartInfo(drop ? "runuser" : tool, drop ? ["-u", "postgres", "--", tool, .. arguments] : arguments)
        {
            WorkingDirectory = Path.GetTempPath(),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException($"'{tool}' is not installed; install PostgreSQL (Debian: apt-get install postgresql)", missing);
        }
        using (process)
        {
            // pg_ctl's server inherits the pipes: waiting for their end would wait for the server's.
            await process.WaitForExitAsync(stop);
            if (process.ExitCode == 0) return;
            var said = tool.EndsWith("pg_ctl", StringComparison.Ordinal) ? "see the log in its data folder" : (await process.StandardError.ReadToEndAsync(stop)).Trim();
            throw new InvalidOperationException($"{tool} {string.Join(' ', arguments)} failed with {process.ExitCode}: {said}");
        }
    }
}
