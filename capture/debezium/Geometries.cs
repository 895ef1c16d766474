using System.Buffers;
using System.Buffers.Binary;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>
/// PostgreSQL's own geometric types, as numbers or well-known binary, and PostGIS's. All but points and geographies are optional in Debezium's schemas, whatever the column says.
/// </summary>
static class Geometries
{
    const string Space = "io.debezium.data.geometry.";
    static readonly ConnectSchema Float = ConnectSchema.Of(ConnectKind.Float64), Srid = ConnectSchema.Of(ConnectKind.Int32).AsOptional();

    public static readonly ConnectSchema Point = ConnectSchema.Struct(Space + "Point", 1,
        new("x", Float), new("y", Float), new("wkb", ConnectSchema.Of(ConnectKind.Bytes).AsOptional()), new("srid", Srid)) with { Doc = "Geometry (POINT)" };

    public static readonly ConnectSchema Line = ConnectSchema.Struct(Space + "Line", 1, new("a", Float), new("b", Float), new("c", Float)) with { Doc = "Geometry (LINE)", Optional = true };

    public static readonly ConnectSchema Circle = ConnectSchema.Struct(Space + "Circle", 1, new("center", Point), new("radius", Float)) with { Doc = "Geometry (CIRCLE)", Optional = true };

    public static readonly ConnectSchema Geometry = ConnectSchema.Struct(Space + "Geometry", 2, new("wkb", ConnectSchema.Of(ConnectKind.Bytes)), new("srid", Srid),
        new("extensions", new ConnectSchema(ConnectKind.Map) { Optional = true, Items = ConnectSchema.Of(ConnectKind.String) })) with { Doc = "Geometry", Optional = true };

    public static readonly ConnectSchema Geography = ConnectSchema.Struct(Space + "Geography", 1, new("wkb", ConnectSchema.Of(ConnectKind.Bytes)), new("srid", Srid)) with { Doc = "Geography" };

    /// <summary>PostGIS's empty collection.</summary>
    public static ReadOnlySpan<byte> Empty => [1, 7, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>PostGIS's extended well-known binary, as it is.</summary>
    public static bool WriteExtended(ReadOnlySpan<byte> cell, LogBatch output)
    {
        WriteGeography(cell, output);
        output.WriteLong(0);
        return true;
    }

    public static bool WriteGeography(ReadOnlySpan<byte> cell, LogBatch output)
    {
        const uint hasReference = 0x20000000;
        var little = cell[0] == 1;
        output.WriteBytes(cell);
        var isReferenced = ((little ? BinaryPrimitives.ReadUInt32LittleEndian(cell[1..]) : BinaryPrimitives.ReadUInt32BigEndian(cell[1..])) & hasReference) != 0;
        output.WriteLong(isReferenced ? 1 : 0);
        if (isReferenced) output.WriteLong(little ? BinaryPrimitives.ReadInt32LittleEndian(cell[5..]) : BinaryPrimitives.ReadInt32BigEndian(cell[5..]));
        return true;
    }

    public static bool WritePoint(ReadOnlySpan<byte> cell, LogBatch output)
    {
        double x = Number(cell, 0), y = Number(cell, 1);
        Span<byte> wkb = stackalloc byte[21];
        Head(wkb, 1);
        BinaryPrimitives.WriteDoubleLittleEndian(wkb[5..], x);
        BinaryPrimitives.WriteDoubleLittleEndian(wkb[13..], y);
        output.WriteDouble(x);
        output.WriteDouble(y);
        output.WriteLong(1);
        output.WriteBytes(wkb);
        output.WriteLong(0);
        return true;
    }

    public static bool WriteLine(ReadOnlySpan<byte> cell, LogBatch output)
    {
        for (var i = 0; i < 3; i++) output.WriteDouble(Number(cell, i));
        return true;
    }

    public static bool WriteCircle(ReadOnlySpan<byte> cell, LogBatch output)
    {
        WritePoint(cell, output);
        output.WriteDouble(Number(cell, 2));
        return true;
    }

    public static CellWriter Writer(PgKind kind) => kind switch
    {
        PgKind.Box => static (cell, output) =>
        {
            // Two corners; five points go round them.
            double x1 = Number(cell, 0), y1 = Number(cell, 1), x2 = Number(cell, 2), y2 = Number(cell, 3);
            return Shape(output, 3, [x1, y1, x1, y2, x2, y2, x2, y1, x1, y1], ("type", "box"));
        },
        PgKind.LineSegment => static (cell, output) => Shape(output, 2, Numbers(cell, 0, 4), ("type", "lseg")),
        PgKind.Path => static (cell, output) => Shape(output, 2, Numbers(cell[5..], 0, 2 * BinaryPrimitives.ReadInt32BigEndian(cell[1..])), ("type", "path"), ("closed", cell[0] != 0 ? "true" : "false")),
        _ => static (cell, output) => Shape(output, 3, Ring(Numbers(cell[4..], 0, 2 * BinaryPrimitives.ReadInt32BigEndian(cell))), ("type", "polygon")),
    };

    static bool Shape(LogBatch output, int kind, double[] numbers, params ReadOnlySpan<(string Name, string Value)> extensions)
    {
        var start = kind == 3 ? 13 : 9;
        var wkb = new byte[start + numbers.Length * 8];
        Head(wkb, kind);
        BinaryPrimitives.WriteInt32LittleEndian(wkb.AsSpan(5), kind == 3 ? 1 : numbers.Length / 2);
        if (kind == 3) BinaryPrimitives.WriteInt32LittleEndian(wkb.AsSpan(9), numbers.Length / 2);
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteDoubleLittleEndian(wkb.AsSpan(start + i * 8), numbers[i]);
        output.WriteBytes(wkb);
        output.WriteLong(0);
        output.WriteLong(1);
        output.WriteLong(extensions.Length);
        foreach (var (name, value) in extensions)
        {
            output.WriteString(name);
            output.WriteString(value);
        }
        output.WriteLong(0);
        return true;
    }


    // Well-known binary ends a ring where it began.
    static double[] Ring(double[] points) => points[0] == points[^2] && points[1] == points[^1] ? points : [.. points, points[0], points[1]];

    static void Head(Span<byte> wkb, int kind)
    {
        (wkb[0], wkb[1]) = (1, (byte)kind);
        wkb[2..5].Clear();
    }

    static double[] Numbers(ReadOnlySpan<byte> cell, int from, int count)
    {
        var numbers = new double[count];
        for (var i = 0; i < count; i++) numbers[i] = Number(cell, from + i);
        return numbers;
    }

    static double Number(ReadOnlySpan<byte> cell, int index) => BinaryPrimitives.ReadDoubleBigEndian(cell[(index * 8)..]);
}
