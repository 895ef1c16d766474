using Microsoft.Extensions.Logging;

namespace CdcSync.Mdm;

/// <summary>What golden records log: 3000-3099. No names, addresses or numbers of records.</summary>
static partial class Log
{
    [LoggerMessage(3000, LogLevel.Warning,
        "More than {Most} records of {Kind} share one match key of rule {Rule}: it is not used any more. 'cdcsync mdm explain' of one of them shows it; most_per_key sets the limit")]
    public static partial void KeyTooCommon(ILogger logger, string kind, string rule, int most);

    [LoggerMessage(3001, LogLevel.Warning, "{Topic} ends before the place that was resolved: the log was replaced. Its records are read from the beginning; versions keep out what is old")]
    public static partial void LogReplaced(ILogger logger, string topic);

    [LoggerMessage(3002, LogLevel.Warning, "Golden records stopped for {Wait}: {Reason}")]
    public static partial void TryingAgain(ILogger logger, TimeSpan wait, string reason, Exception error);

    [LoggerMessage(3004, LogLevel.Information, "Resolved {Kind} from scratch: {Records} records in {Golden} golden records, {Moved} records moved")]
    public static partial void Rebuilt(ILogger logger, string kind, int records, int golden, int moved);

    [LoggerMessage(3005, LogLevel.Debug, "Resolved {Applied} records ({Stale} stale): {Golden} golden records changed, {Moved} records moved")]
    public static partial void Resolved(ILogger logger, int applied, int stale, int golden, int moved);

    [LoggerMessage(3006, LogLevel.Information, "Resolving golden records of {Kinds}, reading as group {Group}")]
    public static partial void Started(ILogger logger, string kinds, string group);

    [LoggerMessage(3007, LogLevel.Warning,
        "The scores of {Kind} have no valley between equal and different pairs: nothing is merged by them, they only ask. 'cdcsync mdm thresholds {Kind}' says how many decisions give a threshold; merge_without_valley in the rule file merges all the same")]
    public static partial void NoValley(ILogger logger, string kind);

    [LoggerMessage(3008, LogLevel.Information, "Learnt the likeness of {Kind}: merged without asking from {Merge} bits, asked from {Review} bits, by {Source}; {Decisions} decisions")]
    public static partial void Thresholds(ILogger logger, string kind, double merge, double review, Likeness.ThresholdSource source, int decisions);

    // The audit's line: who decided what is mdm.act's to say in full.
    [LoggerMessage(3050, LogLevel.Information, "Act {Act}: {Verb} of a {Kind} by {By}; {Moved} records moved")]
    public static partial void Decided(ILogger logger, long act, string verb, string kind, string by, int moved);
}
