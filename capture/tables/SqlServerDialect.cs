using System.Data;
using System.Data.Common;
using System.Globalization;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.SqlServer;

namespace CdcSync.Capture.Tables;

/// <summary>SQL Server. A rowversion is given when a row is written, and <c>min_active_rowversion()</c> is the lowest that some open transaction holds: all below is committed.</summary>
sealed class SqlServerDialect : SqlDialect
{
    public override string DefaultSchema => "dbo";
    public override string? TransactionColumn => "change_rv";
    public override string True => "1 = 1";
    public override IsolationLevel OneMoment => IsolationLevel.Snapshot;

    public override string Quote(string name) => Statements.Quote(name);

    public override string Select(string columns, string from, string where, string order, int rows) => $"select top ({rows}) {columns} from {from}{Where(where)} order by {order}";

    public override string? MomentSql => "select datediff_big(microsecond, '19700101', sysutcdatetime()), convert(varchar(18), convert(binary(8), min_active_rowversion()), 1)";

    public override string? Window(string column, Moment from, Moment to)
    {
        if (Number(to) < Number(from))
            throw new SourceException("The database's rowversions went back: it was restored. What was published may be more than it holds; publish everything again: `cdcsync snapshot SOURCE --restart`") { IsPlaceLost = true };
        return $"{column} >= {from.Open} and {column} < {to.Open}";
    }

    public override string? Seen(string column, Moment at) => $"{column} < {at.Open}";

    public override string Delete(string table, string id, string condition, int rows) => $"delete top ({rows}) from {table} where {condition}";

    public override (PlainType Type, string? Cast)? TypeOf(DbColumn column)
    {
        switch (column.DataTypeName?.ToLowerInvariant())
        {
            case "money": return (new(PlainKind.Decimal, 19, 4), null);
            case "smallmoney": return (new(PlainKind.Decimal, 10, 4), null);
            case "decimal" or "numeric": return (Plain(column)!, "convert(varchar(41), {0})");
            case "sql_variant" or "hierarchyid": return (new(PlainKind.Text), "convert(nvarchar(4000), {0})");
            case { } geometry when geometry.EndsWith("geometry", StringComparison.Ordinal) || geometry.EndsWith("geography", StringComparison.Ordinal):
                return (new(PlainKind.Text), "{0}.ToString()");
            default: return Plain(column) is { } type ? (type, null) : null;
        }
    }

    // As `datetime` it would be rounded to 3 ms, and rows in between passed over.
    public override void Bind(DbParameter parameter, object value)
    {
        if (value is DateTime) parameter.DbType = DbType.DateTime2;
        parameter.Value = value;
    }

    static ulong Number(Moment moment) => ulong.Parse(moment.Open.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
