using System.Buffers.Binary;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.SqlServer;

/// <summary>
/// SQL Server's log addresses: 10 bytes, compared as a number. A position is (commit LSN, change LSN and a count of the rows at it); above the 80 bits of the commit
/// LSN stands the number of the database, since each has a log of its own.
/// </summary>
static class Lsn
{
    const int SerialBits = 48;

    public static UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> wide = stackalloc byte[16];
        wide.Clear();
        bytes.CopyTo(wide[(16 - bytes.Length)..]);
        return BinaryPrimitives.ReadUInt128BigEndian(wide);
    }

    public static byte[] Bytes(UInt128 lsn)
    {
        Span<byte> wide = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(wide, lsn);
        return wide[6..].ToArray();
    }

    /// <summary>As Debezium writes it: <c>00000027:00000758:0003</c>.</summary>
    public static string Text(UInt128 lsn)
    {
        var hex = Convert.ToHexStringLower(Bytes(lsn));
        return $"{hex[..8]}:{hex[8..16]}:{hex[16..]}";
    }

    /// <summary>The place after the <paramref name="serial"/>-th row of a change.</summary>
    public static SourcePosition Place(UInt128 commit, UInt128 seqval, long serial) => new(commit, seqval << SerialBits | (UInt128)serial);

    /// <summary>The change's LSN of a position.</summary>
    public static UInt128 Seqval(SourcePosition place) => place.Change == UInt128.MaxValue ? 0 : place.Change >> SerialBits;

    /// <summary>Debezium's event_serial_no: rows of the change table at this change, up to and including this one.</summary>
    public static long Serial(SourcePosition place) => (long)(place.Change & ((UInt128.One << SerialBits) - 1));

    /// <summary>The commit's LSN, without the database's number.</summary>
    public static UInt128 Commit(SourcePosition place) => place.Commit & ((UInt128.One << 80) - 1);

    public static SourcePosition Tag(this SourcePosition place, int database) => place with { Commit = Commit(place) | (UInt128)database << 80 };

    public static SourcePosition Untag(this SourcePosition place) => place with { Commit = Commit(place) };
}
