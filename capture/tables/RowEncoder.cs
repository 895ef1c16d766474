using System.Buffers;
using System.Buffers.Binary;
using System.Data.Common;
using System.Text;
using CdcSync.Capture.Debezium;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Tables;

/// <summary>Rows of a reader as row images; the buffer is used again for each.</summary>
sealed class RowEncoder : IBufferWriter<byte>
{
    byte[] _buffer = new byte[4096];
    int _length;

    public void Clear() => _length = 0;

    /// <summary>Where the next image begins.</summary>
    public int Length => _length;

    public ReadOnlyMemory<byte> Image(int start, int end) => _buffer.AsMemory(start, end - start);

    /// <summary>Adds the image of the columns that stand in a row from an ordinal on.</summary>
    public void Add(DbDataReader row, int first, IReadOnlyList<PlainColumn> columns)
    {
        for (var i = 0; i < columns.Count; i++) Add(columns[i], row, first + i);
    }

    void Add(PlainColumn column, DbDataReader row, int ordinal)
    {
        if (row.IsDBNull(ordinal))
        {
            GetSpan(1)[0] = (byte)CellKind.Null;
            _length++;
            return;
        }
        var start = _length;
        GetSpan(5)[0] = (byte)CellKind.Binary;
        _length += 5;
        object? value = null;
        try
        {
            value = row.GetValue(ordinal);
            PlainValues.Write(column.Type, value, this);
        }
        catch (Exception unsaid) when (unsaid is FormatException or InvalidCastException or OverflowException or ArgumentException)
        {
            // The type cannot say it: its text goes along, and into a header of the record.
            _length = start;
            GetSpan(5)[0] = (byte)CellKind.Text;
            _length += 5;
            this.Write(Encoding.UTF8.GetBytes(value is null ? unsaid.Message : PlainValues.Text(value)));
        }
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start + 1), _length - start - 5);
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_buffer.Length - _length < Math.Max(sizeHint, 64)) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + Math.Max(sizeHint, 64)));
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
