using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Changes;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>
/// Goes on where a SQL Server connector stopped. Its offset says what ours does: commit, change, and rows of the change tables at it; what is to be found out is whether the
/// server still has all that came after it.
/// </summary>
public sealed class SqlServerTakeover(SqlServerSettings settings)
{
    sealed record Found(string Database, SourcePosition Place, IReadOnlyList<string> Published, IReadOnlyList<string> Unpublished);

    /// <summary>Finds the place; changes nothing.</summary>
    /// <param name="offsets">The connector's offsets by database.</param>
    /// <param name="trust">Where the oldest change kept is later than the offset, believe that nothing lay between.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="TakeoverException">There is none.</exception>
    public async Task<TakeoverPlace> FindAsync(IReadOnlyDictionary<string, SqlServerOffset> offsets, bool trust, CancellationToken stop)
    {
        if (settings.Mode != CaptureMode.Cdc) throw new TakeoverException("The connector's place is one in CDC's change tables: 'mode' must be cdc");
        var all = new List<Found>();
        foreach (var database in settings.DatabaseNames)
            if (offsets.TryGetValue(database, out var offset)) all.Add(await OfAsync(database, offset, trust, stop));
        if (all.Count == 0) throw new TakeoverException($"There is no offset of {string.Join(", ", settings.DatabaseNames)}; the connector has some of {string.Join(", ", offsets.Keys)}: check 'databases'");
        var states = all.Select((f, i) => (f.Database, State: new DatabaseState { Number = i, Place = i == 0 ? null : f.Place.ToString(), Done = f.Published })).ToDictionary(s => s.Database, s => s.State);
        return new TakeoverPlace(
            all[0].Place.Tag(0), [.. all.SelectMany(f => f.Published.Select(t => $"{f.Database}.{t}"))],
            [.. all.SelectMany(f => f.Unpublished.Select(t => $"{f.Database}.{t}")), .. settings.DatabaseNames.Where(d => !offsets.ContainsKey(d)).Select(d => d + ".*")])
        {
            State = new DatabaseStates { Databases = states }.Write(),
            Text = string.Join(", ", all.Select(f => $"{f.Database} {Lsn.Text(f.Place.Commit)}{(f.Place.Change == UInt128.MaxValue ? "" : $"/{Lsn.Text(Lsn.Seqval(f.Place))}[{Lsn.Serial(f.Place)}]")}")),
        };
    }

    async Task<Found> OfAsync(string database, SqlServerOffset offset, bool trust, CancellationToken stop)
    {
        try
        {
            return await FindAsync(new SqlServerConnections(settings, database), offset.Place, trust, stop);
        }
        catch (SqlException refused)
        {
            throw new TakeoverException(SqlServerErrors.Explain(refused, settings, database) ?? $"{database}: {refused.Message}");
        }
    }

    async Task<Found> FindAsync(SqlServerConnections connections, SourcePosition place, bool trust, CancellationToken stop)
    {
        var (database, catalog) = (connections.Database, new SqlServerCatalog(connections));
        await catalog.LoadAsync(stop);
        var starts = (await connections.ListAsync("low_water", r => (Id: r.GetInt32(0), Start: SqlServerConnections.LsnOf(r, 1)), stop)).ToDictionary(r => r.Id, r => r.Start ?? 0);
        var tables = catalog.Instances.Values.Where(i => catalog.IsWanted(i.Table) && starts.ContainsKey(i.ObjectId))
            .GroupBy(i => i.Table.FullName, (name, same) => (Name: name, Start: same.Min(i => starts[i.ObjectId]))).OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        if (tables.Count == 0) throw new TakeoverException($"No captured table of {database} matches {string.Join(", ", settings.Tables)}: check table.include.list and database.names");
        var newest = (await connections.ListAsync("max_lsn", r => SqlServerConnections.LsnOf(r, 0), stop)).FirstOrDefault();
        if (newest is null || newest < place.Commit)
            throw new TakeoverException($"The log of {database} ends at {(newest is { } end ? Lsn.Text(end) : "its beginning")}, before the offset ({Lsn.Text(place.Commit)}): the offset is another server's, or the database was restored. Start with our own snapshot");
        var late = tables.Where(t => t.Start > place.Commit).Select(t => t.Name).ToList();
        if (late.Count == 0 || trust) return new(database, place, [.. tables.Select(t => t.Name)], []);
        // While the offset's transaction is still known, clean-up has not come so far: they are captured since.
        var isKnown = (await connections.ListAsync("anchor", r => r.GetBoolean(0), stop, SqlServerConnections.LsnParameter("@place", place.Commit)))[0];
        if (!isKnown)
            throw new TakeoverException($"The server keeps changes of {string.Join(", ", late)} in {database} from {Lsn.Text(tables.Max(t => t.Start))} on; the offset is before that ({Lsn.Text(place.Commit)}). "
                + $"If nothing was changed between (the connector had run to the end, and the database was idle), import with --trust-slot; otherwise start with our own snapshot, and keep changes longer: {Remedies.In(database, Remedies.Retention(10080))};");
        return new(database, place, [.. tables.Select(t => t.Name).Except(late)], late);
    }
}
