using System.Text.Json;
using CdcSync.Capture.Mapping;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using YamlDotNet.RepresentationModel;

namespace CdcSync.Capture.Tests;

/// <summary>A database captured with mappings: what its canonical topics add up to beside what the projections say now.</summary>
public sealed class MappingRig : IAsyncDisposable
{
    MappingRig(Captured captured, CanonicalMapper mapper, CanonicalRecords records) => (Captured, Mapper, Records) = (captured, mapper, records);

    public Captured Captured { get; }

    public CanonicalMapper Mapper { get; }

    CanonicalRecords Records { get; }

    /// <param name="after">One whose log, schemas and slot it goes on with.</param>
    public static MappingRig Of(string connection, IReadOnlyList<MappingSettings> mappings, int batchChanges = 8192, MappingRig? after = null)
    {
        var records = after?.Records ?? new CanonicalRecords(new MemoryRegistry());
        var mapper = new CanonicalMapper("erp", PostgresQueries.Open(connection, "erp"), mappings, records, NullLogger.Instance);
        var captured = new Captured(connection)
        {
            Mapper = mapper,
            Log = after?.Captured.Log ?? new(),
            Settings = after?.Captured.Settings ?? new() { Name = "erp", Connection = connection, Slot = "s" + Guid.NewGuid().ToString("n")[..12], HeartbeatInterval = TimeSpan.FromMilliseconds(300), BatchChanges = batchChanges },
        };
        return new MappingRig(captured, mapper, records);
    }

    /// <summary>Does what the preflight says, then expects it to be content.</summary>
    public async Task PrepareAsync()
    {
        foreach (var finding in await Mapper.CheckAsync(TestContext.Current.CancellationToken))
            if (finding.Fix is { } fix) await Captured.ExecuteAsync(fix);
        Assert.All(await Mapper.CheckAsync(TestContext.Current.CancellationToken), f => Assert.True(f.Level == PreflightLevel.Pass, f.What));
    }

    /// <summary>Per key the newest record's object, as JSON without its envelope; deleted keys are not there.</summary>
    public async Task<SortedDictionary<string, string>> TopicsAsync()
    {
        var latest = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var record in Captured.Log.Records.Where(r => r.Topic.StartsWith("canonical.", StringComparison.Ordinal)))
        {
            var read = await Records.ReadAsync(record, TestContext.Current.CancellationToken);
            var key = $"{read.Kind.Name} {read.Key.Id}";
            if (read.Object is null) latest.Remove(key);
            else latest[key] = Bare(read.Object);
        }
        return latest;
    }

    /// <summary>The projections run now, in the form of <see cref="TopicsAsync"/>.</summary>
    public async Task<SortedDictionary<string, string>> FreshAsync()
    {
        var fresh = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var batch = new LogBatch();
        foreach (var mapping in Mapper.Mappings)
            await foreach (var value in Mapper.ReadAsync(mapping, null, TestContext.Current.CancellationToken))
            {
                var kind = CanonicalCatalog.Of(value.GetType());
                batch.Clear();
                await Records.WriteAsync(batch, kind.Topic, value, TestContext.Current.CancellationToken);
                var entry = batch.Entries[0];
                var read = await Records.ReadAsync(
                    new LogRecord(entry.Topic, 0, 0, 0, batch.Key(entry).ToArray(), batch.Value(entry).ToArray(), entry.Headers), TestContext.Current.CancellationToken);
                fresh.Add($"{kind.Name} {value.SourceId}", Bare(read.Object!));
            }
        return fresh;
    }

    /// <summary>Waits for capture, then expects topics and projections to agree.</summary>
    public async Task AgreeAsync()
    {
        await Captured.CaughtUpAsync(120);
        var fresh = await FreshAsync();
        for (var tries = 0; tries < 300 && !fresh.SequenceEqual(await TopicsAsync()); tries++)   // the mappings' own snapshot follows the rows
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(fresh, await TopicsAsync());
    }

    public IEnumerable<LogRecord> DeadLetters => Captured.Log.Records.Where(r => r.Topic == CanonicalMapper.DeadLetterTopic);

    public async ValueTask DisposeAsync()
    {
        await Captured.DisposeAsync();
        await Mapper.DisposeAsync();
    }

    /// <summary>The mappings of a shipped example.</summary>
    public static IReadOnlyList<MappingSettings> Shipped(string file)
    {
        var yaml = new YamlStream();
        using var text = File.OpenText(Path.Combine(Needs.Root, file));
        yaml.Load(text);
        return [.. ((YamlSequenceNode)yaml.Documents[0].RootNode["canonical"]).Select(Mapping)];
    }

    static MappingSettings Mapping(YamlNode node)
    {
        var settings = new MappingSettings
        {
            Object = (string)node["object"]!,
            Source = (string)node["source"]!,
            Key = [.. ((YamlSequenceNode)node["key"]).Select(k => (string)k!)],
            Query = (string)node["query"]!,
            AffectedBy = ((YamlMappingNode)node["affected_by"]).ToDictionary(p => (string)p.Key!, p => (string)p.Value!),
        };
        settings.Validate();
        return settings;
    }

    static string Bare(CanonicalObject value) =>
        JsonSerializer.Serialize(value with { Version = "0:0", CommittedAt = default, CorrelationId = "" }, value.GetType(), CanonicalJson.Default);
}
