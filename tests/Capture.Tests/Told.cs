using System.Buffers.Binary;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Tests;

/// <summary>What was published, in a form that can be compared.</summary>
static class Told
{
    /// <summary>Records of a topic, decoded.</summary>
    public static async Task<List<(AvroRecord? Key, AvroRecord? Value)>> RecordsAsync(Captured captured, string topic)
    {
        var records = new List<(AvroRecord?, AvroRecord?)>();
        foreach (var record in captured.Log.Records.Where(r => r.Topic == topic)) records.Add((await ReadAsync(captured, record.Key), await ReadAsync(captured, record.Value)));
        return records;
    }

    /// <summary>Notifications as <c>TYPE name=text ...</c>, names in order, the connector left out.</summary>
    public static async Task<List<string>> NoticesAsync(Captured captured, string topic)
    {
        var told = new List<string>();
        foreach (var (_, value) in await RecordsAsync(captured, topic))
        {
            var data = (IEnumerable<KeyValuePair<string, object?>>)value!["additional_data"]!;
            told.Add($"{value["aggregate_type"]} {value["type"]} {string.Join(' ', data.Where(d => d.Key != "connector_name").OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Key}={d.Value}"))}".TrimEnd());
        }
        return told;
    }

    static async Task<AvroRecord?> ReadAsync(Captured captured, byte[]? bytes) =>
        bytes is null ? null : (AvroRecord)AvroReader.For(AvroSchema.Parse((await captured.Registry.GetAsync(BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)), default)).Text)).Read(bytes.AsSpan(5))!;

    /// <summary>
    /// What is wrong with a story that has snapshots in it: the changes are the history, all of it; a row read shows the state after the last change told before it; and at
    /// the end, where a snapshot came last, each row that is there was read last.
    /// </summary>
    public static IEnumerable<string> Compare(Dictionary<long, List<string>> history, Dictionary<long, List<string>> published, int snapshots, bool readLast)
    {
        foreach (var id in history.Keys.Concat(published.Keys).Distinct())
        {
            var all = history.GetValueOrDefault(id) ?? [];
            var told = published.GetValueOrDefault(id) ?? [];
            // How the first rows came is older than the slot.
            var wrong = !told.Where(t => t[0] != 'r').SequenceEqual(all.Skip(id < RandomLoad.FirstOwnId ? 1 : 0)) ? "changes" : told.Count(t => t[0] == 'r') > snapshots ? "read too often" : WrongRead(id, told);
            if (wrong is null && readLast && (all.Count == 0 || all[^1] != "d") && told[^1][0] != 'r') wrong = "not read at last";
            if (wrong is not null) yield return $"{id}: {wrong}; happened {string.Join(' ', all)}, published {string.Join(' ', told)}";
        }
    }

    static string? WrongRead(long id, List<string> told)
    {
        var state = id < RandomLoad.FirstOwnId ? "0" : null;
        foreach (var one in told)
        {
            if (one[0] != 'r') state = one == "d" ? null : one[1..];
            else if (state is null) return $"{one} of a row that is not there";
            else if (one[1..] != state) return $"{one} where it stood at {state}";
        }
        return null;
    }
}
