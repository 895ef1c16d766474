using System.Text;
using CdcSync.Contract.Changes;
using CdcSync.EventLog.Postgres;
using CdcSync.Servers;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;

namespace CdcSync.EventLog.Tests;

/// <summary>Retention and compaction of the PostgreSQL log, to the record.</summary>
public sealed class PostgresUpkeepTests(TestPostgres postgres) : IAsyncLifetime
{
    static readonly PostgresLogSettings Eager = new() { CompactAfterRecords = 1, CompactAfterRatio = 0, MaintenanceChunk = 3, TombstoneGrace = TimeSpan.FromHours(1) };
    readonly MovableClock _clock = new();
    NpgsqlDataSource _store = null!;
    PostgresLog _log = null!;
    int _mark;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("upkeep"));
        _log = await PostgresLog.OpenAsync(_store, Eager, null, _clock, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_tombstone_goes_after_its_grace_and_when_every_group_has_read_it()
    {
        await _log.EnsureTopicAsync(new TopicSettings("t", Compact: true), Stop);
        await AppendAsync("t", ("a", "1"), ("b", "1"), ("a", null));
        await using var slow = await _log.OpenReaderAsync("slow", ["t"], Stop);
        await slow.ReadAsync(1, TimeSpan.FromSeconds(30), Stop);
        await slow.CommitAsync([new LogPlace("t", 0, 1)], Stop);
        Assert.Equal(new UpkeepResult(0, 1, 0), await _log.MaintainOnceAsync(Stop));
        // Due only an hour after maintenance first saw it; then the slow group keeps it.
        for (var hours = 0; hours < 3; hours++)
        {
            Assert.Equal(default, await _log.MaintainOnceAsync(Stop));
            _clock.Move(TimeSpan.FromMinutes(61));
        }
        Assert.Equal(["1:b=1", "2:a="], await ReadAsync("t"));
        await slow.CommitAsync([new LogPlace("t", 0, 3)], Stop);
        _clock.Move(TimeSpan.FromMinutes(61));
        Assert.Equal(new UpkeepResult(0, 0, 1), await _log.MaintainOnceAsync(Stop));
        Assert.Equal(["1:b=1"], await ReadAsync("t"));
    }

    [Fact]
    public async Task Compaction_leaves_exactly_the_newest_whatever_was_written()
    {
        await _log.EnsureTopicAsync(new TopicSettings("any", Partitions: 2, Compact: true), Stop);
        var newest = new Dictionary<string, string>(StringComparer.Ordinal);
        var records = Gen.Zip(Gen.Elements("a", "b", "c", "d", "e"), Gen.Choose(0, 999)).ListOf(30);
        foreach (var batch in records.Sample(15, 12))
        {
            await AppendAsync("any", [.. batch.Select(r => ((string?)r.Item1, (string?)$"{r.Item2}"))]);
            foreach (var (key, value) in batch) newest[key] = $"{value}";
            await _log.MaintainOnceAsync(Stop);
            var left = await ReadAsync("any");
            Assert.Equal(newest.Select(n => $"{n.Key}={n.Value}").Order(), left.Select(l => l[(l.IndexOf(':') + 1)..]).Order());
        }
    }

    [Fact]
    public async Task Retention_stops_at_the_first_record_that_is_young_enough()
    {
        await _log.EnsureTopicAsync(new TopicSettings("r", Retention: TimeSpan.FromHours(1)), Stop);
        var batch = new LogBatch();
        var now = _clock.GetUtcNow();
        foreach (var minutes in (int[])[90, 80, 95, 70, 65, 61, 62, 30, 90, 0])
            batch.Add("r", null, Encoding.UTF8.GetBytes($"{minutes}"), now.AddMinutes(-minutes).ToUnixTimeMilliseconds());
        await AppendAsync(batch);
        Assert.Equal(7, (await _log.MaintainOnceAsync(Stop)).Expired);
        Assert.Equal(["7:=30", "8:=90", "9:=0"], await ReadAsync("r"));
        Assert.Equal((7, 10), (await _log.ListTopicsAsync(Stop))[0].Partitions[0]);
        _clock.Move(TimeSpan.FromHours(2));
        Assert.Equal(3, (await _log.MaintainOnceAsync(Stop)).Expired);
        Assert.Equal((10, 10), (await _log.ListTopicsAsync(Stop))[0].Partitions[0]);
        await AppendAsync("r", ("k", "next"));
        Assert.Equal(["10:k=next"], await ReadAsync("r"));
    }

    [Fact]
    public async Task Maintenance_runs_in_one_process_and_goes_on_while_others_append()
    {
        await _log.EnsureTopicAsync(new TopicSettings("busy", Compact: true), Stop);
        await using var held = await _store.OpenConnectionAsync(Stop);
        await using (var hold = new NpgsqlCommand("begin; select next from log.partition for update", held)) await hold.ExecuteNonQueryAsync(Stop);
        // An append under way (its head is locked) does not hold maintenance up.
        await _log.MaintainOnceAsync(Stop).WaitAsync(TimeSpan.FromSeconds(30), Stop);
        await using (var end = new NpgsqlCommand("rollback", held)) await end.ExecuteNonQueryAsync(Stop);

        await AppendAsync("busy", ("a", "1"), ("a", "2"));
        await using (var other = new NpgsqlCommand($"select pg_advisory_lock({PostgresUpkeep.LockKey})", held)) await other.ExecuteNonQueryAsync(Stop);
        Assert.Equal(default, await _log.MaintainOnceAsync(Stop));
        await using (var gone = new NpgsqlCommand("select pg_advisory_unlock_all()", held)) await gone.ExecuteNonQueryAsync(Stop);
        Assert.Equal(1, (await _log.MaintainOnceAsync(Stop)).Compacted);
    }

    async Task AppendAsync(string topic, params (string? Key, string? Value)[] records)
    {
        var batch = new LogBatch();
        foreach (var (key, value) in records)
            batch.Add(topic, key is null ? null : Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value), _clock.GetUtcNow().ToUnixTimeMilliseconds());
        await AppendAsync(batch);
    }

    async Task AppendAsync(LogBatch batch)
    {
        await using var writer = await _log.OpenWriterAsync("p", Stop);
        await writer.AppendAsync(batch, new Bookmark(new SourcePosition((UInt128)(++_mark), 0)), Stop);
    }

    async Task<List<string>> ReadAsync(string topic)
    {
        await using var reader = await _log.OpenReaderAsync($"{Guid.NewGuid()}", [topic], Stop);
        var records = new List<string>();
        while (await reader.ReadAsync(100, TimeSpan.FromMilliseconds(200), Stop) is { Count: > 0 } some)
            records.AddRange(some.Select(r => $"{r.Offset}:{Encoding.UTF8.GetString(r.Key ?? [])}={Encoding.UTF8.GetString(r.Value ?? [])}"));
        return records;
    }

    sealed class MovableClock : TimeProvider
    {
        TimeSpan _ahead;
        public void Move(TimeSpan by) => _ahead += by;
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _ahead;
    }
}
