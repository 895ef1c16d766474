using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.SqlServer;

/// <summary>
/// Which capture instance of each table is read. A table has at most two: when a second one appears, the first is read up to where the second begins, then the second: both
/// hold the same changes from there on, so nothing is lost or doubled at the seam.
/// </summary>
sealed class InstanceChoice(SqlServerConnections connections, SqlServerCatalog catalog, ILogger log)
{
    string Source => connections.Settings.Name;

    /// <summary>Decides for a window that begins at <paramref name="from"/>; may end it earlier.</summary>
    /// <returns>The states to remember, the instances to read, those that a table was switched to, and the window's end.</returns>
    public (Dictionary<string, InstanceState> States, List<CaptureInstance> Read, List<CaptureInstance> Switched, UInt128 To) Choose(
        IReadOnlyDictionary<string, InstanceState> states, List<InstanceRow> rows, SourcePosition from, UInt128 to)
    {
        var chosen = new Dictionary<string, InstanceState>();
        var read = new List<CaptureInstance>();
        var switched = new List<CaptureInstance>();
        var commit = from.Commit;
        foreach (var table in rows.Where(r => catalog.Instances.TryGetValue(r.ObjectId, out var known) && catalog.IsWanted(known.Table)).GroupBy(r => catalog.Instances[r.ObjectId].Table.FullName))
        {
            var candidates = table.ToList();
            var newest = candidates[^1];
            var state = states.GetValueOrDefault(table.Key);
            if (state is { Gone: true }) throw Gap(table.Key, state, newest);
            var current = state is null ? candidates.FindLast(c => c.Start <= commit) is { Name: not null } begun ? begun : candidates[0] : candidates.Find(c => c.Name == state.Name);
            if (current.Name is null) current = Replace(table.Key, state!, newest, from);
            if (current.Name != newest.Name && newest.Start <= commit)
            {
                current = newest;
                state = null;
            }
            else if (current.Name != newest.Name && newest.Start < to) to = newest.Start;
            if (state is null || state.Name != current.Name)
            {
                if (states.ContainsKey(table.Key)) switched.Add(catalog.Instances[current.ObjectId]);
                state = new InstanceState(current.Name, Lsn.Text(current.Start));
            }
            else Guard(current, state, from);
            chosen[table.Key] = state;
            read.Add(catalog.Instances[current.ObjectId]);
        }
        foreach (var gone in states.Keys.Except(chosen.Keys).ToList())
        {
            if (!states[gone].Gone) Log.TableNotCaptured(log, Source, connections.Database, gone);
            // Remembered: should it come back, what happened meanwhile is nowhere. One that the settings leave out is none of these.
            if (!rows.Exists(r => catalog.Instances.TryGetValue(r.ObjectId, out var known) && known.Table.FullName == gone)) chosen[gone] = states[gone] with { Gone = true };
        }
        return (chosen, read, switched, to);
    }

    SourceException Gap(string table, InstanceState state, InstanceRow newest) => new(
        $"{Source}: {connections.Database}.{table} is captured again, as {newest.Name} from {Lsn.Text(newest.Start)} on, and was not for a while: what changed between the end of {state.Name} and that is nowhere. "
        + $"Publish the table again: `cdcsync snapshot {Source} --restart`, then `cdcsync reconcile --repair`. Next time make the new instance before the old one is dropped: a table may have two");

    InstanceRow Replace(string table, InstanceState state, InstanceRow newest, SourcePosition from)
    {
        if (newest.Start <= from.Commit) return newest;
        throw new SourceException($"{Source}: capture instance {state.Name} of {connections.Database}.{table} was dropped before it was read to its end: changes between {Lsn.Text(from.Commit)} and {Lsn.Text(newest.Start)}, "
            + $"where {newest.Name} begins, are lost. Publish the table again: `cdcsync snapshot {Source} --restart`. Next time drop the old instance only when `cdcsync status` shows a place after the new one's start");
    }

    /// <summary>Whether clean-up has deleted rows that were not read.</summary>
    /// <exception cref="SourceException">It has.</exception>
    public void Guard(InstanceRow now, InstanceState state, SourcePosition from)
    {
        if (now.Start <= from.Commit || Lsn.Text(now.Start) == state.Start) return;
        throw new SourceException($"{Source}: the clean-up job of {connections.Database} has deleted changes of {now.Name} that were not read: it kept those from {Lsn.Text(now.Start)} on, and we are at {Lsn.Text(from.Commit)}. "
            + $"Nothing after that was published. Publish everything again: `cdcsync snapshot {Source} --restart`; and keep changes longer: {Remedies.In(connections.Database, Remedies.Retention(10080))};");
    }
}
