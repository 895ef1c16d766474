using System.Data;
using CdcSync.Servers.Tds;
using Microsoft.Data.SqlClient;
using Xunit;

namespace CdcSync.Servers.SqlServer;

/// <summary>
/// Databases with CDC for tests: of the model behind a real TDS server, or, with CDCSYNC_TEST_MSSQL (a connection string of a sysadmin), of a real SQL Server. The same
/// tests run on both; what only a model can be made to do (clean-up at a chosen place, a restore, a dropped connection) asks <see cref="ModelOrSkip"/>.
/// </summary>
public sealed class TestSqlServer : IAsyncDisposable
{
    readonly string? _real = Environment.GetEnvironmentVariable("CDCSYNC_TEST_MSSQL") is { Length: > 0 } given ? given : null;
    readonly List<string> _made = [];

    public TestSqlServer(bool encrypted = false) => Server = _real is null ? new TdsServer(Model, encrypted) : null;

    public SqlServerModel Model { get; } = new();

    public TdsServer? Server { get; }

    public bool IsReal => _real is not null;

    /// <summary>The model's side of a database; skips where a real server runs.</summary>
    public ModelDatabase ModelOrSkip(string database)
    {
        if (IsReal) Assert.Skip("only a model of SQL Server can be made to do this");
        return Model.Databases[database];
    }

    public async Task<string> NewDatabaseAsync()
    {
        var name = $"t{Guid.NewGuid():n}"[..16];
        _made.Add(name);
        if (!IsReal)
        {
            Model.Databases[name] = new ModelDatabase(name);
            return name;
        }
        await ExecuteAsync("master", $"create database [{name}]; alter database [{name}] set allow_snapshot_isolation on;");
        await ExecuteAsync(name, "exec sys.sp_cdc_enable_db; exec sys.sp_cdc_add_job 'capture'; exec sys.sp_cdc_change_job 'capture', @pollinginterval = 0;");
        return name;
    }

    public string Connection(string database) => IsReal ? new SqlConnectionStringBuilder(_real) { InitialCatalog = database }.ConnectionString : Server!.Connection(database);

    /// <summary>Makes a table from <see cref="TestColumn.Parse"/>d columns, and captures it.</summary>
    public async Task CreateAsync(string database, string table, string columns, bool captured = true)
    {
        var parsed = columns.Split(';', StringSplitOptions.TrimEntries).Select(TestColumn.Parse).ToList();
        if (!IsReal)
        {
            Model.Databases[database].Create(table, parsed);
        }
        else
        {
            var list = parsed.Select(c => c.Computed is { } expression ? $"[{c.Name}] as {expression}" : $"[{c.Name}] {c.Sql} {(c.Nullable ? "null" : "not null")}{(c.Default is null ? "" : $" default {c.Default}")}");
            var key = parsed.Where(c => c.Key > 0).OrderBy(c => c.Key).Select(c => $"[{c.Name}]").ToList();
            await ExecuteAsync(database, $"create table {table} ({string.Join(", ", list)}{(key.Count > 0 ? $", primary key ({string.Join(", ", key)})" : "")})");
        }
        if (captured) await CaptureAsync(database, table);
    }

    public async Task CaptureAsync(string database, string table, string? instance = null)
    {
        if (!IsReal) Model.Databases[database].EnableCdc(table, instance);
        else
            await ExecuteAsync(database, $"exec sys.sp_cdc_enable_table @source_schema = '{table.Split('.')[0]}', @source_name = '{table.Split('.')[1]}', @role_name = null, @supports_net_changes = 0"
                + (instance is null ? "" : $", @capture_instance = '{instance}'"));
    }

    public async Task AddColumnAsync(string database, string table, string column)
    {
        var parsed = TestColumn.Parse(column);
        if (!IsReal) Model.Databases[database].AddColumn(table, parsed);
        else await ExecuteAsync(database, $"alter table {table} add [{parsed.Name}] {parsed.Sql} null");
    }

    public static TestChange Insert(string table, params (string Column, object? Value)[] values) => new('i', table, new Dictionary<string, object?>(), Values(values));

    public static TestChange Update(string table, (string Column, object? Value) key, params (string Column, object? Value)[] values) => new('u', table, Values([key]), Values(values));

    public static TestChange Delete(string table, params (string Column, object? Value)[] key) => new('d', table, Values(key), new Dictionary<string, object?>());

    static Dictionary<string, object?> Values((string Column, object? Value)[] values) => values.ToDictionary(v => v.Column, v => v.Value);

    /// <summary>Runs changes as one transaction.</summary>
    public async Task CommitAsync(string database, params IReadOnlyList<TestChange> changes)
    {
        if (!IsReal)
        {
            Model.Databases[database].Commit(changes);
            return;
        }
        await using var connection = new SqlConnection(Connection(database));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = connection.BeginTransaction();
        foreach (var change in changes)
        {
            await using var command = new SqlCommand { Connection = connection, Transaction = transaction };
            string List(IReadOnlyDictionary<string, object?> values, string prefix, string between) => string.Join(between, values.Select((v, i) =>
            {
                command.Parameters.Add(new SqlParameter($"@{prefix}{i}", v.Value ?? DBNull.Value) { SqlDbType = v.Value is byte[] ? SqlDbType.VarBinary : v.Value is DateTime ? SqlDbType.DateTime2 : v.Value is null ? SqlDbType.NVarChar : new SqlParameter("", v.Value).SqlDbType });
                return $"[{v.Key}] = @{prefix}{i}";
            }));
            if (change.Kind == 'i')
            {
                List(change.Values, "v", "");
                command.CommandText = $"insert into {change.Table} ({string.Join(", ", change.Values.Keys.Select(k => $"[{k}]"))}) values ({string.Join(", ", change.Values.Select((_, i) => $"@v{i}"))})";
            }
            else if (change.Kind == 'u') command.CommandText = $"update {change.Table} set {List(change.Values, "v", ", ")} where {List(change.Key, "k", " and ")}";
            else command.CommandText = $"delete {change.Table} where {List(change.Key, "k", " and ")}";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
    }

    async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new SqlConnection(Connection(database));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new SqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        SqlConnection.ClearAllPools();
        if (Server is not null) await Server.DisposeAsync();
        else
            foreach (var database in _made) await ExecuteAsync("master", $"alter database [{database}] set single_user with rollback immediate; drop database [{database}];");
    }
}
