using System.Data;
using System.Data.Common;
using System.Globalization;
using CdcSync.Capture.Debezium;

namespace CdcSync.Capture.Tables;

/// <summary>Where a source stood when it was asked: its clock, and which transactions were still open, in the database's own words.</summary>
/// <param name="Micros">Microseconds since 1970 UTC.</param>
/// <param name="Open">PostgreSQL: the snapshot <c>xmin:xmax:running</c>. SQL Server: the lowest rowversion still in use. Empty elsewhere.</param>
readonly record struct Moment(long Micros, string Open);

/// <summary>What differs between databases. A dialect without <see cref="Window"/> finds late commits by waiting (the setting 'lag').</summary>
abstract class SqlDialect
{
    string _marker = "@p{0}";

    /// <summary>The dialect of a source.</summary>
    public static SqlDialect Of(TablesSettings settings)
    {
        var kind = settings.Dialect ?? settings.Provider switch
        {
            "Npgsql" => SqlKind.Postgres,
            "Microsoft.Data.SqlClient" or "System.Data.SqlClient" => SqlKind.SqlServer,
            "Microsoft.Data.Sqlite" or "System.Data.SQLite" => SqlKind.Sqlite,
            "MySqlConnector" or "MySql.Data.MySqlClient" => SqlKind.MySql,
            _ => SqlKind.Standard,
        };
        SqlDialect dialect = kind switch
        {
            SqlKind.Postgres => new PostgresDialect(),
            SqlKind.SqlServer => new SqlServerDialect(),
            SqlKind.Sqlite => new SqliteDialect(),
            SqlKind.MySql => new MySqlDialect(),
            _ => new StandardDialect(),
        };
        if (settings.Provider is "System.Data.Odbc" or "System.Data.OleDb") dialect._marker = "?";
        else if (settings.Provider.StartsWith("Oracle", StringComparison.Ordinal)) dialect._marker = ":p{0}";
        return dialect;
    }

    /// <summary>The schema of a table that is named without one.</summary>
    public virtual string DefaultSchema => "";

    /// <summary>Where change tables are made; null where there are no schemas.</summary>
    public virtual string? ChangeSchema => "cdcsync";

    /// <summary>The change table's column that <see cref="Window"/> goes by; null for none.</summary>
    public virtual string? TransactionColumn => null;

    /// <summary>Whether <see cref="TransactionColumn"/> is a number to show as the transaction's id.</summary>
    public virtual bool HasTransactionIds => false;

    /// <summary>An isolation level in which all queries of a transaction see one moment.</summary>
    public virtual IsolationLevel OneMoment => IsolationLevel.Serializable;

    public virtual string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A table's name taken apart and quoted.</summary>
    public string QuoteTable(string name) => string.Join('.', name.Split('.', 2).Where(p => p.Length > 0).Select(Quote));

    /// <summary>The name of the n-th parameter in SQL.</summary>
    public string Marker(int number) => string.Format(CultureInfo.InvariantCulture, _marker, number);

    /// <summary>A select of at most so many rows.</summary>
    public virtual string Select(string columns, string from, string where, string order, int rows) =>
        $"select {columns} from {from}{Where(where)} order by {order} limit {rows}";

    protected static string Where(string condition) => condition.Length == 0 ? "" : $" where {condition}";

    /// <summary>A condition that is true: not every database has the word.</summary>
    public virtual string True => "true";

    /// <summary>The type of text of any length that a value is cast to.</summary>
    public virtual string TextType => "varchar(4000)";

    /// <summary>Whether there can be a select without a table, to ask for all tables at once what is new.</summary>
    public virtual bool CanAskAll => true;

    /// <summary>Asks the source where it stands; null where its own clock and transactions cannot be asked.</summary>
    public virtual string? MomentSql => null;

    /// <summary>Which rows of a change table (or, by rowversion, of a table) became visible after one moment and up to another; null where the database cannot tell.</summary>
    /// <exception cref="SourceException">The moments are not of one history: the database was restored.</exception>
    public virtual string? Window(string column, Moment from, Moment to) => null;

    /// <summary>Change rows whose transactions had all ended, and were seen, at a moment: never more than <see cref="Window"/> has shown. Null where that is not known.</summary>
    public virtual string? Seen(string column, Moment at) => null;

    /// <summary>Whether all transactions that were open at a moment have ended at a later one; null where the database cannot tell.</summary>
    public virtual bool? HaveEnded(Moment then, Moment now) => null;

    /// <summary>Deletes at most so many rows that a condition holds for.</summary>
    public virtual string Delete(string table, string id, string condition, int rows) =>
        $"delete from {table} where {id} in (select {id} from {table} where {condition} order by {id} limit {rows})";

    /// <summary>What a column of a result holds, and how it is better selected; null when nothing reads it.</summary>
    public virtual (PlainType Type, string? Cast)? TypeOf(DbColumn column) => Plain(column) is { } type ? (type, null) : null;

    /// <summary>Readies a parameter for a provider that would guess its type wrong.</summary>
    public virtual void Bind(DbParameter parameter, object value) => parameter.Value = value;

    /// <summary>What the CLR type of a column says.</summary>
    protected static PlainType? Plain(DbColumn column)
    {
        var (type, name) = (column.DataType, column.DataTypeName?.ToLowerInvariant() ?? "");
        if (type == typeof(bool)) return new(PlainKind.Boolean);
        if (type == typeof(byte) || type == typeof(sbyte) || type == typeof(short)) return new(PlainKind.Int16);
        if (type == typeof(ushort) || type == typeof(int)) return new(PlainKind.Int32);
        if (type == typeof(uint) || type == typeof(long)) return new(PlainKind.Int64);
        if (type == typeof(ulong)) return new(PlainKind.Decimal, 20, 0);
        if (type == typeof(float)) return new(PlainKind.Single);
        if (type == typeof(double)) return new(PlainKind.Double);
        if (type == typeof(decimal))
            return column is { NumericPrecision: > 0 and <= 38 and var precision, NumericScale: >= 0 and var scale } && scale <= precision ? new(PlainKind.Decimal, precision, scale) : new(PlainKind.AnyDecimal);
        if (type == typeof(string) || type == typeof(char)) return new(name is "json" or "jsonb" ? PlainKind.Json : PlainKind.Text);
        if (type == typeof(Guid)) return new(PlainKind.Uuid);
        if (type == typeof(byte[])) return new(PlainKind.Bytes);
        if (type == typeof(DateOnly) || type == typeof(DateTime) && name == "date") return new(PlainKind.Date);
        if (type == typeof(DateTimeOffset)) return new(PlainKind.ZonedTimestamp);
        if (type == typeof(DateTime)) return new(name is "timestamptz" or "timestamp with time zone" ? PlainKind.ZonedTimestamp : PlainKind.Timestamp);
        return type == typeof(TimeOnly) || type == typeof(TimeSpan) ? new(PlainKind.Time) : null;
    }
}

/// <summary>SQLite: one writer at a time, so nothing commits late.</summary>
sealed class SqliteDialect : SqlDialect
{
    public override string DefaultSchema => "main";
    public override string TextType => "text";
    public override string? ChangeSchema => null;
    public override bool? HaveEnded(Moment then, Moment now) => true;
}

/// <summary>MySQL and MariaDB.</summary>
sealed class MySqlDialect : SqlDialect
{
    public override string? ChangeSchema => null;
    public override string TextType => "char";
    public override IsolationLevel OneMoment => IsolationLevel.RepeatableRead;
    public override string Quote(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    // No LIMIT inside IN, and no reading of the table that is deleted from.
    public override string Delete(string table, string id, string condition, int rows) => $"delete from {table} where {condition} order by {id} limit {rows}";
}

/// <summary>What the SQL standard says, and most databases understand.</summary>
sealed class StandardDialect : SqlDialect
{
    public override string? ChangeSchema => null;
    public override string True => "1 = 1";
    public override bool CanAskAll => false;

    public override string Select(string columns, string from, string where, string order, int rows) =>
        $"select {columns} from {from}{Where(where)} order by {order} fetch first {rows} rows only";

    public override string Delete(string table, string id, string condition, int rows) =>
        $"delete from {table} where {id} in (select {id} from {table} where {condition} order by {id} fetch first {rows} rows only)";
}
