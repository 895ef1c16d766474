using CdcSync.Capture.Debezium;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Settings;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>The settings of records that all kinds of source share: carried out, or refused by name.</summary>
public class SqlServerRecordSettingsTests
{
    [Fact]
    public async Task Operations_are_skipped_tombstones_left_out_and_placeholders_named()
    {
        await using var rig = await SqlServerRig.NewAsync();
        rig.Settings = rig.Settings with { Records = new RecordSettings { Skip = [SkippedOperation.Create], Tombstones = false, UnavailableValue = "not told" } };
        await rig.Server.CreateAsync(rig.Database, "dbo.item", "id int key; name nvarchar(50); notes nvarchar(max)");
        await rig.FollowAsync();
        await rig.CommitAsync(Insert("dbo.item", ("id", 1), ("name", "a"), ("notes", "long")));
        await rig.CommitAsync(Update("dbo.item", ("id", 1), ("name", "b")));
        await rig.CommitAsync(Delete("dbo.item", ("id", 1)));
        await rig.UntilAsync(2);
        await rig.CommitAsync(Insert("dbo.item", ("id", 2)));
        await rig.CommitAsync(Update("dbo.item", ("id", 2), ("name", "c")));
        await rig.UntilAsync(3);
        var values = await rig.ValuesAsync();
        Assert.Equal(["u", "d", "u"], values.Select(v => (string)v!["op"]!));
        Assert.Equal("not told", ((AvroRecord)values[0]!["after"]!)["notes"]);
    }

    public static TheoryData<string, RecordSettings> Refused => new()
    {
        { "records.hstore", new() { Hstore = HstoreMode.Map } },
        { "records.intervals", new() { Intervals = IntervalMode.String } },
        { "records.money_digits", new() { MoneyDigits = 3 } },
        { "records.unknown_types", new() { UnknownTypes = true } },
        { "records.messages", new() { Messages = true } },
        { "records.message_prefixes", new() { MessagePrefixes = ["a"] } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_not_there_for_this_kind_is_refused_by_its_name(string path, RecordSettings records)
    {
        var settings = new Capture.SqlServer.SqlServerSettings { Name = "erp", Connection = "Server=none;Database=x", Records = records };
        Assert.Equal(path, Assert.Throws<SettingsException>(settings.Validate).Path);
        (settings with { Records = new RecordSettings() }).Validate();
    }
}
