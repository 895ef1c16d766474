using System.Buffers.Binary;
using System.Globalization;
using CdcSync.Capture.Mapping;
using CdcSync.Capture.Tables;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Capture.Tests.Tables;

/// <summary>A database being polled into a log in memory.</summary>
public sealed class Polled(TablesSettings settings) : IAsyncDisposable
{
    CancellationTokenSource? _stop;
    Task _running = Task.CompletedTask;
    TablesSource? _source;
    readonly Said _said = new();

    public TablesSettings Settings { get; } = settings;

    public MemoryLog Log { get; init; } = new();

    public MemoryRegistry Registry { get; } = new();

    public ICanonicalMapper? Mapper { get; init; }

    public MemoryPauses Pauses { get; } = new();

    public CaptureWorker? Worker { get; private set; }

    /// <summary>Held records given out at once: few, so that tests see what comes between.</summary>
    public int HeldPiece { get; set; } = 20;

    public SourceStatus Status => _source!.Status;

    /// <summary>Settings that poll fast.</summary>
    public static TablesSettings Of(string connection, params WatchedTable[] tables) => new()
    {
        Name = "t" + Guid.NewGuid().ToString("n")[..12], TopicPrefix = "t", Provider = "Npgsql", Connection = connection, Tables = tables,
        PollInterval = TimeSpan.FromMilliseconds(20), IdleInterval = TimeSpan.FromMilliseconds(50), Lag = TimeSpan.FromSeconds(2), HeartbeatInterval = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>Runs what `cdcsync enable` prints.</summary>
    public static async Task EnableAsync(TablesSettings settings) => await ApplyAsync(settings, undo: false);

    public static async Task<int> ApplyAsync(TablesSettings settings, bool undo)
    {
        var access = new SourceCatalog().OpenAccess(settings, [])!;
        var script = await access.ScriptAsync(undo, null, TestContext.Current.CancellationToken);
        await access.ApplyAsync(script, settings.Connection, _ => { }, TestContext.Current.CancellationToken);
        return script.Steps.Count;
    }

    public void Start()
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _running = RunAsync(_stop.Token);
    }

    async Task RunAsync(CancellationToken stop)
    {
        await using var source = _source = new TablesSource(Settings, Registry, _said, TimeProvider.System);
        Worker = new CaptureWorker(source, Log, Mapper, _said, TimeProvider.System) { Pauses = Pauses, HeldPiece = HeldPiece };
        await Worker.RunAsync(stop);
    }

    public async Task StopAsync()
    {
        if (_stop is null) return;
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _stop = null;
    }

    /// <summary>Waits for something that the log's records satisfy.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<LogRecord>, bool> holds, double seconds = 60)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !holds(Log.Records);)
        {
            if (_running.IsCompleted) await _running;
            if (TimeProvider.System.GetElapsedTime(started).TotalSeconds > seconds)
                throw new TimeoutException($"Not within {seconds} s; the log has {string.Join(", ", Log.Records.GroupBy(r => r.Topic).Select(g => $"{g.Key} {g.Count()}"))}; {_source?.Status}\n{string.Join('\n', _said.Lines.TakeLast(20))}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until there is a bookmark: what is committed from now on comes as changes.</summary>
    public async Task BeganAsync()
    {
        while (await Log.ReadBookmarkAsync(Settings.Name, default) is null)
        {
            if (_running.IsCompleted) await _running;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the existing rows are published.</summary>
    public async Task SnapshotDoneAsync()
    {
        for (var tries = 0; tries < 1500; tries++)
        {
            if (_running.IsCompleted) await _running;
            if (await Log.ReadBookmarkAsync(Settings.Name, default) is { } bookmark && TablesState.Parse(WorkerState.Parse(bookmark.State).Source).Done?.Count == Settings.Tables.Count) return;
            await Task.Delay(40, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"The rows are not published: {Status}");
    }

    /// <summary>The envelopes of a topic; a tombstone is null.</summary>
    public async Task<List<AvroRecord?>> EnvelopesAsync(string topic)
    {
        var envelopes = new List<AvroRecord?>();
        foreach (var record in Log.Records.Where(r => r.Topic == topic))
        {
            if (record.Value is null) envelopes.Add(null);
            else envelopes.Add(await ReadAsync(record.Value, Registry));
        }
        return envelopes;
    }

    public static async Task<AvroRecord> ReadAsync(byte[] value, MemoryRegistry registry)
    {
        var schema = await registry.GetAsync(BinaryPrimitives.ReadInt32BigEndian(value.AsSpan(1)), default);
        return (AvroRecord)AvroReader.For(AvroSchema.Parse(schema.Text)).Read(value.AsSpan(5))!;
    }

    /// <summary>What a topic adds up to: per key the newest row as text; deleted keys are not there.</summary>
    public async Task<SortedDictionary<string, string>> StateAsync(string topic, string key, params string[] columns)
    {
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var envelope in await EnvelopesAsync(topic))
        {
            if (envelope is null) continue;
            var row = (AvroRecord)(envelope["after"] ?? envelope["before"])!;
            var id = Convert.ToString(row[key], CultureInfo.InvariantCulture)!;
            if (envelope["after"] is null) state.Remove(id);
            else state[id] = string.Join('|', columns.Select(c => Convert.ToString(row[c], CultureInfo.InvariantCulture)));
        }
        return state;
    }

    /// <summary>Operation and version per key, as <see cref="RandomLoad.Compare"/> wants it.</summary>
    public async Task<Dictionary<long, List<string>>> StoryAsync(string topic) => StoryOf(await EnvelopesAsync(topic));

    public static Dictionary<long, List<string>> StoryOf(IEnumerable<AvroRecord?> envelopes)
    {
        var story = new Dictionary<long, List<string>>();
        foreach (var envelope in envelopes.OfType<AvroRecord>())
        {
            var op = (string)envelope["op"]!;
            var row = (AvroRecord)(envelope["after"] ?? envelope["before"])!;
            if (!story.TryGetValue((long)row["id"]!, out var key)) story[(long)row["id"]!] = key = [];
            key.Add(op == "d" ? "d" : $"{op}{row["version"]}");
        }
        return story;
    }

    /// <summary>
    /// What is wrong with a story. A row that changed while its chunk was read is told by its change alone: the row as it was before stands for what a reading would have shown.
    /// </summary>
    public static IEnumerable<string> Compare(Dictionary<long, List<string>> history, Dictionary<long, List<string>> story)
    {
        foreach (var (id, told) in story)
            if (id <= RandomLoad.FirstRows && told[0][0] != 'r' && !told.Exists(t => t[0] == 'r') && history[id].Count > told.Count)
                told.Insert(0, "r" + history[id][history[id].Count - told.Count - 1][1..]);
        return RandomLoad.Compare(history, story);
    }

    /// <summary>Rows of a query, each as its values with bars between, by the first column.</summary>
    public static async Task<SortedDictionary<string, string>> RowsAsync(string connection, string sql)
    {
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await using var opened = new NpgsqlConnection(connection);
        await opened.OpenAsync(TestContext.Current.CancellationToken);
        await using var query = new NpgsqlCommand(sql, opened);
        await using var rows = await query.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
            state[Convert.ToString(rows.GetValue(0), CultureInfo.InvariantCulture)!] = string.Join('|', Enumerable.Range(1, rows.FieldCount - 1).Select(i => Convert.ToString(rows.GetValue(i), CultureInfo.InvariantCulture)));
        return state;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
