using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CdcSync.Servers.Tds;

/// <summary>A growing answer: the tokens of a TDS 7.4 server.</summary>
public sealed class TdsTokens
{
    readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Bytes that wait.</summary>
    public int Length => _bytes.WrittenCount;

    /// <summary>Takes what waits.</summary>
    public byte[] Take()
    {
        var taken = _bytes.WrittenSpan.ToArray();
        _bytes.ResetWrittenCount();
        return taken;
    }

    public TdsTokens Byte(int value)
    {
        _bytes.Write([(byte)value]);
        return this;
    }

    public TdsTokens Bytes(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }

    public TdsTokens UShort(int value) => Byte(value & 0xff).Byte(value >> 8 & 0xff);

    public TdsTokens Int(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Bytes(bytes);
    }

    public TdsTokens Long(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Bytes(bytes);
    }

    /// <summary>Text with one byte of length.</summary>
    public TdsTokens BText(string value) => Byte(value.Length).Bytes(Encoding.Unicode.GetBytes(value));

    /// <summary>Text with two bytes of length.</summary>
    public TdsTokens UText(string value) => UShort(value.Length).Bytes(Encoding.Unicode.GetBytes(value));

    /// <summary>A value of a max type, in chunks.</summary>
    public TdsTokens Plp(ReadOnlySpan<byte> value)
    {
        const int chunk = 8000;
        Long(value.Length);
        for (var rest = value; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, chunk)..])
        {
            var part = rest[..Math.Min(rest.Length, chunk)];
            Int(part.Length).Bytes(part);
        }
        return Int(0);
    }

    /// <summary>The answer to a login.</summary>
    public void LoginAck(string database, int packetSize)
    {
        EnvChange(1, t => t.BText(database).BText("master"));
        EnvChange(4, t => t.BText(packetSize.ToString(System.Globalization.CultureInfo.InvariantCulture)).BText("4096"));
        EnvChange(7, t => t.Byte(5).Bytes([0x09, 0x04, 0xd0, 0x00, 0x34]).Byte(0));     // the collation of text parameters
        var ack = new TdsTokens().Byte(1).Byte(0x74).Byte(0).Byte(0).Byte(4).BText("Microsoft SQL Server").Byte(16).Byte(0).Byte(0x10).Byte(0x03).Take();
        Byte(0xad).UShort(ack.Length).Bytes(ack);
    }

    /// <summary>Tells that something of the session has changed.</summary>
    public void EnvChange(int type, Action<TdsTokens> values)
    {
        var change = new TdsTokens().Byte(type);
        values(change);
        var bytes = change.Take();
        Byte(0xe3).UShort(bytes.Length).Bytes(bytes);
    }

    /// <summary>An error (or, below class 11, a message).</summary>
    public void Error(int number, int level, string message)
    {
        var error = new TdsTokens().Int(number).Byte(1).Byte(level).UText(message).BText("test").BText("").Int(1).Take();
        Byte(level < 11 ? 0xab : 0xaa).UShort(error.Length).Bytes(error);
    }

    /// <summary>The columns of a result.</summary>
    public void Columns(IReadOnlyList<TdsColumn> columns)
    {
        Byte(0x81).UShort(columns.Count);
        foreach (var column in columns)
        {
            Int(0).UShort(0x09);
            column.Type.WriteInfo(this);
            BText(column.Name);
        }
    }

    /// <summary>A row: with a bitmap of nulls when it has any, as a server of 7.3 or later does.</summary>
    public void Row(IReadOnlyList<TdsColumn> columns, object?[] values)
    {
        var nulls = values.Count(v => v is null);
        if (nulls > 1)
        {
            Byte(0xd2);
            for (var at = 0; at < values.Length; at += 8)
            {
                var bits = 0;
                for (var i = at; i < Math.Min(at + 8, values.Length); i++)
                    if (values[i] is null) bits |= 1 << (i - at);
                Byte(bits);
            }
        }
        else Byte(0xd1);
        for (var i = 0; i < values.Length; i++)
            if (nulls <= 1 || values[i] is not null) columns[i].Type.WriteValue(values[i], this);
    }

    /// <summary>The end of a statement (0xfd), of one inside a procedure (0xff), of the procedure (0xfe).</summary>
    public void Done(int token, int status, long rows = 0) => Byte(token).UShort(status).UShort(0xc1).Long(rows);
}

/// <summary>A column of a result.</summary>
public sealed record TdsColumn(string Name, TdsType Type);
