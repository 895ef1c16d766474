namespace CdcSync.Capture.SqlServer;

/// <summary>What a column's cells hold.</summary>
enum SqlKind
{
    Unknown,
    Bit,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Real,
    Float,

    /// <summary>decimal, numeric, money, smallmoney: the unscaled number, 16 bytes.</summary>
    Decimal,

    /// <summary>Text in UTF-8; xml and sql_variant too.</summary>
    Text,
    Guid,

    /// <summary>Bytes; rowversion and hierarchyid too.</summary>
    Bytes,

    /// <summary>Days since 1970-01-01.</summary>
    Date,

    /// <summary>Time of day in units of 100 ns.</summary>
    Time,

    /// <summary>datetime2, datetime, smalldatetime: units of 100 ns since 0001-01-01.</summary>
    DateTime,

    /// <summary>Local units of 100 ns since 0001-01-01, then the offset in minutes, 2 bytes.</summary>
    DateTimeOffset,

    /// <summary>geography and geometry: the SRID, 4 bytes, then well-known binary.</summary>
    Geography,
    Geometry,
}

/// <summary>A column's type.</summary>
/// <param name="Kind">What its cells hold.</param>
/// <param name="BaseName">SQL Server's name of it, without modifiers.</param>
/// <param name="Precision">Digits of a decimal.</param>
/// <param name="Scale">Digits after the point, or of a second.</param>
/// <param name="MaxLength">Bytes; -1 for max.</param>
sealed record SqlServerType(SqlKind Kind, string BaseName, int Precision, int Scale, int MaxLength)
{
    public static SqlServerType Of(string? baseName, string? clrName, int maxLength, int precision, int scale) => (clrName ?? baseName ?? "") switch
    {
        "bit" => new(SqlKind.Bit, "bit", 1, 0, 1),
        "tinyint" => new(SqlKind.TinyInt, "tinyint", 3, 0, 1),
        "smallint" => new(SqlKind.SmallInt, "smallint", 5, 0, 2),
        "int" => new(SqlKind.Int, "int", 10, 0, 4),
        "bigint" => new(SqlKind.BigInt, "bigint", 19, 0, 8),
        "real" => new(SqlKind.Real, "real", 24, 0, 4),
        "float" => new(SqlKind.Float, "float", 53, 0, 8),
        "decimal" or "numeric" => new(SqlKind.Decimal, baseName!, precision, scale, maxLength),
        "money" => new(SqlKind.Decimal, "money", 19, 4, 8),
        "smallmoney" => new(SqlKind.Decimal, "smallmoney", 10, 4, 4),
        "char" or "varchar" or "nchar" or "nvarchar" or "text" or "ntext" or "xml" or "sql_variant" or "sysname" => new(SqlKind.Text, baseName!, 0, 0, maxLength),
        "uniqueidentifier" => new(SqlKind.Guid, "uniqueidentifier", 0, 0, 16),
        "binary" or "varbinary" or "image" or "timestamp" or "rowversion" => new(SqlKind.Bytes, baseName!, 0, 0, maxLength),
        "hierarchyid" => new(SqlKind.Bytes, "hierarchyid", 0, 0, 892),
        "date" => new(SqlKind.Date, "date", 10, 0, 3),
        "time" => new(SqlKind.Time, "time", 0, scale, maxLength),
        "datetime2" => new(SqlKind.DateTime, "datetime2", 0, scale, maxLength),
        "datetime" => new(SqlKind.DateTime, "datetime", 0, 3, 8),
        "smalldatetime" => new(SqlKind.DateTime, "smalldatetime", 0, 0, 4),
        "datetimeoffset" => new(SqlKind.DateTimeOffset, "datetimeoffset", 0, scale, maxLength),
        "geography" => new(SqlKind.Geography, "geography", 0, 0, -1),
        "geometry" => new(SqlKind.Geometry, "geometry", 0, 0, -1),
        var other => new(SqlKind.Unknown, other, 0, 0, maxLength),
    };

    /// <summary>With its modifiers, as SQL Server writes it.</summary>
    public string Name => BaseName switch
    {
        "decimal" or "numeric" => $"{BaseName}({Precision},{Scale})",
        "time" or "datetime2" or "datetimeoffset" => $"{BaseName}({Scale})",
        "char" or "varchar" or "binary" or "varbinary" => MaxLength < 0 ? $"{BaseName}(max)" : $"{BaseName}({MaxLength})",
        "nchar" or "nvarchar" => MaxLength < 0 ? $"{BaseName}(max)" : $"{BaseName}({MaxLength / 2})",
        _ => BaseName,
    };

    /// <summary>Whether CDC leaves the value out of an update that did not touch it.</summary>
    public bool IsLarge => MaxLength < 0 || BaseName is "text" or "ntext" or "image" or "xml" || Kind is SqlKind.Geography or SqlKind.Geometry;

    /// <summary>The column in a select list: what no client should need a library for is converted by the server.</summary>
    public string Select(string column)
    {
        var c = Statements.Quote(column);
        return BaseName switch
        {
            "xml" => $"convert(nvarchar(max), {c}) as {c}",
            "hierarchyid" => $"cast({c} as varbinary(892)) as {c}",
            "geography" or "geometry" => $"cast(cast({c}.STSrid as binary(4)) + {c}.STAsBinary() as varbinary(max)) as {c}",
            "sql_variant" => $"case when cast(sql_variant_property(({c}), 'BaseType') as nvarchar(60)) like '%binary' then convert(nvarchar(max), cast({c} as varbinary(8000)), 1) "
                + $"when cast(sql_variant_property(({c}), 'BaseType') as nvarchar(60)) like '%date%' then convert(nvarchar(max), {c}, 121) else convert(nvarchar(max), {c}) end as {c}",
            _ => c,
        };
    }
}
