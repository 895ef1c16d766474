using System.Buffers.Binary;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Postgres;

/// <summary>Rows of COPY's binary format as row images.</summary>
sealed class CopyReader(Stream copy) : IDisposable
{
    byte[] _buffer = new byte[128 * 1024];
    byte[] _row = new byte[16 * 1024];
    int _start, _end, _length;
    bool _started;

    /// <summary>The row moved to; valid until the next move.</summary>
    public ReadOnlySpan<byte> Row => _row.AsSpan(0, _length);

    public async ValueTask<bool> MoveAsync(CancellationToken stop)
    {
        if (!_started)
        {
            await NeedAsync(19, stop);
            _start += 19;
            _started = true;
        }
        var need = 2;
        while (true)
        {
            if (_end - _start < need) await NeedAsync(need, stop);
            if (BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(_start)) < 0) return false;
            if (TryRow(out need)) return true;
        }
    }

    bool TryRow(out int need)
    {
        var input = _buffer.AsSpan(_start, _end - _start);
        var count = BinaryPrimitives.ReadInt16BigEndian(input);
        var at = 2;
        _length = 0;
        for (; count > 0; count--)
        {
            need = at + 4;
            if (input.Length < need) return false;
            var length = BinaryPrimitives.ReadInt32BigEndian(input[at..]);
            var size = length < 0 ? 4 : 4 + length;
            need = at + size;
            if (input.Length < need) return false;
            if (_row.Length < _length + size + 1) Array.Resize(ref _row, Math.Max(_row.Length * 2, _length + size + 1));
            if (length < 0)
            {
                _row[_length++] = (byte)CellKind.Null;
            }
            else
            {
                _row[_length++] = (byte)CellKind.Binary;
                input.Slice(at, size).CopyTo(_row.AsSpan(_length));
                _length += size;
            }
            at += size;
        }
        _start += at;
        need = 0;
        return true;
    }

    async ValueTask NeedAsync(int size, CancellationToken stop)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_buffer.Length < size) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, size));
        while (_end < size)
        {
            var read = await copy.ReadAsync(_buffer.AsMemory(_end), stop);
            if (read == 0) throw new IOException("The server ended COPY inside a row");
            _end += read;
        }
    }

    public void Dispose() => copy.Dispose();
}
