using CdcSync.Capture.Postgres;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>Where we go on for a Debezium connector.</summary>
/// <param name="Position">Everything up to and including here is published.</param>
/// <param name="Published">Tables whose existing rows are not published again.</param>
/// <param name="Unpublished">Tables the connector did not capture: their rows are published at the first start.</param>
public sealed record TakeoverPlace(SourcePosition Position, IReadOnlyList<string> Published, IReadOnlyList<string> Unpublished)
{
    /// <summary>The place as the source writes it.</summary>
    public string Text { get; init; } = Position.ToString();

    internal string? State { get; init; }
}

/// <summary>The place that a connector stored, of whatever kind it is.</summary>
/// <param name="kind">The kind of source.</param>
/// <param name="stored">Its worker's offsets.</param>
/// <param name="connector">Its name at Kafka Connect; null when its server says enough.</param>
/// <param name="server">Its <c>topic.prefix</c>.</param>
/// <exception cref="TakeoverException">There is no offset, or one that we cannot go on from.</exception>
public sealed class ConnectorPlace(string kind, StoredOffsets stored, string? connector, string server)
{
    readonly DebeziumOffset? _postgres = kind == "postgres" ? DebeziumOffset.Parse(stored.Find(connector, server)) : null;
    readonly Dictionary<string, SqlServerOffset>? _sqlServer = kind == "sqlserver"
        ? stored.FindByDatabase(connector, server).ToDictionary(o => o.Key, o => SqlServerOffset.Parse(o.Value), StringComparer.OrdinalIgnoreCase) : null;

    /// <summary>Finds our place and writes it into the log, from which the source's next start goes on.</summary>
    /// <param name="source">The source; it must be of the connector's kind, and the log must not know it yet.</param>
    /// <param name="log">The log.</param>
    /// <param name="trust">Where the source keeps changes from a later place on only, believe that nothing lay between.</param>
    /// <param name="clock">Time.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="TakeoverException">It cannot be; nothing was changed.</exception>
    public async Task<TakeoverPlace> ApplyAsync(SourceSettings source, IEventLog log, bool trust, TimeProvider clock, CancellationToken stop)
    {
        if (await log.ReadBookmarkAsync(source.Name, stop) is { } there)
            throw new TakeoverException($"The source {source.Name} has published already, up to {there.Position}: it is ours, and goes on from there. To take a connector over beside it, give the source another name");
        var place = await FindAsync(source, trust, clock, stop);
        await using var writer = await log.OpenWriterAsync(source.Name, stop);
        if (writer.Bookmark is not null) throw new TakeoverException($"The source {source.Name} was started meanwhile; stop it");
        await writer.AppendAsync(new LogBatch(), new Bookmark(place.Position, WorkerState.Write(place.State, [])), stop);
        return place;
    }

    async Task<TakeoverPlace> FindAsync(SourceSettings source, bool trust, TimeProvider clock, CancellationToken stop)
    {
        if (source is PostgresSettings postgres && _postgres is not null)
        {
            await using var takeover = new PostgresTakeover(postgres, clock);
            return await takeover.FindAsync(_postgres, trust, stop);
        }
        if (source is SqlServerSettings sqlServer && _sqlServer is not null) return await new SqlServerTakeover(sqlServer).FindAsync(_sqlServer, trust, stop);
        throw new TakeoverException($"The source {source.Name} is not of kind {kind}, as the connector is");
    }
}
