using System.Text;
using CdcSync.Capture.Access;
using static CdcSync.Capture.SqlServer.Statements;

namespace CdcSync.Capture.Tables;

/// <summary>
/// Change tables of SQL Server: one a table, filled by a trigger that joins the statement's old and new rows by the key. A key that changes is a delete and an insert. The
/// statements stand in exec(N'...') where T-SQL wants them alone in a batch.
/// </summary>
sealed class SqlServerChangeTables : IChangeTableWriter
{
    // Alone, T-SQL's begin opens a block.
    const string Begin = "begin transaction";

    readonly List<AccessStep> _steps = [];
    readonly List<string> _notes = [];
    readonly SqlServerDialect _dialect = new();

    sealed record Found(string Name, string Type, bool IsKey, bool InTriggers);

    public async Task<AccessScript> EnableAsync(TablesSettings settings, string role, SourceConnection connection, CancellationToken stop)
    {
        if (await connection.ScalarAsync($"select 1 from sys.database_principals where name = {Text(role)}", stop) is null)
            Step("the user that reads", $"create user {Quote(role)} for login {Quote(role)}");
        foreach (var watched in settings.Tables)
        {
            var (schema, name) = PlainCatalog.FullName(_dialect, watched);
            var table = $"{Quote(schema)}.{Quote(name)}";
            var columns = await ColumnsAsync(connection, watched, table, stop);
            if (columns.Count == 0) _notes.Add($"There is no table {schema}.{name}, or this user may not see it");
            else if (watched.Changes == ChangeReading.ChangeTable) await ChangeTableAsync(settings, watched, table, columns, role, connection, stop);
            Step("for the user that reads", $"grant select on {table} to {Quote(role)}");
        }
        // min_active_rowversion() and sys.columns need no right beyond connecting.
        return new AccessScript(_steps, _notes) { Begin = Begin };
    }

    async Task ChangeTableAsync(TablesSettings settings, WatchedTable watched, string table, IReadOnlyList<Found> found, string role, SourceConnection connection, CancellationToken stop)
    {
        var (layout, full) = (watched.ChangeTable, ChangeRows.NameOf(_dialect, watched));
        var changes = _dialect.QuoteTable(full);
        var schema = full.Split('.', 2)[0];
        if (!found.Any(c => c.IsKey))
        {
            _notes.Add($"{table} has no primary key: name one with 'key', by which the trigger joins old and new rows");
            return;
        }
        foreach (var column in found.Where(c => !c.InTriggers)) _notes.Add($"{table}.{column.Name} is left out: triggers do not see {column.Type}; make it varchar(max), nvarchar(max) or varbinary(max)");
        var columns = found.Where(c => c.InTriggers).ToList();
        if (await connection.ScalarAsync($"select schema_id({Text(schema)})", stop) is null && _steps.TrueForAll(s => !s.Sql.Contains("create schema", StringComparison.Ordinal)))
            Step("a schema of our own", Alone($"create schema {Quote(schema)}"));
        if (await connection.ScalarAsync($"select object_id({Text(changes)}, 'U')", stop) is null) Create(layout, changes, table, columns);
        else await WidenAsync(connection, layout, changes, columns, stop);
        Step($"each change of {table} leaves a row", Alone(TriggerSql(layout, table, changes, columns)));
        var trigger = TriggerName(table);
        foreach (var operation in (string[])["INSERT", "UPDATE", "DELETE"])
            Step("before other triggers, which may change the same rows again", $"exec sp_settriggerorder @triggername = {Text(trigger)}, @order = 'First', @stmttype = '{operation}'");
        Step("for the user that reads", $"grant select{(settings.CleanUp ? ", delete" : "")} on {changes} to {Quote(role)}");
        _notes.Add($"truncate table {table} fires no trigger: reconcile afterwards");
    }

    void Create(ChangeTableLayout layout, string changes, string table, IReadOnlyList<Found> columns)
    {
        var text = new StringBuilder($"""
            create table {changes} (
              {Quote(layout.Id)} bigint identity not null primary key,
              {Quote(RowversionOf(layout))} rowversion not null,
              {Quote(layout.Operation)} char(1) not null,
              {Quote(layout.At)} datetime2(6) not null default sysutcdatetime()
            """);
        foreach (var column in columns)
            text.Append($",\n  {Quote(layout.OldPrefix + column.Name)} {column.Type} null, {Quote(layout.NewPrefix + column.Name)} {column.Type} null");
        Step($"the changes of {table}: old and new row", text.Append("\n)").ToString());
        Step("its rows in the order of commits", $"create unique index ix_rowversion on {changes} ({Quote(RowversionOf(layout))})");
    }

    async Task WidenAsync(SourceConnection connection, ChangeTableLayout layout, string changes, IReadOnlyList<Found> columns, CancellationToken stop)
    {
        foreach (var column in columns)
            foreach (var prefix in (string[])[layout.OldPrefix, layout.NewPrefix])
                if (await connection.ScalarAsync($"select col_length({Text(changes)}, {Text(prefix + column.Name)})", stop) is null)
                    Step($"a column that {column.Name} needs", $"alter table {changes} add {Quote(prefix + column.Name)} {column.Type} null");
    }

    static string TriggerSql(ChangeTableLayout layout, string table, string changes, IReadOnlyList<Found> columns)
    {
        var key = columns.Where(c => c.IsKey).ToList();
        var names = string.Join(", ", columns.SelectMany(c => (string[])[Quote(layout.OldPrefix + c.Name), Quote(layout.NewPrefix + c.Name)]));
        var values = string.Join(", ", columns.SelectMany(c => (string[])[$"o.{Quote(c.Name)}", $"n.{Quote(c.Name)}"]));
        return $"""
            create or alter trigger {TriggerName(table)} on {table} after insert, update, delete as
            begin
              if @@rowcount = 0 return;
              set nocount on;
              insert into {changes} ({Quote(layout.Operation)}, {names})
              select case when o.{Quote(key[0].Name)} is null then 'c' when n.{Quote(key[0].Name)} is null then 'd' else 'u' end, {values}
              from deleted o full outer join inserted n on {string.Join(" and ", key.Select(k => $"n.{Quote(k.Name)} = o.{Quote(k.Name)}"))};
            end
            """;
    }

    public async Task<AccessScript> DisableAsync(TablesSettings settings, string role, SourceConnection connection, CancellationToken stop)
    {
        foreach (var watched in settings.Tables.Where(t => t.Changes == ChangeReading.ChangeTable))
        {
            var (schema, name) = PlainCatalog.FullName(_dialect, watched);
            var (table, changes) = ($"{Quote(schema)}.{Quote(name)}", _dialect.QuoteTable(ChangeRows.NameOf(_dialect, watched)));
            if (await connection.ScalarAsync($"select object_id({Text(TriggerName(table))}, 'TR')", stop) is not null) Step($"{table} is written as before", $"drop trigger {TriggerName(table)}");
            if (await connection.ScalarAsync($"select object_id({Text(changes)}, 'U')", stop) is not null) Step("the changes, also those not read yet", $"drop table {changes}");
            Step("a right that is not needed any more", $"revoke select on {table} from {Quote(role)}");
        }
        return new AccessScript(_steps, [$"The schema cdcsync and the user {role} stay: something else may use them"]) { Begin = Begin };
    }

    // A rowversion column of the table itself is copied as what it is: eight bytes.
    static async Task<IReadOnlyList<Found>> ColumnsAsync(SourceConnection connection, WatchedTable watched, string table, CancellationToken stop)
    {
        var found = new List<Found>();
        await using var command = connection.Command($"""
            select c.name, t.name, c.max_length, c.precision, c.scale,
                   case when exists (select 1 from sys.indexes i join sys.index_columns k on k.object_id = i.object_id and k.index_id = i.index_id
                                     where i.object_id = c.object_id and i.is_primary_key = 1 and k.column_id = c.column_id) then 1 else 0 end
            from sys.columns c join sys.types t on t.user_type_id = c.system_type_id where c.object_id = object_id({Text(table)}) order by c.column_id
            """);
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            var (name, type) = (rows.GetString(0), rows.GetString(1));
            var isKey = watched.Key.Count > 0 ? watched.Key.Contains(name) : rows.GetInt32(5) == 1;
            found.Add(new(name, TypeText(type, rows.GetInt16(2), rows.GetByte(3), rows.GetByte(4)), isKey, type is not ("text" or "ntext" or "image")));
        }
        return found;
    }

    static string TypeText(string type, short length, byte precision, byte scale) => type switch
    {
        "timestamp" or "rowversion" => "binary(8)",
        "nvarchar" or "nchar" => length < 0 ? $"{type}(max)" : $"{type}({length / 2})",
        "varchar" or "char" or "varbinary" or "binary" => length < 0 ? $"{type}(max)" : $"{type}({length})",
        "decimal" or "numeric" => $"{type}({precision}, {scale})",
        "datetime2" or "datetimeoffset" or "time" => $"{type}({scale})",
        _ => type,
    };

    string RowversionOf(ChangeTableLayout layout) => layout.Transaction is { Length: > 0 } named ? named : _dialect.TransactionColumn!;

    // In the table's schema, as a trigger must be.
    static string TriggerName(string table) => $"{table[..table.LastIndexOf("].[", StringComparison.Ordinal)]}].[cdcsync_{table[(table.LastIndexOf("].[", StringComparison.Ordinal) + 3)..]}";

    static string Alone(string sql) => $"exec({Text(sql)})";

    void Step(string why, string sql) => _steps.Add(new AccessStep(why, sql));
}
