using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>How long changes are kept, and how old the oldest one is that was not read.</summary>
readonly record struct RetentionLeft(TimeSpan Kept, TimeSpan Behind)
{
    public TimeSpan Left => Kept - Behind;

    /// <summary>Less than a third is left: time for a person to act.</summary>
    public bool IsShort => Left < Kept / 3;

    /// <summary>Asks; null where the jobs may not be seen, or no clean-up job is there.</summary>
    public static async Task<RetentionLeft?> ReadAsync(SqlServerConnections connections, UInt128 place, CancellationToken stop)
    {
        try
        {
            var jobs = await connections.ListAsync("jobs", r => (Type: r.GetString(0), Retention: r.GetInt64(1)), stop);
            if (jobs.Find(j => j.Type == "cleanup") is not { Type: not null } job) return null;
            var behind = await connections.ListAsync("retention", r => r.IsDBNull(0) ? 0 : r.GetInt32(0), stop, SqlServerConnections.LsnParameter("@place", place));
            return new RetentionLeft(TimeSpan.FromMinutes(job.Retention), TimeSpan.FromSeconds(behind.Count == 0 ? 0 : Math.Max(0, behind[0])));
        }
        catch (SqlException refused) when (refused.Number is 229 or 230 or 262 or 300 or 208 or 916)
        {
            return null;
        }
    }

    /// <summary>For <c>check</c>.</summary>
    public PreflightResult Judge(string database) => Behind == TimeSpan.Zero ? new(PreflightLevel.Pass, $"{database}: all that was captured is read")
        : !IsShort ? new(PreflightLevel.Pass, $"{database}: the oldest change not read is {Text(Behind)} old, and changes are kept for {Text(Kept)}")
        : new(PreflightLevel.Warn, $"{database}: clean-up overtakes CdcSync in {Text(Left)}: the oldest change not read is {Text(Behind)} old, and changes are kept for {Text(Kept)} only", Fix(database));

    public string Fix(string database) => $"{Remedies.In(database, Remedies.Retention((int)Kept.TotalMinutes * 3))}; and let CdcSync run";

    public static string Text(TimeSpan time) => time <= TimeSpan.Zero ? "no time" : time < TimeSpan.FromHours(2) ? $"{time.TotalMinutes:0} min" : $"{time.TotalHours:0.#} h";
}

/// <summary>Warns while something can still be done: once when little of the retention is left, once when it is well again.</summary>
sealed class RetentionWatch(SqlServerConnections connections, ILogger log, TimeProvider clock)
{
    static readonly TimeSpan Look = TimeSpan.FromMinutes(1), LookAgain = TimeSpan.FromSeconds(5);
    long? _lookedAt;
    bool _isShort, _isBlind;

    public async Task LookAsync(UInt128 place, CancellationToken stop)
    {
        if (_isBlind || (_lookedAt is { } at && clock.GetElapsedTime(at) < (_isShort ? LookAgain : Look))) return;
        _lookedAt = clock.GetTimestamp();
        var (source, database) = (connections.Settings.Name, connections.Database);
        if (await RetentionLeft.ReadAsync(connections, place, stop) is not { } now)
        {
            _isBlind = true;
            Log.RetentionUnseen(log, source, database, Remedies.In("msdb", Remedies.SeeJobs(connections.Settings.Login)));
            return;
        }
        CaptureMetrics.RetentionLeft(source, database, now.Left);
        if (now.IsShort == _isShort) return;
        _isShort = now.IsShort;
        if (_isShort) Log.RetentionShort(log, source, database, RetentionLeft.Text(now.Left), RetentionLeft.Text(now.Behind), RetentionLeft.Text(now.Kept), now.Fix(database));
        else Log.RetentionWell(log, source, database, RetentionLeft.Text(now.Left));
    }
}
