using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Servers.SqlServer;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Change Tracking: net changes, rows as they are now.</summary>
public class SqlServerTrackingTests
{
    static async Task<(SqlServerRig Rig, ModelDatabase Model)> TrackedAsync(SnapshotStart snapshot)
    {
        var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { Mode = CaptureMode.ChangeTracking, Snapshot = snapshot };
        var model = rig.Server.ModelOrSkip(rig.Database);
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; name nvarchar(50)", captured: false);
        model.TrackedTables[model.Table("dbo.item")] = 0;
        return (rig, model);
    }

    [Fact]
    public async Task Net_changes_follow_the_rows_that_were_there()
    {
        var (rig, _) = await TrackedAsync(SnapshotStart.Initial);
        await using var __ = rig;
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("name", "one")), Insert("dbo.item", ("id", 2), ("name", "two")));
        await rig.FollowAsync();
        await rig.UntilAsync(2);
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("name", "ONE")), Delete("dbo.item", ("id", 2)), Insert("dbo.item", ("id", 3), ("name", "three")));
        await rig.UntilAsync(6);
        await rig.StopAsync();
        await rig.CommitAsync(Update("dbo.item", ("id", 3), ("name", "a")));
        await rig.CommitAsync(Update("dbo.item", ("id", 3), ("name", "b")));
        await rig.FollowAsync();
        await rig.UntilAsync(7);
        var values = await rig.ValuesAsync();
        Assert.Equal(["r", "r", "u", "d", null, "c", "u"], values.Select(v => v?["op"]));
        Assert.Equal(2, ((AvroRecord)values[3]!["before"]!)["id"]);
        Assert.Equal("b", ((AvroRecord)values[6]!["after"]!)["name"]);
        Assert.Null(values[6]!["before"]);
    }

    [Fact]
    public async Task Forgotten_versions_stop_with_the_way_out()
    {
        var (rig, model) = await TrackedAsync(SnapshotStart.Never);
        await using var __ = rig;
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)));
        await rig.UntilAsync(1);
        await rig.StopAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        await rig.CommitAsync(Insert("dbo.item", ("id", 3)));
        model.ForgetVersions(model.Table("dbo.item"), model.Version);
        rig.Start();
        Assert.Contains("has forgotten the changes before version", Assert.IsType<SourceException>(await rig.FailureAsync()).Message);
        Assert.Single(rig.Log.Records);
    }

    // The clean-up comes between our look at the oldest version and our rows.
    [Fact]
    public async Task Versions_forgotten_while_rows_are_read_are_found_before_they_are_published()
    {
        var (rig, model) = await TrackedAsync(SnapshotStart.Never);
        await using var __ = rig;
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1)));
        await rig.UntilAsync(1);
        await rig.StopAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        rig.Server.Model.Before = (name, _, _) =>
        {
            if (name == "tracked_changes") model.ForgetVersions(model.Table("dbo.item"), model.Version);
            return Task.CompletedTask;
        };
        rig.Start();
        Assert.Contains("clean-up of Change Tracking overtook us", Assert.IsType<SourceException>(await rig.FailureAsync()).Message, StringComparison.Ordinal);
        Assert.Single(rig.Log.Records);
    }

    [Fact]
    public async Task Versions_that_went_back_stop_with_an_explanation()
    {
        var (rig, model) = await TrackedAsync(SnapshotStart.Never);
        await using var __ = rig;
        await rig.FollowAsync();
        for (var id = 1; id <= 3; id++) await rig.CommitAsync(Insert("dbo.item", ("id", id)));
        await rig.UntilAsync(3);
        await rig.StopAsync();
        model.Restore(logBack: 1, versionsBack: 2);
        rig.Start();
        Assert.Contains("the database was restored", Assert.IsType<SourceException>(await rig.FailureAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(3, rig.Log.Records.Count);
    }
}
