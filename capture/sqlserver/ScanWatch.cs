using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>Watches the capture job's scans of the log: the second one finished since the watch began has begun after it, and has seen all commits before.</summary>
sealed class ScanWatch(SqlServerConnections connections)
{
    // What the capture job takes in a scan by default: one that took fewer reached the log's end.
    const int FullScan = 500;

    (int Session, long Empty)? _last;
    int _steps;
    bool _refused;

    public async Task<bool> IsPastAsync(CancellationToken stop)
    {
        if (_refused) return false;
        try
        {
            var found = await connections.ListAsync("scans", r => (Session: r.GetInt32(0), Empty: r.GetInt64(1), Transactions: r.GetInt64(2)), stop);
            if (found.Count == 0) return false;
            var now = (found[0].Session, found[0].Empty);
            if (_last is { } before && before != now) _steps++;
            _last = now;
            return _steps >= 2 && found[0].Transactions < FullScan;
        }
        catch (SqlException refused) when (refused.Number is 300 or 262 or 297 or 208)
        {
            // Not allowed to look: the next captured transaction, or the entry that the job writes every five minutes, tells too.
            _refused = true;
            return false;
        }
    }
}
