using System.Buffers;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;

namespace CdcSync.Capture.Debezium;

/// <summary>The topic of table structures: one record when a table is first published, one when it is read from another capture instance.</summary>
sealed class SqlServerSchemaChanges(SqlServerSettings settings, ISchemaRegistry registry)
{
    (byte[] Key, byte[] Value)? _frames;

    public async Task WriteAsync(SqlServerTable table, bool isAltered, Change cause, long nowMs, LogBatch output, CancellationToken stop)
    {
        var topic = AvroNames.Topic(settings.Prefix);
        _frames ??= (SqlServerRecords.Frame(await registry.RegisterAsync($"{topic}-key", new RegisteredSchema(SqlServerSchemas.SchemaChangeKey), stop)),
            SqlServerRecords.Frame(await registry.RegisterAsync($"{topic}-value", new RegisteredSchema(SqlServerSchemas.SchemaChange), stop)));
        output.Begin(topic, nowMs);
        output.Write(_frames.Value.Key);
        output.WriteString(table.Database);
        output.BeginValue();
        output.Write(_frames.Value.Value);
        SqlServerRecords.WriteSource(settings, table, cause, cause.Operation == Operation.Read ? "true" : "false", output);
        output.WriteLong(nowMs);
        Text(output, table.Database);
        Text(output, table.Schema);
        Text(output, null);             // ddl: SQL Server does not tell it
        output.WriteLong(1);            // one change
        output.WriteString(isAltered ? "ALTER" : "CREATE");
        output.WriteString($"\"{table.Database}\".\"{table.Schema}\".\"{table.Name}\"");
        output.WriteLong(1);
        WriteTable(table, output);
        output.WriteLong(0);
        output.End();
    }

    static void WriteTable(SqlServerTable table, LogBatch output)
    {
        Text(output, null);
        output.WriteLong(1);
        if (table.Key.Count > 0) output.WriteLong(table.Key.Count);
        foreach (var key in table.Key) output.WriteString(table.SqlColumns[key].Name);
        output.WriteLong(0);
        if (table.SqlColumns.Count > 0) output.WriteLong(table.SqlColumns.Count);
        foreach (var (at, column) in table.SqlColumns.Index()) WriteColumn(column, at + 1, output);
        output.WriteLong(0);
        Text(output, null);
    }

    static void WriteColumn(SqlServerColumn column, int position, LogBatch output)
    {
        var (jdbc, length, scale) = Jdbc(column.Type);
        output.WriteString(column.Name);
        output.WriteLong(jdbc);
        Number(output, null);
        output.WriteString(column.Type.BaseName);
        Text(output, column.Type.BaseName);
        Text(output, null);
        Number(output, length);
        Number(output, scale);
        output.WriteLong(position);
        Flag(output, column.Nullable);
        Flag(output, column.IsIdentity);
        Flag(output, false);
        Text(output, null);
        Text(output, column.Default);
        output.WriteLong(0);
    }

    // java.sql.Types and microsoft.sql.Types, with the column size that the JDBC driver reports.
    static (int Jdbc, int? Length, int? Scale) Jdbc(SqlServerType type) => type.BaseName switch
    {
        "bit" => (-7, 1, null),
        "tinyint" => (-6, 3, 0),
        "smallint" => (5, 5, 0),
        "int" => (4, 10, 0),
        "bigint" => (-5, 19, 0),
        "real" => (7, 24, null),
        "float" => (8, 53, null),
        "decimal" => (3, type.Precision, type.Scale),
        "numeric" => (2, type.Precision, type.Scale),
        "money" or "smallmoney" => (3, type.Precision, 4),
        "date" => (91, 10, 0),
        "time" => (92, type.Scale == 0 ? 8 : 9 + type.Scale, type.Scale),
        "datetime" => (93, 23, 3),
        "smalldatetime" => (93, 16, 0),
        "datetime2" => (93, type.Scale == 0 ? 19 : 20 + type.Scale, type.Scale),
        "datetimeoffset" => (-155, type.Scale == 0 ? 26 : 27 + type.Scale, type.Scale),
        "char" => (1, type.MaxLength, null),
        "varchar" => (12, type.MaxLength < 0 ? int.MaxValue : type.MaxLength, null),
        "nchar" => (-15, type.MaxLength / 2, null),
        "nvarchar" => (-9, type.MaxLength < 0 ? 1073741823 : type.MaxLength / 2, null),
        "text" => (-1, int.MaxValue, null),
        "ntext" or "xml" => (-16, 1073741823, null),
        "uniqueidentifier" => (1, 36, null),
        "binary" or "timestamp" => (-2, type.MaxLength, null),
        "image" => (-4, int.MaxValue, null),
        "geometry" => (-157, int.MaxValue, null),
        "geography" => (-158, int.MaxValue, null),
        "sql_variant" => (-156, 8000, null),
        _ => (-3, type.MaxLength < 0 ? int.MaxValue : type.MaxLength, null),
    };

    static void Text(LogBatch output, string? value)
    {
        output.WriteLong(value is null ? 0 : 1);
        if (value is not null) output.WriteString(value);
    }

    static void Number(LogBatch output, int? value)
    {
        output.WriteLong(value is null ? 0 : 1);
        if (value is { } number) output.WriteLong(number);
    }

    static void Flag(LogBatch output, bool value)
    {
        output.WriteLong(1);
        output.WriteBoolean(value);
    }
}
