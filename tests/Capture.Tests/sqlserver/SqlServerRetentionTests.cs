using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Clean-up that is about to overtake us is said while something can still be done.</summary>
public class SqlServerRetentionTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    // Stopped with one transaction that was not read, of so many minutes ago; changes are kept for an hour.
    static async Task<SqlServerRig> BehindAsync(int minutes)
    {
        var rig = await SqlServerRig.NewAsync();
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; name nvarchar(50)");
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)));
        await rig.UntilAsync(1);
        await rig.StopAsync();
        var model = rig.Server.ModelOrSkip(rig.Database);
        rig.Server.Model.Retention = 60;
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        model.Age(1, TimeSpan.FromMinutes(minutes));
        return rig;
    }

    [Theory]
    [InlineData(45, true)]
    [InlineData(35, false)]
    public async Task Check_says_what_is_left_for_the_place_in_the_log(int minutes, bool isShort)
    {
        await using var rig = await BehindAsync(minutes);
        await using var source = rig.Open();
        var found = Assert.Single(await SourceCatalog.CheckPlaceAsync(rig.Log, source, Stop));
        Assert.Equal(isShort ? PreflightLevel.Warn : PreflightLevel.Pass, found.Level);
        Assert.Contains($"{minutes} min old", found.What, StringComparison.Ordinal);
        if (isShort) Assert.Contains("@job_type = 'cleanup', @retention = 180", found.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_running_source_warns_once_measures_and_says_when_it_is_well_again()
    {
        await using var rig = await BehindAsync(45);
        var heard = new Heard();
        rig.Logger = heard;
        var (left, database) = (new ConcurrentQueue<double>(), rig.Database);
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Name == "cdcsync_capture_retention_left") l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
                if (tag.Value as string == database) left.Enqueue(value);
        });
        listener.Start();
        rig.Start();
        await rig.UntilAsync(2);
        await rig.UntilAsync(() => heard.Events.Contains(2254));
        Assert.Equal(1, heard.Events.Count(e => e == 2253));
        Assert.Equal(2, rig.Log.Records.Count);
        Assert.InRange(left.First(), 14 * 60, 15 * 60);
        Assert.Equal(3600, left.Last());
    }

    [Fact]
    public async Task Who_may_not_see_the_jobs_is_told_once_and_goes_on()
    {
        await using var rig = await BehindAsync(45);
        var heard = new Heard();
        rig.Logger = heard;
        rig.Server.Model.Before = (name, _, _) => name == "jobs" ? throw new Servers.Tds.TdsErrorException(229, "The SELECT permission was denied on the object 'cdc_jobs'.", 14) : Task.CompletedTask;
        rig.Start();
        await rig.UntilAsync(2);
        Assert.Equal(1, heard.Events.Count(e => e == 2255));
    }

    sealed class Heard : ILogger
    {
        public ConcurrentQueue<int> Events { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Events.Enqueue(eventId.Id);
    }
}
