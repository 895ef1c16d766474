using CdcSync.Contract.Settings;
using Quartz;

namespace CdcSync.Reconcile.Scheduling;

/// <summary>When something runs: a cron expression in a time zone. Five fields as crontab has them, or six or seven as Quartz has them (seconds first).</summary>
public sealed class Schedule
{
    readonly CronExpression _cron;

    /// <summary>Reads the expression.</summary>
    /// <exception cref="SettingsException">It is none, or there is no such time zone.</exception>
    public Schedule(string cron, string timeZone = "UTC")
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
            throw new SettingsException("time_zone", $"'{timeZone}' is no time zone of this machine; write it as Europe/Berlin (Debian: package tzdata)");
        try
        {
            var fields = cron.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            _cron = CronExpression.Parse(cron, fields == 5 ? CronFormat.Unix : CronFormat.Quartz).WithTimeZone(zone);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            throw new SettingsException("schedule", $"'{cron}' is no cron expression ({wrong.Message}); five o'clock every morning is '0 5 * * *'");
        }
        if (NextAfter(DateTimeOffset.UtcNow) is null) throw new SettingsException("schedule", $"'{cron}' never comes");
    }

    /// <summary>The next time after this one, in UTC; null when there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset time) => _cron.GetNextValidTimeAfter(time)?.ToUniversalTime();
}
