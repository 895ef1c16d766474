using CdcSync.Capture.Care;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// Says in time when the slot will be lost, or the server's disk full of what it keeps: from how much it keeps, how fast that grows and what bounds it
/// (<c>max_slot_wal_keep_size</c>, <c>retention.log_limit</c>, the free space of a disk that is this machine's).
/// </summary>
sealed class SlotWatch(PostgresSettings settings, ILogger log, TimeProvider clock) : IRetentionWatch
{
    const long AssumedLimit = 10L << 30;
    static readonly TimeSpan Far = TimeSpan.FromDays(365), Soon = TimeSpan.FromSeconds(2);
    readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.Connection) { ApplicationName = "cdcsync", SearchPath = "pg_catalog", MaxPoolSize = 1, Timeout = 10 });
    readonly RetentionForecast _forecast = new(settings.Retention.Interval * 2, clock);
    readonly RetentionAlarm _alarm = new();
    readonly bool _isHere = new NpgsqlConnectionStringBuilder(settings.Connection).Host is "localhost" or "127.0.0.1" or "::1" or ['/', ..];
    volatile RetentionStatus? _latest;
    bool _blind, _assumed;

    public RetentionStatus? Latest => _latest;

    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                var hold = await SlotHold.ReadAsync(_source, settings.SlotName, stop);
                if (hold is not null) Look(hold);
                else _latest = null;
                _blind = false;
            }
            catch (Exception unseen) when (unseen is NpgsqlException or TimeoutException && !stop.IsCancellationRequested)
            {
                if (!_blind) Log.RetentionBlind(log, settings.Name, unseen.Message);
                _blind = true;
            }
            // A slot that is about to be made is not waited for that long.
            await Task.Delay(_latest is null && settings.Retention.Interval > Soon ? Soon : settings.Retention.Interval, clock, stop);
        }
    }

    void Look(SlotHold hold)
    {
        var (room, bound) = RoomOf(hold);
        var grows = hold.KeptFrom is { } from ? _forecast.Grows(hold.Written, from) : 0;
        TimeSpan? left = grows > 0 && room / grows < Far.TotalSeconds ? TimeSpan.FromSeconds(Math.Max(0, room) / grows) : null;
        var level = hold.WalStatus switch
        {
            "lost" => RetentionLevel.Lost,
            "unreserved" => RetentionLevel.Urgent,
            _ => RetentionAlarm.Judge(settings.Retention, hold.HeldBytes, room, left),
        };
        _latest = new RetentionStatus(level, hold.HeldBytes, room, bound, grows, left);
        CaptureMetrics.RetentionLeft(settings.Name, new NpgsqlConnectionStringBuilder(settings.Connection).Database ?? "", level == RetentionLevel.Lost ? TimeSpan.Zero : left ?? Far);
        CaptureMetrics.SlotHolds(settings.Name, hold.HeldBytes, Math.Max(0, room), grows);
        if (_alarm.IsNews(level)) Say(level, hold, room, bound, grows, left);
    }

    (long Room, string Bound) RoomOf(SlotHold hold)
    {
        var bounds = new List<(long, string)>();
        if (hold.SafeBytes is { } safe) bounds.Add((safe, "max_slot_wal_keep_size"));
        if (settings.Retention.LogLimit is { } limit) bounds.Add((limit - hold.HeldBytes, "retention.log_limit"));
        if (_isHere && FreeAt(hold.DataFolder) is { } free) bounds.Add((free, "free space of its disk"));
        if (bounds.Count > 0) return bounds.Min();
        if (!_assumed && hold.WalStatus != "lost") Log.LimitAssumed(log, settings.Name, settings.SlotName, Size(AssumedLimit));
        _assumed = true;
        return (AssumedLimit - hold.HeldBytes, "assumed, for want of retention.log_limit");
    }

    // Only of a server on this machine; one in a container has its files elsewhere, and they are not found.
    static long? FreeAt(string? folder)
    {
        try
        {
            return folder is not null && Directory.Exists(folder) ? new DriveInfo(folder).AvailableFreeSpace : null;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    void Say(RetentionLevel level, SlotHold hold, long room, string bound, double grows, TimeSpan? left)
    {
        var (source, slot) = (settings.Name, $"the slot {settings.SlotName}");
        var advice = (hold.IsRead ? $"It is read, but not as fast as the server writes, or the log takes nothing: see `cdcsync status`" : $"Nobody reads it: start CdcSync, or `cdcsync resume {source}` if it is paused")
            + $". To win time: alter system set max_slot_wal_keep_size = '100GB'; select pg_reload_conf(); and see that the disk has that much. To spare the disk and lose the changes: select pg_drop_replication_slot({Sql.Literal(settings.SlotName)});";
        var end = left is { } time ? Text(time) : hold.WalStatus == "unreserved" ? "no time, at the next checkpoint," : "a time that cannot be told";
        if (level == RetentionLevel.Lost) Log.SlotLost(log, source, slot, $"Publish everything again: `cdcsync snapshot {source} --restart`");
        else if (level == RetentionLevel.Urgent) Log.SlotUrgent(log, source, slot, Size(hold.HeldBytes), end, Size(room), bound, Size((long)grows), advice);
        else if (level == RetentionLevel.Short) Log.SlotShort(log, source, slot, Size(hold.HeldBytes), end, Size(room), bound, Size((long)grows), advice);
        else Log.SlotWell(log, source, slot, Size(hold.HeldBytes), Size(room), bound);
    }

    static string Size(long bytes) => Findings.Size(Math.Max(0, bytes));

    static string Text(TimeSpan time) => time < TimeSpan.FromMinutes(2) ? $"{time.TotalSeconds:0} s" : time < TimeSpan.FromHours(2) ? $"{time.TotalMinutes:0} min" : $"{time.TotalHours:0.#} h";

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
