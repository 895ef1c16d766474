using CdcSync.Demo;
using Npgsql;
using Xunit;
using Xunit.Sdk;

namespace CdcSync.Servers;

/// <summary>
/// The PostgreSQL of a test assembly: one private cluster, made at first use. Use as <c>[assembly: AssemblyFixture(typeof(TestPostgres))]</c> and take it in a
/// test class's constructor; each test makes databases of its own.
/// </summary>
public sealed class TestPostgres : IAsyncLifetime
{
    PrivatePostgres? _server;

    /// <summary>The running cluster.</summary>
    public PrivatePostgres Server => _server ?? throw new InvalidOperationException("The test cluster did not start");

    /// <summary>A fresh empty database; returns its connection string (superuser).</summary>
    public Task<string> NewDatabaseAsync(string prefix = "t") =>
        Server.CreateDatabaseAsync($"{prefix}_{Guid.NewGuid():n}"[..20], TestContext.Current.CancellationToken);

    /// <summary>Runs SQL.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask InitializeAsync() => _server = await PrivatePostgres.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null) await _server.DisposeAsync();
    }
}

/// <summary>Parts of the machine that a test may find missing: skips at a desk, fails in CI.</summary>
public static class Needs
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path of the shared folder beside the repository.</summary>
    public static string Shared(params string[] parts)
    {
        var path = Path.GetFullPath(Path.Combine([Root, "..", "shared", .. parts]));
        if (!Path.Exists(path)) Missing($"{path} is not there: reference data lies in a folder 'shared' beside the repository");
        return path;
    }

    /// <summary>Skips at a desk, fails in CI.</summary>
    public static void Missing(string what)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true") throw new XunitException(what);
        Assert.Skip(what);
    }

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CdcSync.sln"))) return folder.FullName;
        throw new InvalidOperationException("CdcSync.sln is not above the tests");
    }
}
