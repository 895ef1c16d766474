using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.Host.Cli;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;
using CdcSync.Demo;
using CdcSync.Servers;
using Microsoft.Extensions.Logging;

namespace CdcSync.Host.Tests;

/// <summary>A running appliance that makes golden records, with some customers in it.</summary>
sealed class StewardRig : IAsyncDisposable
{
    public const string Viewer = "viewer-0123456789-0123456789", Ann = "ann-0123456789-0123456789", Bob = "bob-0123456789-0123456789", Admin = "admin-0123456789-0123456789";

    const string Tokens = $"[{{ name: eve, role: viewer, token: {Viewer} }}, {{ name: ann, role: steward, token: {Ann} }}, {{ name: bob, role: steward, token: {Bob} }}, {{ name: root, role: admin, token: {Admin} }}]";

    readonly CancellationTokenSource _stop = new();
    readonly string _folder = Directory.CreateTempSubdirectory("cdcsync-steward-").FullName;
    readonly ILoggerFactory _loggers;
    Task _running = Task.CompletedTask;

    StewardRig(string store)
    {
        (Store, Listen) = (store, $"127.0.0.1:{PrivatePostgres.FreePort()}");
        _loggers = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Debug).AddFilter("Microsoft", LogLevel.Warning).AddProvider(new Lines(Logged)));
        Http = new HttpClient { BaseAddress = new Uri($"http://{Listen}") };
    }

    public string Store { get; }
    public string Listen { get; }
    public HttpClient Http { get; }
    public IReadOnlyList<string> Configs { get; private set; } = [];
    public Appliance Appliance { get; private set; } = null!;

    /// <summary>All that was logged.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Logged { get; } = [];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>With golden records alone: two sources that nobody captures, whose customers <see cref="FeedAsync"/> brings.</summary>
    public static Task<StewardRig> StartAsync(TestPostgres postgres, bool tokens = true) => StartAsync(postgres, tokens, ["mdm"], """
        sources:
          - { name: erp, kind: postgres, connection: "Host=127.0.0.1;Port=1;Timeout=1" }
          - { name: wms, kind: postgres, connection: "Host=127.0.0.1;Port=1;Timeout=1" }
        mdm: { sources: [erp, wms] }
        """);

    /// <summary>With settings files of one's own, beside store, HTTP and registry.</summary>
    public static async Task<StewardRig> StartAsync(TestPostgres postgres, bool tokens, IReadOnlyCollection<string> roles, params IReadOnlyList<string> settings)
    {
        var rig = new StewardRig(await postgres.NewDatabaseAsync("steward"));
        rig.Configs = [.. settings.Select((_, i) => Path.Combine(rig._folder, $"{i}.yaml")), Path.Combine(rig._folder, "cdcsync.yaml")];
        foreach (var (path, text) in rig.Configs.Zip(settings)) await File.WriteAllTextAsync(path, text, Stop);
        await File.WriteAllTextAsync(rig.Configs[^1], $$"""
            store: {{rig.Store}}
            http: { listen: "{{rig.Listen}}"{{(tokens ? $", tokens: {Tokens}" : "")}} }
            registry: { listen: "127.0.0.1:{{PrivatePostgres.FreePort()}}" }
            """, Stop);
        var started = new TaskCompletionSource();
        rig._running = Task.Run(() => RunProcess.RunAsync(ApplianceLoader.Load(rig.Configs), roles, rig._loggers, (appliance, _) =>
        {
            rig.Appliance = appliance;
            started.SetResult();
        }, rig._stop.Token));
        await await Task.WhenAny(started.Task, rig._running);
        return rig;
    }

    /// <summary>Customers as the sources give them; waits until they are resolved.</summary>
    public async Task FeedAsync(params Customer[] customers)
    {
        await using (var writer = await Appliance.Log.OpenWriterAsync("feed", Stop))
        {
            var batch = new LogBatch();
            foreach (var customer in customers) await Appliance.Records.WriteAsync(batch, "canonical.customer", customer with { CommittedAt = DateTimeOffset.UtcNow }, Stop);
            await writer.AppendAsync(batch, new Bookmark(new SourcePosition((UInt128)DateTime.UtcNow.Ticks, 0)), Stop);
        }
        var keys = string.Join(", ", customers.Select(c => $"('{c.Source}', '{c.SourceId}')"));
        await UntilAsync(async () => await CountAsync($"select count(*) from mdm.record where golden_id is not null and (source, source_id) in ({keys})") == customers.Length);
    }

    /// <summary>All records of a topic.</summary>
    public async Task<IReadOnlyList<CanonicalRecord>> ReadAsync(string topic)
    {
        await using var reader = await Appliance.Log.OpenReaderAsync($"test-{Guid.NewGuid():n}", [topic], Stop);
        var next = (await Appliance.Log.ListTopicsAsync(Stop)).Single(t => t.Name == topic).Partitions.Sum(p => p.Next);
        var all = new List<CanonicalRecord>();
        while (all.Count < next)
            foreach (var record in await reader.ReadAsync(1000, TimeSpan.FromSeconds(10), Stop)) all.Add(await Appliance.Records.ReadAsync(record, Stop));
        return all;
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Appliance.Store.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }

    public async Task SqlAsync(string sql)
    {
        await using var command = Appliance.Store.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }

    public async Task<(int Status, JsonElement Body, HttpResponseMessage Answer)> AskAsync(string? token, string path, object? body = null, string? host = null)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (host is not null) request.Headers.Host = host;
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");
        var answer = await Http.SendAsync(request, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        return ((int)answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, answer);
    }

    /// <summary>A command's exit code and its answer, an object a line.</summary>
    public async Task<(int Code, IReadOnlyList<JsonElement> Lines)> CommandAsync(params string[] words)
    {
        var (code, text) = await ReadAsync([.. words, "--json"]);
        return (code, [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)]);
    }

    /// <summary>What a command tells people; it must succeed.</summary>
    public async Task<string> SayAsync(params string[] words)
    {
        var (code, text) = await ReadAsync(words);
        Assert.Equal(ExitCode.Done, code);
        return text;
    }

    async Task<(int Code, string Text)> ReadAsync(string[] words)
    {
        var output = new StringWriter();
        var code = await CommandLine.Create().Parse([.. words, .. Configs.SelectMany(c => new[] { "-c", c })]).InvokeAsync(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false }, Stop);
        return (code, output.ToString());
    }

    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            if (await holds()) return;
            await Task.Delay(100, Stop);
        }
        Assert.Fail("not within a minute");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Http.Dispose();
        _loggers.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    sealed class Lines(System.Collections.Concurrent.ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue(formatter(state, exception));
        public void Dispose()
        {
        }
    }
}
