using CdcSync.EventLog;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>A transaction of the source that is larger than a batch becomes visible in the log all at once, whatever happens on its way.</summary>
public class WholeTransactionTests(TestPostgres postgres)
{
    const int Rows = 1000;
    const string Large = "insert into t select g, repeat('x', 50) from generate_series(1, 1000) g";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    async Task<Captured> NewAsync(TimeSpan? whole = null)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table t(id int primary key, x text)");
        var captured = new Captured(connection) { WholeTransactions = whole };
        captured.Settings = captured.Settings with { BatchBytes = 4096 };
        captured.Start();
        await captured.CaughtUpAsync();
        return captured;
    }

    static void AssertAll(Captured captured) =>
        Assert.Equal(Enumerable.Range(1, Rows + 1), captured.Log.Records.Where(r => r.Topic == "t.public.t").Select(r => Id(r.Key!)));

    // Behind the framing the key is one int.
    static int Id(byte[] key)
    {
        var (number, shift) = (0u, 0);
        foreach (var part in key.AsSpan(5))
        {
            number |= (uint)(part & 0x7f) << shift;
            shift += 7;
        }
        return (int)(number >> 1) ^ -(int)(number & 1);
    }

    [Fact]
    public async Task It_is_seen_at_once_and_a_log_that_fails_in_between_takes_all_of_it_again()
    {
        await using var captured = await NewAsync();
        var (calls, seen) = (0, new List<int>());
        captured.Log.BeforeAppend = _ =>
        {
            if (++calls == 7) throw new EventLogException("gone");
        };
        captured.Log.AfterAppend = _ => seen.Add(captured.Log.Records.Count);
        await captured.ExecuteAsync(Large);
        await captured.ExecuteAsync("insert into t values (1001)");
        await captured.UntilAsync(r => r.Count == Rows + 1);
        AssertAll(captured);
        Assert.True(captured.Log.Parts > 10, $"{captured.Log.Parts} parts");
        Assert.DoesNotContain(seen, s => s is > 0 and < Rows);
    }

    [Fact]
    public async Task A_connection_that_is_lost_in_between_does_not_end_it()
    {
        await using var captured = await NewAsync();
        using var cut = new ManualResetEventSlim();
        var (reached, seen, calls) = (new TaskCompletionSource(), new List<int>(), 0);
        captured.Log.BeforeAppend = _ =>
        {
            if (++calls != 7) return;
            reached.SetResult();
            cut.Wait(TimeSpan.FromSeconds(60));
        };
        captured.Log.AfterAppend = _ => seen.Add(captured.Log.Records.Count);
        await captured.ExecuteAsync(Large);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(60), Stop);
        await captured.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cdcsync' and datname = current_database() and backend_type = 'walsender'");
        cut.Set();
        await captured.ExecuteAsync("insert into t values (1001)");
        await captured.UntilAsync(r => r.Count == Rows + 1);
        AssertAll(captured);
        Assert.Contains(captured.Said.Lines, l => l.Contains("lost its connection", StringComparison.Ordinal));
        Assert.DoesNotContain(seen, s => s is > 0 and < Rows);
    }

    [Fact]
    public async Task One_that_takes_too_long_is_cut_and_said()
    {
        await using var captured = await NewAsync(TimeSpan.Zero);
        var seen = new List<int>();
        captured.Log.AfterAppend = _ => seen.Add(captured.Log.Records.Count);
        await captured.ExecuteAsync(Large);
        await captured.ExecuteAsync("insert into t values (1001)");
        await captured.UntilAsync(r => r.Count == Rows + 1);
        AssertAll(captured);
        Assert.Contains(seen, s => s is > 0 and < Rows);
        Assert.Contains(captured.Said.Lines, l => l.Contains("it is cut here", StringComparison.Ordinal));
    }
}
