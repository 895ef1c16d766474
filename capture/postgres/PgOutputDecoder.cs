using System.Buffers.Binary;
using System.Text;
using CdcSync.Capture.Debezium;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// pgoutput's messages (protocol version 1, binary) into batches. Counts every row change of a transaction, wanted or not, so that a change has the same position each
/// time the server sends it; what is not after <paramref name="from"/> is left out.
/// </summary>
sealed class PgOutputDecoder(SourcePosition from)
{
    /// <summary>The table of logical messages.</summary>
    public static readonly PostgresTable Messages = new(0, "", "",
        [
            new("prefix", new PostgresType(PgKind.Text, "text", -1), false, 0, default), new("content", new PostgresType(PgKind.Bytea, "bytea", -1), false, 0, default),
        ], ReplicaIdentity.Nothing);

    /// <summary>The table of the mark that a transaction without a change for us leaves.</summary>
    public static readonly PostgresTable Empty = new(0, "", "", [], ReplicaIdentity.Nothing);

    readonly Dictionary<uint, PostgresTable?> _tables = [];
    byte[] _merged = [];
    ulong _commit;
    long _committedAt;
    long _transaction;
    ulong _number;
    int _truncated;
    bool _told;

    /// <summary>Also tells of transactions without a change for us.</summary>
    public bool TellsEmpty { get; init; }

    /// <summary>Told what is left out because it was published before.</summary>
    public PassedOver? PassedOver { get; init; }

    /// <summary>Between a Begin and its Commit.</summary>
    public bool InTransaction { get; private set; }

    /// <summary>The LSN of the commit being read, or of the last one read.</summary>
    public ulong Commit => _commit;

    /// <summary>Its transaction id, 32 bits.</summary>
    public long Transaction => _transaction;

    /// <summary>When it was committed, microseconds since 1970.</summary>
    public long CommittedAt => _committedAt;

    /// <summary>What may be called published when the batch ends here.</summary>
    public SourcePosition Place => InTransaction ? new SourcePosition(_commit, _number) : new SourcePosition(_commit, UInt128.MaxValue);

    /// <summary>Sets what a relation id means; null for a table that is not wanted.</summary>
    public void Define(uint oid, PostgresTable? table) => _tables[oid] = table;

    /// <summary>False when the batch is full: give the same message again with a fresh one.</summary>
    public bool TryDecode(ReadOnlySpan<byte> message, ulong lsn, ChangeBatch batch, int maxChanges)
    {
        switch (message[0])
        {
            case (byte)'B':
                _commit = BinaryPrimitives.ReadUInt64BigEndian(message[1..]);
                _committedAt = BinaryPrimitives.ReadInt64BigEndian(message[9..]) + PgTime.EpochMicros;
                _transaction = BinaryPrimitives.ReadUInt32BigEndian(message[17..]);
                _number = 0;
                _told = false;
                InTransaction = true;
                return true;
            case (byte)'C':
                return Commits(batch, lsn);
            case (byte)'M' when batch.Count > 0 && batch.Count >= maxChanges - 1:
                return false;
            case (byte)'M':
                return Message(message, batch);
            case (byte)'I' or (byte)'U' or (byte)'D' or (byte)'T' when batch.Count > 0 && batch.Count >= maxChanges - 1:
                return false;
            case (byte)'I':
            {
                var table = Table(message);
                return Append(batch, table, Operation.Create, lsn, default, Tuple(message, 6, out _));
            }
            case (byte)'U':
                return Update(message, lsn, batch);
            case (byte)'D':
                return Append(batch, Table(message), Operation.Delete, lsn, Tuple(message, 6, out _), default);
            case (byte)'T':
                return Truncate(message, lsn, batch);
            default:
                // Origin and type messages carry no rows.
                return true;
        }
    }

    bool Commits(ChangeBatch batch, ulong lsn)
    {
        var position = new SourcePosition(_commit, UInt128.MaxValue);
        if (TellsEmpty && !_told && position > from
            && !batch.TryAppend(new Change(Empty, Operation.Message, position, _transaction, _committedAt, lsn, default, default), default, default)) return false;
        InTransaction = false;
        return true;
    }

    // A message outside of transactions is a place of its own in the log.
    bool Message(ReadOnlySpan<byte> message, ChangeBatch batch)
    {
        var lsn = BinaryPrimitives.ReadUInt64BigEndian(message[2..]);
        var rest = message[10..];
        var prefix = rest[..rest.IndexOf((byte)0)];
        rest = rest[(prefix.Length + 1)..];
        Span<byte> head = stackalloc byte[5];
        var row = new List<byte>(10 + prefix.Length + rest.Length);
        foreach (var cell in (ReadOnlySpan<int>)[0, 1])
        {
            var bytes = cell == 0 ? prefix : rest[4..];
            head[0] = (byte)CellKind.Binary;
            BinaryPrimitives.WriteInt32BigEndian(head[1..], bytes.Length);
            row.AddRange(head);
            row.AddRange(bytes);
        }
        if (InTransaction) return Append(batch, Messages, Operation.Message, lsn, default, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(row));
        var position = new SourcePosition(lsn, UInt128.MaxValue);
        var at = _committedAt != 0 ? _committedAt : (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
        if (position > from && !batch.TryAppend(new Change(Messages, Operation.Message, position, 0, at, lsn, default, default), default, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(row))) return false;
        (_commit, _number) = (lsn, 0);
        return true;
    }

    bool Update(ReadOnlySpan<byte> message, ulong lsn, ChangeBatch batch)
    {
        var table = Table(message);
        var kind = message[5];
        if (kind == (byte)'N') return Append(batch, table, Operation.Update, lsn, default, Tuple(message, 6, out _));
        var old = Tuple(message, 6, out var next);
        var row = Tuple(message, next + 1, out _);
        if (table is null) return Append(batch, table, Operation.Update, lsn, old, row);
        if (kind == (byte)'O' && row.IndexOf((byte)CellKind.Unchanged) >= 0) row = Merge(old, row);
        if (SameKey(table, old, row)) return Append(batch, table, Operation.Update, lsn, old, row);
        // The two halves stay in one batch: each names the other's key in a header.
        return batch.TryReserve(old.Length + row.Length)
            && Append(batch, table, Operation.Delete, lsn, old, default, isPair: true) && Append(batch, table, Operation.Create, lsn, default, row, isPair: true);
    }

    bool Truncate(ReadOnlySpan<byte> message, ulong lsn, ChangeBatch batch)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(message[1..]);
        for (; _truncated < count; _truncated++)
        {
            var oid = BinaryPrimitives.ReadUInt32BigEndian(message[(6 + _truncated * 4)..]);
            if (!Append(batch, Find(oid), Operation.Truncate, lsn, default, default)) return false;
        }
        _truncated = 0;
        return true;
    }

    bool Append(ChangeBatch batch, PostgresTable? table, Operation operation, ulong lsn, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, bool isPair = false)
    {
        var position = new SourcePosition(_commit, _number + 1);
        if (table is not null && position > from
            && !batch.TryAppend(new Change(table, operation, position, _transaction, _committedAt, lsn, default, default), before, after)) return false;
        if (table is not null)
        {
            _told = true;
            if (position <= from) PassedOver?.Add(position, table, operation, isPair, before, after);
        }
        _number++;
        return true;
    }

    PostgresTable? Table(ReadOnlySpan<byte> message) => Find(BinaryPrimitives.ReadUInt32BigEndian(message[1..]));

    PostgresTable? Find(uint oid) => _tables.TryGetValue(oid, out var table)
        ? table : throw new SourceException($"The server sent a change of relation {oid} without having described it: the stream is broken, read it again");

    // The cells behind the 2-byte count, which is a row image as it stands.
    static ReadOnlySpan<byte> Tuple(ReadOnlySpan<byte> message, int at, out int end)
    {
        var count = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        var start = end = at + 2;
        for (; count > 0; count--)
        {
            var kind = message[end++];
            if (kind is (byte)CellKind.Null or (byte)CellKind.Unchanged) continue;
            end += 4 + BinaryPrimitives.ReadInt32BigEndian(message[end..]);
        }
        return message[start..end];
    }

    static ReadOnlySpan<byte> Cell(ReadOnlySpan<byte> row, ref int at)
    {
        var start = at;
        at += row[at] is (byte)CellKind.Null or (byte)CellKind.Unchanged ? 1 : 5 + BinaryPrimitives.ReadInt32BigEndian(row[(at + 1)..]);
        return row[start..at];
    }

    static bool SameKey(PostgresTable table, ReadOnlySpan<byte> old, ReadOnlySpan<byte> row)
    {
        int left = 0, right = 0;
        for (var i = 0; i < table.PostgresColumns.Count; i++)
        {
            ReadOnlySpan<byte> was = Cell(old, ref left), now = Cell(row, ref right);
            if (table.IsRecordKey(i) && !was.SequenceEqual(now) && now[0] != (byte)CellKind.Unchanged) return false;
        }
        return true;
    }

    // With REPLICA IDENTITY FULL the old row has the large values that the new one leaves out.
    ReadOnlySpan<byte> Merge(ReadOnlySpan<byte> old, ReadOnlySpan<byte> row)
    {
        if (_merged.Length < old.Length + row.Length) _merged = new byte[old.Length + row.Length];
        int left = 0, right = 0, length = 0;
        while (right < row.Length)
        {
            ReadOnlySpan<byte> was = Cell(old, ref left), now = Cell(row, ref right);
            var taken = now[0] == (byte)CellKind.Unchanged ? was : now;
            taken.CopyTo(_merged.AsSpan(length));
            length += taken.Length;
        }
        return _merged.AsSpan(0, length);
    }

    /// <summary>The commit that a Begin message announces.</summary>
    public static ulong CommitOf(ReadOnlySpan<byte> begin) => BinaryPrimitives.ReadUInt64BigEndian(begin[1..]);

    /// <summary>Reads a relation message.</summary>
    public static (uint Oid, string Schema, string Name, ReplicaIdentity Identity, List<RelationColumn> Columns) Relation(ReadOnlySpan<byte> message)
    {
        var oid = BinaryPrimitives.ReadUInt32BigEndian(message[1..]);
        var rest = message[5..];
        var schema = Text(ref rest);
        var name = Text(ref rest);
        var identity = (ReplicaIdentity)rest[0];
        var count = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
        rest = rest[3..];
        var columns = new List<RelationColumn>(count);
        for (; count > 0; count--)
        {
            var inIdentity = (rest[0] & 1) != 0;
            rest = rest[1..];
            var column = Text(ref rest);
            columns.Add(new RelationColumn(column, BinaryPrimitives.ReadUInt32BigEndian(rest), BinaryPrimitives.ReadInt32BigEndian(rest[4..]), inIdentity));
            rest = rest[8..];
        }
        return (oid, schema.Length == 0 ? "pg_catalog" : schema, name, identity, columns);
    }

    static string Text(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(rest[..end]);
        rest = rest[(end + 1)..];
        return text;
    }
}
