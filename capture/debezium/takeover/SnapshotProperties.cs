using CdcSync.Capture.Postgres;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>What a connector publishes of the rows that are already there.</summary>
sealed class SnapshotProperties(PropertyBag bag)
{
    const string Name = "snapshot.mode";

    /// <summary>When it does.</summary>
    public SnapshotMode Mode() => (bag.Text(Name) ?? "initial").ToLowerInvariant() switch
    {
        "initial" => SnapshotMode.Initial,
        "always" => SnapshotMode.Always,
        "initial_only" => SnapshotMode.InitialOnly,
        "no_data" or "never" or "schema_only" => SnapshotMode.Never,
        "when_needed" => SnapshotMode.WhenNeeded,
        "when_needed_no_data" => bag.Refuse(Name, "'when_needed_no_data' is 'never' here: should the place be lost, the source stops and says what to do", SnapshotMode.Never),
        "recovery" or "schema_only_recovery" => bag.Refuse(Name, "'recovery' rebuilds the history of table structures, which there is none of here: it is 'never', the stream goes on", SnapshotMode.Never),
        "configuration_based" => Configured(),
        "custom" => bag.Refuse(Name, "'custom' loads a Java class, which is not done: 'initial' is set; choose one of the modes of 'snapshot'", SnapshotMode.Initial),
        "exported" => bag.Refuse(Name, "'exported' is 'initial' here: a snapshot is always a view of the place it belongs to, and locks nothing", SnapshotMode.Initial),
        var other => bag.Refuse(Name, $"there is no mode '{other}' here: 'initial' is set, rows are published once, before the stream", SnapshotMode.Initial),
    };

    // Debezium's flags hold at each start: who wants data gets it each time.
    SnapshotMode Configured()
    {
        bool Flag(string name) => bag.Flag("snapshot.mode.configuration.based." + name, false);
        return (Data: Flag("snapshot.data"), Stream: Flag("start.stream"), Lost: Flag("snapshot.on.data.error")) switch
        {
            { Data: true, Stream: true } => bag.Refuse(Name, "'configuration_based' with data and stream publishes all rows at each start: it is 'always'; 'initial' does so once", SnapshotMode.Always),
            { Data: true } => bag.Refuse(Name, "'configuration_based' with data alone is 'initial_only': the source ends behind its rows", SnapshotMode.InitialOnly),
            { Stream: true, Lost: true } => bag.Refuse(Name,
                "'configuration_based' with the stream, and data where the place is lost, is 'when_needed': a source that takes no connector's place over begins with its rows", SnapshotMode.WhenNeeded),
            { Stream: true } => bag.Refuse(Name, "'configuration_based' with the stream alone is 'never'", SnapshotMode.Never),
            _ => throw new SettingsException(Name, "'configuration_based' without snapshot.data and start.stream does nothing: there is nothing to import"),
        };
    }

    /// <summary>The tables of the first snapshot.</summary>
    public IReadOnlyList<string> Tables() =>
        bag.List("snapshot.include.collection.list") is { Count: > 0 } patterns ? [.. patterns.Select(p => TableName.FromPattern(p))] : ["*.*"];
}
