using Microsoft.Extensions.Logging;

namespace CdcSync.Reconcile;

/// <summary>What reconciliation logs: 5000-5099. No values of records.</summary>
static partial class Log
{
    [LoggerMessage(5000, LogLevel.Information, "Comparing {Name}: {Source} with {Target}")]
    public static partial void Started(ILogger logger, string name, string source, string target);

    [LoggerMessage(5001, LogLevel.Information, "Compared {Name}: {Outcome}; {SourceRecords} records at the source, {TargetRecords} at the target, {Left} differences left")]
    public static partial void Finished(ILogger logger, string name, ReconcileOutcome outcome, long sourceRecords, long targetRecords, long left);

    [LoggerMessage(5002, LogLevel.Error, "Could not compare {Name}: {Reason}")]
    public static partial void CouldNotCompare(ILogger logger, Exception failure, string name, string reason);

    [LoggerMessage(5003, LogLevel.Warning, "Not repaired {Name}: {Differences} differences are more than max_repair_share allows; look at the report's causes first")]
    public static partial void RepairRefused(ILogger logger, string name, int differences);

    [LoggerMessage(5004, LogLevel.Information, "Next run of {Name} is due at {Due}")]
    public static partial void Due(ILogger logger, string name, DateTimeOffset due);

    [LoggerMessage(5005, LogLevel.Warning, "The run of {Name} due at {Due} was missed; it runs now")]
    public static partial void Missed(ILogger logger, string name, DateTimeOffset due);

    [LoggerMessage(5006, LogLevel.Error, "The scheduled run of {Name} failed; the next one is tried all the same: {Reason}")]
    public static partial void ScheduledRunFailed(ILogger logger, Exception failure, string name, string reason);
}
