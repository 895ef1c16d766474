using System.Globalization;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// Waits until a transaction that the log has already told can also be seen by queries. PostgreSQL streams a commit when its record is on disk, and makes it visible a
/// moment later: a query in between would read the old state, under a version that says it is the new one.
/// </summary>
sealed class Visibility(NpgsqlDataSource source)
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <param name="transactions">Transaction ids as the log has them, 32 bits.</param>
    /// <param name="stop">Gives up.</param>
    public async Task WaitAsync(IReadOnlyCollection<long> transactions, CancellationToken stop)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(1); ; pause = pause * 2 < TimeSpan.FromMilliseconds(50) ? pause * 2 : pause)
        {
            await using var query = source.CreateCommand("select pg_current_snapshot()::text");
            if (transactions.All(Seen((string)(await query.ExecuteScalarAsync(stop))!))) return;
            // Longer than any commit takes: a synchronous standby that is away holds visibility back without end.
            if (TimeProvider.System.GetElapsedTime(started) > Longest)
                throw new TimeoutException("A committed transaction of the source is not visible to queries yet; is a synchronous standby away? Capture waits and tries again");
            await Task.Delay(pause, stop);
        }
    }

    /// <summary>Whether a transaction id is visible in a snapshot of the form <c>xmin:xmax:running,...</c>.</summary>
    public static Func<long, bool> Seen(string snapshot)
    {
        var parts = snapshot.Split(':');
        var xmax = long.Parse(parts[1], CultureInfo.InvariantCulture);
        var running = parts[2].Length == 0 ? [] : parts[2].Split(',').Select(x => long.Parse(x, CultureInfo.InvariantCulture)).ToHashSet();
        return transaction =>
        {
            // The log has the lower 32 bits; the full id is the one nearest to the snapshot's end.
            var full = (xmax & ~0xffffffffL) | transaction;
            if (full - xmax > 0x7fffffff) full -= 0x1_0000_0000;
            else if (xmax - full > 0x80000000) full += 0x1_0000_0000;
            return full < xmax && !running.Contains(full);
        };
    }
}
