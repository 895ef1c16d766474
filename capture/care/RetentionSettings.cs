using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Care;

/// <summary>How what the source keeps for us is watched, so that it is neither lost nor fills the source's disk without a word.</summary>
public sealed record RetentionSettings
{
    /// <summary>Warn when, as things go, the source gives up within this time what was not read. Default 12 h.</summary>
    public TimeSpan WarnBefore { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Raise an error when it does within this time. Default 2 h.</summary>
    public TimeSpan AlarmBefore { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Bytes of log the source may keep for us before its disk is in danger, where it sets no limit itself. Default: the free space of its disk where that can be seen, else 10 GiB.</summary>
    public long? LogLimit { get; init; }

    /// <summary>How often to look. Default 30 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks what the types do not say.</summary>
    /// <exception cref="SettingsException">A value cannot be.</exception>
    internal void Validate(string path)
    {
        if (AlarmBefore <= TimeSpan.Zero) throw new SettingsException($"{path}.alarm_before", "must be more than 0");
        if (WarnBefore < AlarmBefore) throw new SettingsException($"{path}.warn_before", "must not be less than 'alarm_before': a warning comes first");
        if (LogLimit <= 0) throw new SettingsException($"{path}.log_limit", "must be more than 0");
        if (Interval <= TimeSpan.Zero) throw new SettingsException($"{path}.interval", "must be more than 0");
    }
}
