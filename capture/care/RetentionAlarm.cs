namespace CdcSync.Capture.Care;

/// <summary>When to speak: at once when it gets worse, and when it has been better for two looks; once each.</summary>
sealed class RetentionAlarm
{
    int _better;

    /// <summary>What was said last.</summary>
    public RetentionLevel Said { get; private set; }

    /// <summary>Whether this is to be said.</summary>
    public bool IsNews(RetentionLevel now)
    {
        if (now == Said || now < Said && ++_better < 2)
        {
            if (now == Said) _better = 0;
            return false;
        }
        (Said, _better) = (now, 0);
        return true;
    }

    /// <summary>How bad it is.</summary>
    /// <param name="settings">From when on to speak.</param>
    /// <param name="held">Bytes kept.</param>
    /// <param name="room">Bytes left; a third of all or less is short whatever the rate, a tenth urgent: bursts come without notice.</param>
    /// <param name="left">Until they are used up; null for never.</param>
    public static RetentionLevel Judge(RetentionSettings settings, long held, long room, TimeSpan? left)
    {
        var all = (double)held + Math.Max(room, 0);
        if (room <= all / 10 || left <= settings.AlarmBefore) return RetentionLevel.Urgent;
        return room <= all / 3 || left <= settings.WarnBefore ? RetentionLevel.Short : RetentionLevel.Well;
    }
}
