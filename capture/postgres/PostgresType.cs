namespace CdcSync.Capture.Postgres;

/// <summary>How a type's bytes are to be read; several types share one.</summary>
enum PgKind : byte
{
    Unknown, Bool, Int2, Int4, Int8, Oid, Float4, Float8, Numeric, Money, Text, Xml, Json, Jsonb, Uuid, Enum, Ltree, Hstore,
    Date, Time, TimeTz, Timestamp, TimestampTz, Interval, Bytea, Bit, VarBit, Inet, Cidr, MacAddr, Range, Point, TsVector, Array,
    Line, LineSegment, Box, Path, Polygon, Circle, Vector, TsQuery, Geometry, Geography,
}

/// <summary>A column's type, domains resolved.</summary>
/// <param name="Kind">How to read it.</param>
/// <param name="Name">As <c>format_type</c> writes it.</param>
/// <param name="Modifier">The type modifier; -1 for none.</param>
/// <param name="Element">An array's element, a range's bound.</param>
/// <param name="Labels">An enum's labels in their order.</param>
/// <param name="IsDomain">It is a domain over such a type.</param>
sealed record PostgresType(PgKind Kind, string Name, int Modifier, PostgresType? Element = null, IReadOnlyList<string>? Labels = null, bool IsDomain = false)
{
    /// <summary>numeric(p,s): PostgreSQL keeps both, plus 4, in one number; the scale has 11 bits. Null for numeric without.</summary>
    public (int Precision, int Scale)? Digits => Kind != PgKind.Numeric || Modifier < 4 ? null : ((Modifier - 4) >> 16 & 0xffff, (Modifier - 4) & 0x7ff);

    /// <summary>Length and scale as Java's driver counts them.</summary>
    public (int Length, int Scale) Lengths => Kind switch
    {
        PgKind.Numeric => Digits is { } digits ? (digits.Precision, digits.Scale) : (131089, 0),
        PgKind.Text when Modifier >= 4 => (Modifier - 4, 0),
        PgKind.Bit or PgKind.VarBit when Modifier > 0 => (Modifier, 0),
        PgKind.Bool => (1, 0),
        PgKind.Int2 => (5, 0),
        PgKind.Int4 or PgKind.Oid => (10, 0),
        PgKind.Int8 => (19, 0),
        PgKind.Float4 => (8, 8),
        PgKind.Float8 => (17, 17),
        PgKind.Date => (13, 0),
        PgKind.Time => (8 + Fraction, SecondDigits),
        PgKind.TimeTz => (14 + Fraction, SecondDigits),
        PgKind.Timestamp => (22 + Fraction, SecondDigits),
        PgKind.TimestampTz => (28 + Fraction, SecondDigits),
        PgKind.Interval => (49, 6),
        PgKind.Array => Element!.Lengths,
        _ => (int.MaxValue, 0),
    };

    int Fraction => SecondDigits == 0 ? 0 : SecondDigits + 1;

    /// <summary>Digits behind the second of a time; 6 unless said otherwise.</summary>
    public int SecondDigits => Modifier is >= 0 and <= 6 ? Modifier : 6;

    /// <summary>Whether values come through at all: for other types there is no reader.</summary>
    public bool IsKnown => Kind != PgKind.Unknown && (Kind is not (PgKind.Array or PgKind.Range or PgKind.Vector) || Element is { IsKnown: true });

    /// <summary>What a base type's name means.</summary>
    public static PgKind KindOf(string schema, string name) => name switch
    {
        "bool" => PgKind.Bool,
        "int2" => PgKind.Int2,
        "int4" => PgKind.Int4,
        "int8" => PgKind.Int8,
        "oid" or "xid" or "cid" or "regclass" or "regtype" or "regproc" => PgKind.Oid,
        "float4" => PgKind.Float4,
        "float8" => PgKind.Float8,
        "numeric" => PgKind.Numeric,
        "money" => PgKind.Money,
        "text" or "varchar" or "bpchar" or "name" or "char" or "citext" or "unknown" => PgKind.Text,
        "xml" => PgKind.Xml,
        "json" => PgKind.Json,
        "jsonb" => PgKind.Jsonb,
        "uuid" => PgKind.Uuid,
        "ltree" => PgKind.Ltree,
        "hstore" => PgKind.Hstore,
        "date" => PgKind.Date,
        "time" => PgKind.Time,
        "timetz" => PgKind.TimeTz,
        "timestamp" => PgKind.Timestamp,
        "timestamptz" => PgKind.TimestampTz,
        "interval" => PgKind.Interval,
        "bytea" => PgKind.Bytea,
        "bit" => PgKind.Bit,
        "varbit" => PgKind.VarBit,
        "inet" => PgKind.Inet,
        "cidr" => PgKind.Cidr,
        "macaddr" or "macaddr8" => PgKind.MacAddr,
        "point" when schema == "pg_catalog" => PgKind.Point,
        "line" => PgKind.Line,
        "lseg" => PgKind.LineSegment,
        "box" => PgKind.Box,
        "path" => PgKind.Path,
        "polygon" => PgKind.Polygon,
        "circle" => PgKind.Circle,
        "tsvector" => PgKind.TsVector,
        "tsquery" => PgKind.TsQuery,
        "geometry" => PgKind.Geometry,
        "geography" => PgKind.Geography,
        _ => PgKind.Unknown,
    };
}
