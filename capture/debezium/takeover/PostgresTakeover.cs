using System.Buffers.Binary;
using CdcSync.Capture.Postgres;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Changes;
using Npgsql;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>
/// Goes on where a PostgreSQL connector stopped, with its slot and publication. Its offset names a row by its address in the log, ours by its number inside of the transaction:
/// the slot is read, without confirming anything, until that row.
/// </summary>
public sealed class PostgresTakeover(PostgresSettings settings, TimeProvider clock) : IAsyncDisposable
{
    readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.Connection) { ApplicationName = "cdcsync", SearchPath = "pg_catalog", Timezone = "UTC", MaxPoolSize = 4 });

    /// <summary>Finds the place; changes nothing.</summary>
    /// <param name="offset">The connector's offset.</param>
    /// <param name="trustSlot">Where the slot stands later than the offset, believe that nothing lay between.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="TakeoverException">There is none.</exception>
    public async Task<TakeoverPlace> FindAsync(DebeziumOffset offset, bool trustSlot, CancellationToken stop)
    {
        var slot = new PostgresSlot(settings, _source);
        var confirmed = await ConfirmedAsync(slot, stop);
        var newest = await NewestAsync(stop);
        var known = offset.Snapshot ?? offset.Commit;
        if (known > newest || offset.Row > newest)
            throw new TakeoverException($"The offset ({Sql.Lsn(Math.Max(known ?? 0, offset.Row ?? 0))}) is later than the server's log ({Sql.Lsn(newest)}): it is another server's, or the database was restored. Start with our own snapshot");
        if (known < confirmed && !trustSlot)
            throw new TakeoverException($"The slot {settings.SlotName} stands at {Sql.Lsn(confirmed)}, after the offset's last commit {Sql.Lsn(known.Value)}: changes between may never have been published, and the server has forgotten them. "
                + "A connector with lsn.flush.mode=connector_and_driver moves its slot past places without changes: if yours does, add --trust-slot. Otherwise start with our own snapshot, or with newer offsets");
        var tables = await TablesAsync(slot, stop);
        SourcePosition position;
        try
        {
            position = await PositionAsync(slot, offset, confirmed, newest, trustSlot, stop);
        }
        finally
        {
            await ReleasedAsync(slot, stop);      // what comes next may want it
        }
        List<string> published = [.. tables.Where(t => t.Published).Select(t => t.FullName)];
        return new TakeoverPlace(position, published, [.. tables.Where(t => !t.Published).Select(t => t.FullName)]) { State = new SnapshotProgress(published).Write() };
    }

    async Task<SourcePosition> PositionAsync(PostgresSlot slot, DebeziumOffset offset, ulong confirmed, ulong newest, bool trustSlot, CancellationToken stop)
    {
        if (offset.Snapshot is { } taken) return new SourcePosition(Math.Max(taken, confirmed), 0);
        // Commits before the end of the last one are done. Nothing known: nothing was published, all that the slot has is ours.
        var start = new SourcePosition(Math.Max(offset.Commit ?? confirmed, confirmed), 0);
        if (offset.Row is not { } row) return start;
        if (offset.IsMessage && offset.Transaction is null or 0) return new SourcePosition(Math.Max(row, (ulong)start.Commit), UInt128.MaxValue);
        if (offset.Transaction is { } transaction && await InsideAsync(slot, (ulong)start.Commit, transaction, row, offset.RowsThere, newest, stop) is { } inside) return inside;
        if (offset.IsInside && !(trustSlot && confirmed > row))
            throw new TakeoverException($"The offset lies inside of transaction {offset.Transaction} (row at {Sql.Lsn(row)}), but that is not what the slot {settings.SlotName} sends next for publication {settings.PublicationName}: "
                + "slot or publication are not those the connector used, or were changed. Check slot.name and publication.name; otherwise start with our own snapshot");
        return start;
    }

    // Null when the first transaction that the slot sends is another one, or none is there.
    async Task<SourcePosition?> InsideAsync(PostgresSlot slot, ulong start, uint transaction, ulong row, long rowsThere, ulong newest, CancellationToken stop)
    {
        await using var wal = await WalStream.OpenAsync(settings, start, await slot.PublicationsAsync(stop), await slot.EncodingAsync(stop), clock, stop);
        var (decoder, catalog) = (new PgOutputDecoder(new SourcePosition(start, 0)), new PostgresCatalog(_source, settings.Records));
        var there = 0L;
        var batch = new ChangeBatch(settings.BatchBytes);
        try
        {
            while (await NextAsync(wal, decoder, newest, stop))
            {
                switch (wal.Message[0])
                {
                    case (byte)'B' when BinaryPrimitives.ReadUInt32BigEndian(wal.Message[17..]) != transaction:
                        return null;
                    case (byte)'R':
                        await DefineAsync(slot, catalog, wal, decoder, stop);
                        continue;
                    case (byte)'M' when !decoder.InTransaction:
                        continue;
                    case (byte)'C':
                        return Reached(there > 0 || rowsThere == 0, decoder, transaction, row);
                    case (byte)'I' or (byte)'U' or (byte)'D' or (byte)'T' or (byte)'M':
                        if (wal.Lsn > row || (wal.Lsn == row && there == rowsThere)) return Reached(there > 0 || rowsThere == 0, decoder, transaction, row);
                        if (wal.Lsn == row) there++;
                        break;
                }
                batch = Count(wal, decoder, batch);
            }
            return null;
        }
        finally
        {
            batch.Dispose();
        }
    }

    SourcePosition Reached(bool found, PgOutputDecoder decoder, uint transaction, ulong row) => found ? decoder.Place
        : throw new TakeoverException($"Transaction {transaction} has no row at {Sql.Lsn(row)} in publication {settings.PublicationName}: the publication is not the one the connector used. Start with our own snapshot");

    // Only the numbers are wanted, which depend on what is in the rows: a changed key counts twice.
    ChangeBatch Count(WalStream wal, PgOutputDecoder decoder, ChangeBatch batch)
    {
        while (!decoder.TryDecode(wal.Message, wal.Lsn, batch, settings.BatchChanges))
        {
            batch.Dispose();
            batch = new ChangeBatch(settings.BatchBytes);
        }
        return batch;
    }

    // False when all that there was when we began has been seen.
    static async Task<bool> NextAsync(WalStream wal, PgOutputDecoder decoder, ulong newest, CancellationToken stop)
    {
        var move = wal.MoveAsync();
        if (move.IsCompleted) return Open(await move);
        var parked = wal.Park(move);
        while (!parked.IsCompleted)
        {
            await Task.WhenAny(parked, Task.Delay(100, stop));
            stop.ThrowIfCancellationRequested();
            if (!parked.IsCompleted && !decoder.InTransaction && wal.Received >= newest) return false;
        }
        return Open(await wal.MoveAsync());
    }

    static bool Open(bool more) => more ? true : throw new IOException("The server ended the replication stream");

    static async Task DefineAsync(PostgresSlot slot, PostgresCatalog catalog, WalStream wal, PgOutputDecoder decoder, CancellationToken stop)
    {
        var (oid, schema, name, identity, columns) = PgOutputDecoder.Relation(wal.Message);
        decoder.Define(oid, slot.IsWanted($"{schema}.{name}") ? await catalog.TableAsync(oid, schema, name, identity, columns, stop) : null);
    }

    async Task<ulong> ConfirmedAsync(PostgresSlot slot, CancellationToken stop)
    {
        await ReleasedAsync(slot, stop);
        if (await slot.ReadAsync(stop) is not { } state)
            throw new TakeoverException($"There is no slot {settings.SlotName}: the server has forgotten what came after the offset. Check slot.name (and slot.drop.on.stop, which drops it); otherwise start with our own snapshot");
        if (state.Plugin != "pgoutput")
            throw new TakeoverException($"The slot {settings.SlotName} is for plugin {state.Plugin ?? "(physical)"}; we read pgoutput. Set plugin.name=pgoutput in the connector, let it run until its slot is new, then import");
        if (!state.IsOurs) throw new TakeoverException($"The slot {settings.SlotName} is of database '{state.Database}', the connection of another: check 'connection'");
        if (state.Active) throw new TakeoverException($"The slot {settings.SlotName} is in use (server process {state.Pid}): stop the connector first (PUT /connectors/NAME/stop), then import again");
        if (state.WalStatus == "lost" || state.Confirmed is null) throw new TakeoverException($"The server has given up the slot {settings.SlotName} (wal_status {state.WalStatus}): changes are gone. Drop it and start with our own snapshot");
        return state.Confirmed.Value;
    }

    // Who has just let go of a slot is seen holding it for a moment.
    static async Task ReleasedAsync(PostgresSlot slot, CancellationToken stop)
    {
        for (var waited = 0; waited < 50 && await slot.ReadAsync(stop) is { Active: true }; waited++) await Task.Delay(100, stop);
    }

    async Task<List<WantedTable>> TablesAsync(PostgresSlot slot, CancellationToken stop)
    {
        await using var query = _source.CreateCommand("select puballtables from pg_publication where pubname = $1");
        query.Parameters.Add(new() { Value = settings.PublicationName });
        if (await query.ExecuteScalarAsync(stop) is not bool all)
            throw new TakeoverException($"There is no publication {settings.PublicationName} in this database: check publication.name and database.dbname");
        var tables = await slot.TablesAsync(stop);
        if (tables.Count == 0) throw new TakeoverException($"No table of this database matches {string.Join(", ", settings.Tables)}: check table.include.list and database.dbname");
        if (all && tables.Where(t => !t.Published).Select(t => t.FullName).ToList() is { Count: > 0 } partitioned)
            throw new TakeoverException($"The publication {settings.PublicationName} is for all tables but sends {string.Join(", ", partitioned)} by partition; we publish the whole table. "
                + $"Run: alter publication {Sql.Identifier(settings.PublicationName)} set (publish_via_partition_root = true); or leave them out by 'except_tables'");
        return tables;
    }

    async Task<ulong> NewestAsync(CancellationToken stop)
    {
        await using var query = _source.CreateCommand("select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end::text");
        return Sql.Lsn((string)(await query.ExecuteScalarAsync(stop))!);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
