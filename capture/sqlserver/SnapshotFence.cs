using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>Where rows that were read stand in the stream: a moment of the server's clock, and the capture job's way past it. Nothing is written to the source.</summary>
sealed class SnapshotFence(SqlServerConnections connections, DatabaseStream stream, BatchWriter writer, ILogger log, TimeProvider clock)
{
    readonly SqlServerSettings _settings = connections.Settings;
    readonly ServerClock _time = new(connections.Settings);

    /// <summary>The server's clock.</summary>
    public async Task<DateTime> MomentAsync(SqlConnection connection, CancellationToken stop)
    {
        await using var reader = await connections.ReadAsync(connection, Statements.Of("moment"), stop);
        await SqlServerConnections.MoveAsync(reader, stop);
        var moment = reader.GetDateTime(0);
        _time.OffsetMinutes = reader.GetInt32(1);
        return moment;
    }

    public long Micros(DateTime moment) => _time.Micros(moment);

    /// <summary>Streams until the capture job has read the log beyond a moment; false when it was given up.</summary>
    public async Task<bool> PassAsync(SqlConnection control, DateTime moment, DirtyKeys dirty, Func<bool>? giveUp, CancellationToken stop)
    {
        var scans = new ScanWatch(connections);
        var began = clock.GetTimestamp();
        for (var told = false; ;)
        {
            while (await stream.PollAsync(control, dirty, stop))
            {
            }
            if (giveUp?.Invoke() == true) return false;
            if (await ReachedAsync(control, moment, scans, stop) is { } fence)
            {
                while (writer.Place.Commit < fence && await stream.PollAsync(control, dirty, stop, fence))
                {
                }
                return giveUp?.Invoke() != true;
            }
            if (!told && clock.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
            {
                told = true;
                Log.CaptureJobWaits(log, _settings.Name, connections.Database);
            }
            await Task.Delay(_settings.PollInterval, clock, stop);
        }
    }

    async Task<UInt128?> ReachedAsync(SqlConnection control, DateTime moment, ScanWatch scans, CancellationToken stop)
    {
        var scanned = await scans.IsPastAsync(stop);
        await using var reader = await connections.ReadAsync(control, Statements.Of("fence"), stop, new SqlParameter("@moment", System.Data.SqlDbType.DateTime) { Value = moment });
        await SqlServerConnections.MoveAsync(reader, stop);
        var max = SqlServerConnections.LsnOf(reader, 0) ?? 0;
        var isPast = !reader.IsDBNull(1) && reader.GetBoolean(1);
        return isPast || scanned ? max : null;
    }
}
