using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Capture.Tests;

/// <summary>Which batches go into the log together while it is at work.</summary>
public class CaptureWorkerTests
{
    const int Large = 1 << 20;

    [Fact]
    public async Task Rows_that_come_while_the_log_is_at_work_go_into_it_together()
    {
        await using var source = new Counted(9, Operation.Read);
        await using var log = new MemoryLog();
        // The first append waits for three more batches, and what is full waits for it.
        var appends = new List<int>();
        log.BeforeAppend = _ =>
        {
            while (appends.Count == 0 && source.Taken < 5) Thread.Sleep(5);
            appends.Add(source.Taken);
        };
        await RunAsync(source, log);
        Assert.Equal(Enumerable.Range(1, 9), log.Records.Select(r => (int)r.Key![0]));
        Assert.Equal(new SourcePosition(9, 0), (await log.ReadBookmarkAsync("s", TestContext.Current.CancellationToken))!.Position);
        Assert.True(appends.Count < 9, $"{appends.Count} appends");
        Assert.Equal(5, appends[0]);    // itself, and four that are full
    }

    [Fact]
    public async Task The_stream_is_not_asked_for_more_before_the_log_has_taken_what_it_gave()
    {
        await using var source = new Counted(20, Operation.Create);
        await using var log = new MemoryLog();
        var appended = 0;
        log.BeforeAppend = _ =>
        {
            Thread.Sleep(20);
            // The one being appended, and one that was encoded meanwhile.
            Assert.InRange(source.Taken, 1, appended + 2);
            appended++;
        };
        await RunAsync(source, log);
        Assert.Equal(20, appended);
    }

    [Fact]
    public async Task What_was_read_before_a_source_gives_up_is_in_the_log()
    {
        await using var source = new Counted(4, Operation.Read) { Fails = true };
        await using var log = new MemoryLog();
        log.BeforeAppend = _ => Thread.Sleep(20);
        await Assert.ThrowsAsync<SourceException>(() => RunAsync(source, log));
        Assert.Equal(4, log.Records.Count);
    }

    [Fact]
    public async Task A_log_that_fails_in_between_gets_everything_once()
    {
        await using var source = new Counted(12, Operation.Read);
        await using var log = new MemoryLog();
        var (before, after) = (0, 0);
        log.BeforeAppend = _ => { if (++before is 2 or 3) throw new EventLogException("gone"); };
        log.AfterAppend = _ => { if (++after == 2) throw new EventLogException("no answer"); };
        await RunAsync(source, log);
        Assert.Equal(Enumerable.Range(1, 12), log.Records.Select(r => (int)r.Key![0]));
    }

    [Fact]
    public async Task A_source_that_waits_is_asked_on_whether_it_still_has_our_place_and_what_is_worse_is_said_once()
    {
        await using var source = new Counted(3, Operation.Create) { Place = place => place.Position.Commit == 7 ? PreflightLevel.Warn : PreflightLevel.Fail };
        await using var log = new MemoryLog();
        await using (var writer = await log.OpenWriterAsync("s", TestContext.Current.CancellationToken)) await writer.AppendAsync(new LogBatch(), new Bookmark(new SourcePosition(7, 0)), TestContext.Current.CancellationToken);
        var (said, pauses) = (new Said(), new MemoryPauses());
        pauses.Pause();
        var running = new CaptureWorker(source, log, null, said, TimeProvider.System) { Pauses = pauses, PausedLook = TimeSpan.FromMilliseconds(20) }.RunAsync(TestContext.Current.CancellationToken);
        while (source.Asked < 5) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Single(said.Lines, l => l.Contains("about to be forgotten", StringComparison.Ordinal));
        Assert.Equal(0, source.Taken);
        pauses.Resume();
        await running;
    }

    static Task RunAsync(IChangeSource source, MemoryLog log) => new CaptureWorker(source, log, null, NullLogger.Instance, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);

    /// <summary>A source of numbered batches, one record each, which ends.</summary>
    sealed class Counted(int count, Operation operation) : IChangeSource
    {
        static readonly Table Table = new("s", "t", []);
        int _taken;

        int _asked;

        public bool Fails { get; init; }

        public Func<Bookmark, PreflightLevel>? Place { get; init; }

        public int Asked => Volatile.Read(ref _asked);

        public Task<IReadOnlyList<PreflightResult>> CheckPlaceAsync(Bookmark place, CancellationToken stop)
        {
            Interlocked.Increment(ref _asked);
            return Task.FromResult<IReadOnlyList<PreflightResult>>([new(Place!(place), "clean-up comes near")]);
        }

        public int Taken => Volatile.Read(ref _taken);

        public string Name => "s";

        public SourceStatus Status => new(SourceState.Streaming, default, "", null, null, null);

        public async IAsyncEnumerable<ChangeBatch> ReadAsync(Bookmark? from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
        {
            for (var i = from is null ? 1UL : (ulong)(from.Position.Commit + 1); i <= (ulong)count; i++)
            {
                await Task.Yield();
                stop.ThrowIfCancellationRequested();
                Interlocked.Increment(ref _taken);
                var batch = new ChangeBatch(16) { End = new SourcePosition(i, 0) };
                batch.TryAppend(new Change(Table, operation, batch.End, 0, 0, 0, default, default), default, default);
                yield return batch;
            }
            if (Fails) throw new SourceException("It gave up");
        }

        public ValueTask WriteRawAsync(ChangeBatch batch, LogBatch output, CancellationToken stop)
        {
            output.Add("t", [(byte)batch.End.Commit], new byte[Large], 0);
            return ValueTask.CompletedTask;
        }

        public void Acknowledge(SourcePosition position)
        {
        }

        public Task<long?> MeasureLagAsync(CancellationToken stop) => Task.FromResult<long?>(null);

        public Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop) => Task.FromResult<IReadOnlyList<PreflightResult>>([]);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
