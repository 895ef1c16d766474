using CdcSync.Capture.Postgres;
using CdcSync.Capture.Snapshot;
using CdcSync.EventLog.Store;
using CdcSync.Servers;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>Signals on their way: through the store, from a file and from a topic.</summary>
public class SignalTests(TestPostgres postgres, TestKafka kafka)
{
    [Fact]
    public async Task The_store_gives_each_source_its_own_in_order_and_each_reference_once()
    {
        await using var store = await StoreAsync();
        var signals = new SignalStore(store);
        Assert.NotNull(await signals.SendAsync("erp", "http", "1", new Signal("a", "log", "one"), TestContext.Current.CancellationToken));
        Assert.Null(await signals.SendAsync("erp", "http", "1", new Signal("a", "log", "one"), TestContext.Current.CancellationToken));
        await signals.SendAsync("wms", "http", "1", new Signal("b", "log", null), TestContext.Current.CancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var reading = signals.InboxOf("erp").ReadAsync(0, end.Token).GetAsyncEnumerator(end.Token);
        Assert.True(await reading.MoveNextAsync());
        Assert.Equal(new Signal("a", "log", "one"), reading.Current.Signal);
        var next = reading.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        await signals.SendAsync("erp", "command", "x", new Signal("c", "pause-snapshot", null), TestContext.Current.CancellationToken);
        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));    // told, not looked for: that would be after 30 s
        Assert.Equal(new Signal("c", "pause-snapshot", null), reading.Current.Signal);
        await using var again = signals.InboxOf("erp").ReadAsync(reading.Current.Number - 1, end.Token).GetAsyncEnumerator(end.Token);
        Assert.True(await again.MoveNextAsync());
        Assert.Equal("c", again.Current.Signal.Id);
    }

    [Fact]
    public async Task A_file_and_a_topic_are_taken_into_the_store_once()
    {
        await using var store = await StoreAsync();
        var folder = Directory.CreateTempSubdirectory("cdcsync-signals-");
        var (file, topic) = (Path.Combine(folder.FullName, "signals"), $"signals-{Guid.NewGuid():n}");
        var bootstrap = await kafka.BootstrapAsync();
        using (var producer = new ProducerBuilder<string, string>(new Dictionary<string, string> { ["bootstrap.servers"] = bootstrap }).Build())
        {
            await producer.ProduceAsync(topic, new Message<string, string> { Key = "prefix", Value = """{"type":"execute-snapshot","id":"k1","data":{"data-collections":["public.a"]}}""" }, TestContext.Current.CancellationToken);
            await producer.ProduceAsync(topic, new Message<string, string> { Key = "another", Value = """{"type":"log","id":"k2"}""" }, TestContext.Current.CancellationToken);
            await producer.ProduceAsync(topic, new Message<string, string> { Key = "prefix", Value = "no json" }, TestContext.Current.CancellationToken);
        }
        // As after a process that ended between taking lines and removing them.
        await File.WriteAllTextAsync(file + ".taken", """{"id":"f1","type":"log","data":"hello"}""" + "\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, "nonsense\n\n" + """{"id":"f2","type":"stop-snapshot"}""" + "\n", TestContext.Current.CancellationToken);
        var settings = new PostgresSettings
        {
            Name = $"s{Guid.NewGuid():n}"[..10], Connection = "Host=none", TopicPrefix = "prefix",
            Signals = new SignalSettings { File = file, KafkaTopic = topic, KafkaBootstrap = bootstrap, PollInterval = TimeSpan.FromMilliseconds(100) },
        };
        for (var run = 0; run < 2; run++)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var channels = new SignalChannels(settings, new SignalStore(store), NullLogger.Instance, TimeProvider.System).RunAsync(end.Token);
            var taken = new List<Signal>();
            await foreach (var signal in new SignalStore(store).InboxOf(settings.Name).ReadAsync(0, end.Token))
            {
                taken.Add(signal.Signal);
                if (taken.Count == 3) break;
            }
            Assert.Equal(["f1 log hello", "f2 stop-snapshot ", """k1 execute-snapshot {"data-collections":["public.a"]}"""], taken.Select(s => $"{s.Id} {s.Type} {s.Data}").Order(StringComparer.Ordinal));
            await end.CancelAsync();
            await ((Task)channels).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        Assert.False(File.Exists(file) || File.Exists(file + ".taken"));
        folder.Delete(recursive: true);
    }

    async Task<NpgsqlDataSource> StoreAsync()
    {
        var store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("store"));
        await StoreMigrations.ApplyAsync(store, typeof(CaptureWorker).Assembly, TestContext.Current.CancellationToken);
        return store;
    }
}
