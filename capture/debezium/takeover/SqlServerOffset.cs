using System.Globalization;
using System.Text.Json;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>A SQL Server connector's stored offset of one database.</summary>
/// <param name="Place">Everything up to and including here is published.</param>
public sealed record SqlServerOffset(SourcePosition Place)
{
    /// <summary>Reads one.</summary>
    /// <exception cref="TakeoverException">We cannot go on from it.</exception>
    public static SqlServerOffset Parse(JsonElement offset)
    {
        if (!offset.TryGetProperty("commit_lsn", out var text))
            throw new TakeoverException("The offset has no 'commit_lsn': it is not one of Debezium's SQL Server connector");
        var isOfSnapshot = DebeziumOffset.IsOfSnapshot(offset);
        if (LsnOf(text, "commit_lsn") is not { } commit)
            throw new TakeoverException("The offset's 'commit_lsn' is NULL: the connector has not come to a place in the log yet. Let our own snapshot run");
        // Without a change it is the place of a snapshot, or of a look at the tables that found nothing more: all of the commit is published.
        var change = isOfSnapshot || !offset.TryGetProperty("change_lsn", out var inside) ? null : LsnOf(inside, "change_lsn");
        var serial = offset.TryGetProperty("event_serial_no", out var count) && count.ValueKind == JsonValueKind.Number ? count.GetInt64() : 0;
        return new(change is { } seqval ? Lsn.Place(commit, seqval, serial) : new SourcePosition(commit, 0).EndOfCommit);
    }

    // 00000027:00000758:0003, or NULL.
    static UInt128? LsnOf(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.Null) return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        if (text == "NULL") return null;
        return text.Split(':') is [{ Length: 8 }, { Length: 8 }, { Length: 4 }] && UInt128.TryParse(text.Replace(":", "", StringComparison.Ordinal), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var lsn) ? lsn
            : throw new TakeoverException($"The offset's '{name}' is no place in a SQL Server's log: {value.GetRawText()}");
    }
}
