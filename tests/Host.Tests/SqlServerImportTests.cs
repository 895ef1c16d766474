using System.Diagnostics;
using CdcSync.Demo;
using CdcSync.EventLog.Postgres;
using CdcSync.Servers;
using CdcSync.Servers.SqlServer;
using Confluent.Kafka;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace CdcSync.Host.Tests;

/// <summary>The whole way from a SQL Server connector's files to a source that goes on.</summary>
public sealed class SqlServerImportTests(TestPostgres postgres, TestKafka kafka) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("cdcsync-import-").FullName;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_came_after_the_stored_offset_is_published_and_nothing_before_it(bool fromTopic)
    {
        await using var server = new TestSqlServer();
        var database = await server.NewDatabaseAsync();
        var model = server.ModelOrSkip(database);
        await server.CreateAsync(database, "dbo.Item", "id int key; n int");
        for (var id = 1; id <= 3; id++) await server.CommitAsync(database, TestSqlServer.Insert("dbo.Item", ("id", id), ("n", 1)));
        model.Scan();
        var commits = model.Times.Where(t => t.HasChanges).Select(t => t.Lsn).ToList();
        var name = $"w{Guid.NewGuid():n}"[..10];
        var (key, value) = ($$"""["{{name}}",{"server":"{{name}}","database":"{{database}}"}]""",
            $$"""{"commit_lsn":"{{Text(commits[^2])}}","change_lsn":"NULL","event_serial_no":1}""");
        string[] offsets = fromTopic ? ["--offsets-topic", await TopicAsync(key, value), "--bootstrap", await kafka.BootstrapAsync()] : ["--offsets", await FileAsync(key, value)];
        var store = await postgres.NewDatabaseAsync("store");
        var config = Path.Combine(_folder, "cdcsync.yaml");
        var (code, output) = await CommandAsync(store, name, ["import", "debezium", await PropertiesAsync(name, database, new(server.Connection(database))), .. offsets, "--out", config, "--apply"]);
        Assert.True(code == 0, output);
        Assert.Contains($"goes on at {database} {Text(commits[^2])}", output, StringComparison.Ordinal);
        Assert.Equal([3], await ContinueAsync(name, store, config, $"{name}.{database}.dbo.Item"));
    }

    static string Text(byte[] lsn) => Convert.ToHexStringLower(lsn).Insert(16, ":").Insert(8, ":");

    async Task<string> FileAsync(string key, string value)
    {
        var file = Path.Combine(_folder, "offsets");
        await File.WriteAllBytesAsync(file, DebeziumImportTests.Java((key, value)), Stop);
        return file;
    }

    async Task<string> TopicAsync(string key, string value)
    {
        var topic = $"offsets-{Guid.NewGuid():n}";
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = await kafka.BootstrapAsync() }).Build();
        await producer.ProduceAsync(topic, new Message<string, string> { Key = key, Value = value }, Stop);
        return topic;
    }

    async Task<string> PropertiesAsync(string name, string database, SqlConnectionStringBuilder at)
    {
        var file = Path.Combine(_folder, "connector.properties");
        var address = at.DataSource.Split(',');
        await File.WriteAllTextAsync(file, $"""
            name={name}
            connector.class=io.debezium.connector.sqlserver.SqlServerConnector
            database.hostname={address[0].Replace("tcp:", "", StringComparison.Ordinal)}
            database.port={address[1]}
            database.user={at.UserID}
            database.password=gone
            database.encrypt=false
            database.names={database}
            topic.prefix={name}
            table.include.list=dbo[.]item
            schema.history.internal.kafka.topic=history
            poll.interval.ms=100
            include.schema.changes=false
            value.converter=io.confluent.connect.avro.AvroConverter
            key.converter=io.confluent.connect.avro.AvroConverter
            """, Stop);
        return file;
    }

    static ProcessStartInfo Prepared(string store, string name, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "cdcsync.dll"), .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["CDCSYNC_STORE"], start.Environment[$"{name.ToUpperInvariant()}_DATABASE_PASSWORD"]) = (store, "secret");
        return start;
    }

    static async Task<(int Code, string Output)> CommandAsync(string store, string name, string[] arguments)
    {
        using var process = Process.Start(Prepared(store, name, arguments))!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await output + await errors);
    }

    static async Task<List<int>> ContinueAsync(string name, string store, string config, string topic)
    {
        await File.AppendAllTextAsync(config, $"http: {{ listen: \"127.0.0.1:{PrivatePostgres.FreePort()}\" }}\nregistry: {{ listen: \"127.0.0.1:{PrivatePostgres.FreePort()}\" }}\n", Stop);
        using var service = Process.Start(Prepared(store, name, ["run", "-c", config, "--role", "capture"]))!;
        var (output, errors) = (service.StandardOutput.ReadToEndAsync(Stop), service.StandardError.ReadToEndAsync(Stop));
        var ours = new List<int>();
        try
        {
            await using var data = NpgsqlDataSource.Create(store);
            await using var log = await PostgresLog.OpenAsync(data, null, null, null, Stop);
            await using var reader = await log.OpenReaderAsync("look", [topic], Stop);
            var since = Stopwatch.StartNew();
            // What comes too much comes soon after: a little longer is waited for it.
            for (var quiet = 0; quiet < 4 && since.Elapsed < TimeSpan.FromSeconds(120) && !service.HasExited;)
            {
                var records = await reader.ReadAsync(10_000, TimeSpan.FromSeconds(0.5), Stop);
                // A key is Confluent's five bytes and the zigzag of its only field.
                foreach (var record in records) ours.Add(record.Key![5] >> 1);
                quiet = records.Count == 0 && ours.Count > 0 ? quiet + 1 : 0;
            }
            Assert.False(service.HasExited, service.HasExited ? await output + await errors : "");
        }
        finally
        {
            if (!service.HasExited) service.Kill();
        }
        return ours;
    }
}
