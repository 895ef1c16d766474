using System.Text;
using CdcSync.Capture.Access;

namespace CdcSync.Capture.Tables;

/// <summary>Change tables of PostgreSQL: one a table, filled by a row trigger that runs as the change table's owner, so that applications need no right on it.</summary>
sealed class PostgresChangeTables : IChangeTableWriter
{
    // Triggers fire in the order of their names: ours first, before another one changes the same rows again.
    const string Trigger = "!cdcsync", TruncateTrigger = "!cdcsync_truncate";

    readonly List<AccessStep> _steps = [];
    readonly List<string> _notes = [];
    readonly PostgresDialect _dialect = new();

    sealed record Found(string Name, string Type);

    public async Task<AccessScript> EnableAsync(TablesSettings settings, string role, SourceConnection connection, CancellationToken stop)
    {
        // Types outside pg_catalog come with their schema.
        await connection.ScalarAsync("select set_config('search_path', 'pg_catalog', false)", stop);
        if (await connection.ScalarAsync($"select 1 from pg_roles where rolname = {Text(role)}", stop) is null)
        {
            Step($"the role that reads", $"create role {Quote(role)} login");
            _notes.Add($"Give the role {role} its password: \\password {role}");
        }
        foreach (var watched in settings.Tables) await EnableAsync(settings, watched, role, connection, stop);
        return new AccessScript(_steps, _notes);
    }

    async Task EnableAsync(TablesSettings settings, WatchedTable watched, string role, SourceConnection connection, CancellationToken stop)
    {
        var (schema, name) = PlainCatalog.FullName(_dialect, watched);
        var table = $"{Quote(schema)}.{Quote(name)}";
        var columns = await ColumnsAsync(connection, table, stop);
        if (columns.Count == 0)
        {
            _notes.Add($"There is no table {schema}.{name}, or this role may not see it");
            return;
        }
        if (watched.Changes == ChangeReading.ChangeTable) await ChangeTableAsync(settings, watched, table, columns, role, connection, stop);
        else if (await connection.ScalarAsync($"select 1 from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] where i.indrelid = {Text(table)}::regclass and a.attname = {Text(watched.Column!)}", stop) is null)
            Step($"find the changes of {schema}.{name} without reading all of it", $"create index concurrently on {table} ({Quote(watched.Column!)})", inTransaction: false);
        await GrantAsync(connection, "schema", Quote(schema), "usage", role, stop);
        await GrantAsync(connection, "table", table, "select", role, stop);
    }

    async Task ChangeTableAsync(TablesSettings settings, WatchedTable watched, string table, IReadOnlyList<Found> columns, string role, SourceConnection connection, CancellationToken stop)
    {
        var layout = watched.ChangeTable;
        var changes = _dialect.QuoteTable(ChangeRows.NameOf(_dialect, watched));
        var schema = changes[..changes.IndexOf('.', StringComparison.Ordinal)];
        var (kept, tooLong) = (columns.Where(c => Fits(layout, c)).ToList(), columns.Where(c => !Fits(layout, c)).ToList());
        foreach (var column in tooLong) _notes.Add($"{table}.{column.Name} is left out: with '{layout.OldPrefix}' before it the name would be longer than 63 bytes");
        if (await connection.ScalarAsync($"select 1 from pg_namespace where quote_ident(nspname) = {Text(schema)} or {Text(schema)} = '\"' || nspname || '\"'", stop) is null)
            Step("a schema of our own", $"create schema if not exists {schema}");
        var there = await ColumnsAsync(connection, changes, stop);
        if (there.Count == 0) Create(layout, changes, table, kept);
        else Widen(layout, changes, kept, there);
        var body = Body(layout, changes, kept);
        if ((string?)await connection.ScalarAsync($"select prosrc from pg_proc where oid = to_regprocedure({Text($"{changes}()")})", stop) != body)
        {
            Step($"what the triggers of {table} do", $"create or replace function {changes}() returns trigger language plpgsql security definer set search_path = pg_catalog as $cdcsync${body}$cdcsync$");
            Step("nobody calls it by hand", $"revoke execute on function {changes}() from public");
        }
        if (await connection.ScalarAsync($"select 1 from pg_trigger where tgrelid = {Text(table)}::regclass and tgname = {Text(Trigger)}", stop) is null)
            Step($"each change of {table} leaves a row", $"create trigger {Quote(Trigger)} after insert or update or delete on {table} for each row execute function {changes}()");
        if (await connection.ScalarAsync($"select 1 from pg_trigger where tgrelid = {Text(table)}::regclass and tgname = {Text(TruncateTrigger)}", stop) is null)
            Step($"and so does its truncation", $"create trigger {Quote(TruncateTrigger)} after truncate on {table} for each statement execute function {changes}()");
        await GrantAsync(connection, "schema", schema, "usage", role, stop);
        await GrantAsync(connection, "table", changes, "select", role, stop);
        if (settings.CleanUp) await GrantAsync(connection, "table", changes, "delete", role, stop);
    }

    void Create(ChangeTableLayout layout, string changes, string table, IReadOnlyList<Found> columns)
    {
        var text = new StringBuilder($"""
            create table {changes} (
              {Quote(layout.Id)} bigint generated always as identity primary key,
              {Quote(layout.Transaction is { Length: > 0 } named ? named : _dialect.TransactionColumn!)} xid8 not null default pg_current_xact_id(),
              {Quote(layout.Operation)} "char" not null,
              {Quote(layout.At)} timestamptz not null default clock_timestamp()
            """);
        foreach (var column in columns)
            text.Append($",\n  {Quote(layout.OldPrefix + column.Name)} {column.Type}, {Quote(layout.NewPrefix + column.Name)} {column.Type}");
        Step($"the changes of {table}: old and new row", text.Append("\n)").ToString());
        Step("its rows by transaction", $"create index on {changes} ({Quote(layout.Transaction is { Length: > 0 } given ? given : _dialect.TransactionColumn!)})");
    }

    void Widen(ChangeTableLayout layout, string changes, IReadOnlyList<Found> columns, IReadOnlyList<Found> there)
    {
        foreach (var column in columns)
        {
            var (before, now) = (there.FirstOrDefault(t => t.Name == layout.OldPrefix + column.Name), there.FirstOrDefault(t => t.Name == layout.NewPrefix + column.Name));
            if (now is null || before is null)
                Step($"a column that {column.Name} needs", $"alter table {changes} add column if not exists {Quote(layout.OldPrefix + column.Name)} {column.Type}, add column if not exists {Quote(layout.NewPrefix + column.Name)} {column.Type}");
            else if (now.Type != column.Type)
                Step($"{column.Name} has another type now", $"alter table {changes} alter column {Quote(layout.OldPrefix + column.Name)} type {column.Type}, alter column {Quote(layout.NewPrefix + column.Name)} type {column.Type}");
        }
    }

    string Body(ChangeTableLayout layout, string changes, IReadOnlyList<Found> columns)
    {
        string Names(string prefix) => string.Concat(columns.Select(c => $", {Quote(prefix + c.Name)}"));
        string Values(string row) => string.Concat(columns.Select(c => $", {row}.{Quote(c.Name)}"));
        var operation = Quote(layout.Operation);
        return $"""

            begin
              if tg_op = 'INSERT' then
                insert into {changes} ({operation}{Names(layout.NewPrefix)}) values ('c'{Values("new")});
              elsif tg_op = 'UPDATE' then
                insert into {changes} ({operation}{Names(layout.OldPrefix)}{Names(layout.NewPrefix)}) values ('u'{Values("old")}{Values("new")});
              elsif tg_op = 'DELETE' then
                insert into {changes} ({operation}{Names(layout.OldPrefix)}) values ('d'{Values("old")});
              else
                insert into {changes} ({operation}) values ('t');
              end if;
              return null;
            end

            """;
    }

    public async Task<AccessScript> DisableAsync(TablesSettings settings, string role, SourceConnection connection, CancellationToken stop)
    {
        await connection.ScalarAsync("select set_config('search_path', 'pg_catalog', false)", stop);
        foreach (var watched in settings.Tables)
        {
            var (schema, name) = PlainCatalog.FullName(_dialect, watched);
            var (table, changes) = ($"{Quote(schema)}.{Quote(name)}", _dialect.QuoteTable(ChangeRows.NameOf(_dialect, watched)));
            foreach (var trigger in watched.Changes == ChangeReading.ChangeTable ? (string[])[Trigger, TruncateTrigger] : [])
                if (await connection.ScalarAsync($"select 1 from pg_trigger where tgrelid = to_regclass({Text(table)}) and tgname = {Text(trigger)}", stop) is not null)
                    Step($"{table} is written as before", $"drop trigger {Quote(trigger)} on {table}");
            if (await connection.ScalarAsync($"select 1 from pg_proc where oid = to_regprocedure({Text($"{changes}()")})", stop) is not null) Step("what the triggers did", $"drop function {changes}()");
            if (await connection.ScalarAsync($"select to_regclass({Text(changes)})::text", stop) is not null) Step("the changes, also those not read yet", $"drop table {changes}");
            if (await connection.ScalarAsync($"select 1 from pg_class c, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee where c.oid = to_regclass({Text(table)}) and r.rolname = {Text(role)} and a.privilege_type = 'SELECT' and c.relowner <> r.oid", stop) is not null)
                Step("a right that is not needed any more", $"revoke select on {table} from {Quote(role)}");
        }
        if (_steps.Count > 0) _notes.Add($"The schema cdcsync and the role {role} stay: something else may use them. drop schema cdcsync; drop role {Quote(role)};");
        return new AccessScript(_steps, _notes);
    }

    async Task GrantAsync(SourceConnection connection, string kind, string what, string right, string role, CancellationToken stop)
    {
        var exists = await connection.ScalarAsync($"select 1 from pg_roles where rolname = {Text(role)}", stop) is not null
            && (kind == "schema" ? await connection.ScalarAsync($"select 1 from pg_namespace where '\"' || nspname || '\"' = {Text(what)}", stop) : await connection.ScalarAsync($"select to_regclass({Text(what)})::text", stop)) is not null;
        // A schema's name is looked up as it is, a table's as SQL.
        var name = kind == "schema" ? what[1..^1] : what;
        if (exists && await connection.ScalarAsync($"select has_{kind}_privilege({Text(role)}, {Text(name)}, {Text(right)})", stop) is true) return;
        var sql = $"grant {right} on {kind} {what} to {Quote(role)}";
        if (_steps.TrueForAll(s => s.Sql != sql)) Step("for the role that reads", sql);
    }

    static async Task<IReadOnlyList<Found>> ColumnsAsync(SourceConnection connection, string table, CancellationToken stop)
    {
        var found = new List<Found>();
        await using var command = connection.Command($"select attname::text, format_type(atttypid, atttypmod) from pg_attribute where attrelid = to_regclass({Text(table)}) and attnum > 0 and not attisdropped order by attnum");
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) found.Add(new(rows.GetString(0), rows.GetString(1)));
        return found;
    }

    static bool Fits(ChangeTableLayout layout, Found column) => Encoding.UTF8.GetByteCount(column.Name) + Math.Max(layout.OldPrefix.Length, layout.NewPrefix.Length) <= 63;

    void Step(string why, string sql, bool inTransaction = true) => _steps.Add(new AccessStep(why, sql, inTransaction));

    string Quote(string name) => _dialect.Quote(name);

    static string Text(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
