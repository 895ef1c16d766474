using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>A row of a change table.</summary>
readonly record struct ChangeRow(UInt128 Commit, UInt128 Seqval, int Operation, int Start, int End);

/// <summary>What of the change tables is read.</summary>
/// <param name="From">After this commit, or from the change <paramref name="Seqval"/> of it on when <paramref name="Through"/>.</param>
/// <param name="Through">The commit at <paramref name="From"/> was cut.</param>
/// <param name="Seqval">Where it was cut.</param>
/// <param name="To">Up to and including this commit.</param>
readonly record struct Window(UInt128 From, bool Through, UInt128 Seqval, UInt128 To)
{
    public SqlParameter[] Parameters => [SqlServerConnections.LsnParameter("@from", From), SqlServerConnections.BitParameter("@through", Through), SqlServerConnections.LsnParameter("@to", To)];
}

/// <summary>
/// The rows of one change table in a window, a page at a time. A small table is read whole and its connection given back; a large one streams: the server sorts it once.
/// </summary>
sealed class ChangeReader(SqlServerConnections connections, CaptureInstance instance) : IAsyncDisposable
{
    const int PageBytes = 256 * 1024, PageRows = 4096;
    readonly List<ChangeRow> _rows = [];
    readonly RowReader _images = new(instance.Table);
    SqlConnection? _connection;
    SqlCommand? _command;
    SqlDataReader? _reader;
    int _at;

    public CaptureInstance Instance => instance;

    /// <summary>The row moved to.</summary>
    public ChangeRow Current => _rows[_at];

    /// <summary>Its image; valid until the next move.</summary>
    public ReadOnlySpan<byte> Image => _images.Image(Current.Start, Current.End);

    /// <summary>Whether its connection is still held.</summary>
    public bool IsStreaming => _reader is not null;

    /// <summary>Reads the first page; false when there are no rows.</summary>
    public async Task<bool> OpenAsync(Window window, CancellationToken stop)
    {
        _connection = await connections.OpenAsync(stop);
        var text = Statements.Of("changes", ("columns", instance.Table.SelectList), ("change_table", instance.ChangeTable));
        _command = connections.Command(_connection, text, [.. window.Parameters, SqlServerConnections.LsnParameter("@seqval", window.Seqval)]);
        _reader = await SqlServerConnections.ReadAsync(_command, stop);
        return await FillAsync(stop);
    }

    public ValueTask<bool> MoveAsync(CancellationToken stop)
    {
        if (++_at < _rows.Count) return ValueTask.FromResult(true);
        return _reader is null ? ValueTask.FromResult(false) : FillAsync(stop);
    }

    async ValueTask<bool> FillAsync(CancellationToken stop)
    {
        _rows.Clear();
        _images.Clear();
        _at = 0;
        while (_rows.Count < PageRows && _images.Length < PageBytes)
        {
            if (!await SqlServerConnections.MoveAsync(_reader!, stop))
            {
                await CloseAsync();
                break;
            }
            Append(_reader!);
        }
        return _rows.Count > 0;
    }

    void Append(SqlDataReader row)
    {
        Span<byte> lsn = row.GetFieldValue<byte[]>(0), seqval = row.GetFieldValue<byte[]>(1);
        var operation = row.GetInt32(2);
        Span<byte> mask = row.GetFieldValue<byte[]>(3);
        var start = _images.Length;
        _images.Append(row, 4, operation is 3 or 4 ? mask : default);
        _rows.Add(new ChangeRow(Lsn.Of(lsn), Lsn.Of(seqval), operation, start, _images.Length));
    }

    /// <summary>Closing a result reads it to its end unless its command is cancelled first.</summary>
    public ValueTask DisposeAsync()
    {
        if (_reader is not null) _command!.Cancel();
        return CloseAsync();
    }

    async ValueTask CloseAsync()
    {
        if (_reader is not null) await _reader.DisposeAsync();
        if (_command is not null) await _command.DisposeAsync();
        if (_connection is not null) await _connection.DisposeAsync();
        (_reader, _command, _connection) = (null, null, null);
    }
}
