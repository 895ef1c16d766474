using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Postgres;

/// <summary>Says what has changed of a table, and what those who read its records will see. It compares and does not guess: a renamed column is one that went and one that came.</summary>
sealed class SchemaWatch(string source, ILogger log)
{
    readonly Dictionary<uint, PostgresTable> _last = [];

    /// <summary>Notes a table as it is from here on in the log.</summary>
    public void Note(PostgresTable now)
    {
        if (_last.TryGetValue(now.Oid, out var before) && string.Join("; ", Changes(before, now)) is { Length: > 0 } what)
        {
            Log.SchemaChanged(log, source, now.FullName, what);
            CaptureMetrics.SchemaChanged(source, now.FullName);
        }
        _last[now.Oid] = now;
    }

    /// <summary>What differs, a sentence each.</summary>
    public static IEnumerable<string> Changes(PostgresTable before, PostgresTable now)
    {
        if (before.FullName != now.FullName) yield return $"it was {before.FullName}: from now on its records go to another topic, and the rows published so far stay under the old one";
        var old = before.PostgresColumns.ToDictionary(c => c.Name, StringComparer.Ordinal);
        var kept = now.PostgresColumns.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in before.PostgresColumns.Where(c => !kept.Contains(c.Name)))
            yield return $"column {gone.Name} went: records lack it from now on, readers see their default{(now.PostgresColumns.Any(c => !old.ContainsKey(c.Name)) ? " (a rename looks the same)" : "")}";
        foreach (var column in now.PostgresColumns)
        {
            if (!old.TryGetValue(column.Name, out var was))
                yield return $"column {column.Name} ({column.Type.Name}) came: records have it from now on, older ones do not; rows that nobody changes keep their old record until they are published again (cdcsync snapshot SOURCE --table {now.FullName})";
            else if (was.Type.Name != column.Type.Name)
                yield return $"column {column.Name} was {was.Type.Name} and is {column.Type.Name}: its field's type changes, and a registry that finds that incompatible refuses it";
            else if (was.Nullable != column.Nullable)
                yield return $"column {column.Name} {(column.Nullable ? "may be null now" : "may not be null any more")}";
        }
        if (!Key(before).SequenceEqual(Key(now)))
            yield return $"the key was ({string.Join(", ", Key(before))}) and is ({string.Join(", ", Key(now))}): the same row has another record key, and what stands under the old one is not deleted";
        if (before.Identity != now.Identity)
            yield return $"replica identity was {before.Identity.ToString().ToLowerInvariant()} and is {now.Identity.ToString().ToLowerInvariant()}: {(now.Identity == ReplicaIdentity.Full ? "updates and deletes carry the whole old row" : "updates and deletes carry less of the old row")}";
    }

    static IEnumerable<string> Key(PostgresTable table) => table.Key.Select(k => table.PostgresColumns[k].Name);
}
