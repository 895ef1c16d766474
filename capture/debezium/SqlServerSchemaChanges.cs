using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>The topic of table structures: one record when a table is first published, one when it is read from another capture instance.</summary>
sealed class SqlServerSchemaChanges(TableRecords tables)
{
    const string Connector = "io.debezium.connector.sqlserver.", History = "io.debezium.connector.schema.";

    static readonly ConnectSchema Text = ConnectSchema.Of(ConnectKind.String), Number = ConnectSchema.Of(ConnectKind.Int32), Flag = ConnectSchema.Of(ConnectKind.Boolean);

    static readonly ConnectSchema Column = ConnectSchema.Struct(History + "Column", 1,
        new("name", Text), new("jdbcType", Number), new("nativeType", Number.AsOptional()), new("typeName", Text), new("typeExpression", Text.AsOptional()), new("charsetName", Text.AsOptional()),
        new("length", Number.AsOptional()), new("scale", Number.AsOptional()), new("position", Number), new("optional", Flag.AsOptional()), new("autoIncremented", Flag.AsOptional()),
        new("generated", Flag.AsOptional()), new("comment", Text.AsOptional()), new("defaultValueExpression", Text.AsOptional()), new("enumValues", Many(Text).AsOptional()));

    static readonly ConnectSchema Table = ConnectSchema.Struct(History + "Table", 1,
        new("defaultCharsetName", Text.AsOptional()), new("primaryKeyColumnNames", Many(Text).AsOptional()), new("columns", Many(Column)), new("comment", Text.AsOptional()));

    public static readonly ConnectSchema Key = ConnectSchema.Struct(Connector + "SchemaChangeKey", 1, new ConnectField("databaseName", Text));

    public static readonly ConnectSchema Value = ConnectSchema.Struct(Connector + "SchemaChangeValue", 1,
        new("source", SqlServerForm.SourceSchema), new("ts_ms", ConnectSchema.Of(ConnectKind.Int64)), new("databaseName", Text.AsOptional()), new("schemaName", Text.AsOptional()), new("ddl", Text.AsOptional()),
        new("tableChanges", Many(ConnectSchema.Struct(History + "Change", 1, new("type", Text), new("id", Text), new("table", Table.AsOptional())))));

    (string Topic, RecordPart Key, RecordPart Value)? _parts;

    static ConnectSchema Many(ConnectSchema items) => new(ConnectKind.Array) { Items = items };

    public async Task WriteAsync(SqlServerTable table, bool isAltered, Change cause, long nowMs, LogBatch output, CancellationToken stop)
    {
        var (topic, key, value) = _parts ??= await OpenAsync(stop);
        output.Begin(topic, nowMs);
        key.Open(output).WriteString(table.Database);
        key.Close(output);
        output.BeginValue();
        var open = value.Open(output);
        tables.Form.WriteSource(SourceNames.Of(topic, table.Database, table.Schema, table.Name), cause with { Mark = ReadMark.Row }, open);
        open.WriteLong(nowMs);
        Write(open, table.Database);
        Write(open, table.Schema);
        Write(open, default(string));      // ddl: SQL Server does not tell it
        open.WriteLong(1);                 // one change
        open.WriteString(isAltered ? "ALTER" : "CREATE");
        open.WriteString($"\"{table.Database}\".\"{table.Schema}\".\"{table.Name}\"");
        open.WriteLong(1);
        WriteTable(table, open);
        open.WriteLong(0);
        value.Close(output);
        output.End();
    }

    async Task<(string, RecordPart, RecordPart)> OpenAsync(CancellationToken stop)
    {
        var topic = tables.Routed(tables.Prefix);
        return (topic, await tables.PartAsync(topic, true, Key, stop), await tables.PartAsync(topic, false, Value, stop));
    }

    static void WriteTable(SqlServerTable table, LogBatch output)
    {
        Write(output, default(string));
        output.WriteLong(1);
        if (table.Key.Count > 0) output.WriteLong(table.Key.Count);
        foreach (var key in table.Key) output.WriteString(table.SqlColumns[key].Name);
        output.WriteLong(0);
        if (table.SqlColumns.Count > 0) output.WriteLong(table.SqlColumns.Count);
        foreach (var (at, column) in table.SqlColumns.Index()) WriteColumn(column, at + 1, output);
        output.WriteLong(0);
        Write(output, default(string));
    }

    static void WriteColumn(SqlServerColumn column, int position, LogBatch output)
    {
        var (jdbc, length, scale) = SqlServerJdbc.Of(column.Type);
        output.WriteString(column.Name);
        output.WriteLong(jdbc);
        Write(output, default(int?));
        output.WriteString(column.Type.BaseName);
        Write(output, column.Type.BaseName);
        Write(output, default(string));
        Write(output, length);
        Write(output, scale);
        output.WriteLong(position);
        Write(output, column.Nullable);
        Write(output, column.IsIdentity);
        Write(output, false);
        Write(output, default(string));
        Write(output, column.Default);
        output.WriteLong(0);
    }

    static void Write(LogBatch output, string? value)
    {
        output.WriteLong(value is null ? 0 : 1);
        if (value is not null) output.WriteString(value);
    }

    static void Write(LogBatch output, int? value)
    {
        output.WriteLong(value is null ? 0 : 1);
        if (value is { } number) output.WriteLong(number);
    }

    static void Write(LogBatch output, bool value)
    {
        output.WriteLong(1);
        output.WriteBoolean(value);
    }
}
