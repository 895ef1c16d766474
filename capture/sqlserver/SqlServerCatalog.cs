using System.IO.Enumeration;
using System.Text.RegularExpressions;
using CdcSync.Capture.Debezium;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>A row of cdc.change_tables.</summary>
readonly record struct InstanceRow(string Name, int ObjectId, int SourceId, UInt128 Start)
{
    public static InstanceRow Read(SqlDataReader row) => new(row.GetString(0), row.GetInt32(1), row.GetInt32(2), SqlServerConnections.LsnOf(row, 3)!.Value);
}

/// <summary>The capture instances of a database, with their columns; read again when the set changes.</summary>
sealed class SqlServerCatalog(SqlServerConnections connections)
{
    Dictionary<int, CaptureInstance> _instances = [];

    /// <summary>By change table.</summary>
    public IReadOnlyDictionary<int, CaptureInstance> Instances => _instances;

    /// <summary>Reads the columns again when an instance is new.</summary>
    public async Task KnowAsync(IEnumerable<InstanceRow> rows, CancellationToken stop)
    {
        if (rows.Any(r => !_instances.ContainsKey(r.ObjectId))) await LoadAsync(stop);
    }

    public async Task LoadAsync(CancellationToken stop)
    {
        var columns = await connections.ListAsync("columns", Read, stop);
        var known = _instances;
        _instances = columns.GroupBy(c => c.Instance).ToDictionary(g => g.Key, g => known.GetValueOrDefault(g.Key) ?? Make([.. g]));
    }

    CaptureInstance Make(IReadOnlyList<Row> rows)
    {
        var (first, settings) = (rows[0], connections.Settings);
        var columns = rows.Where(r => !r.IsComputed || settings.ComputedColumns)
            .Select(r => new SqlServerColumn(r.Name, r.Type, r.IsNullable, r.KeyOrdinal, r.Default, r.IsIdentity, r.Ordinal - 1)).ToList();
        return new CaptureInstance(first.InstanceName, first.Instance, TableOf(connections, first, columns));
    }

    /// <summary>A table that the settings may give another key.</summary>
    public static SqlServerTable TableOf(SqlServerConnections connections, Row any, IReadOnlyList<SqlServerColumn> columns)
    {
        var table = new SqlServerTable(connections.Database, any.Table, any.Schema, any.TableName, columns);
        return IsWanted(connections.Settings, table.FullName) && Patterns.Key(connections.Settings.Records, table) is { } key ? table with { RecordKey = key } : table;
    }

    /// <summary>Whether the settings ask for a table.</summary>
    public bool IsWanted(SqlServerTable table) => IsWanted(connections.Settings, table.FullName);

    /// <summary>Whether the settings ask for a table.</summary>
    public static bool IsWanted(SqlServerSettings settings, string fullName) =>
        fullName == settings.Signals.Table || settings.Tables.Any(p => Matches(p, fullName)) && !settings.ExceptTables.Any(p => Matches(p, fullName));

    static bool Matches(string given, string fullName) => given.StartsWith('~') ? Patterns.Whole(given[1..], fullName, RegexOptions.IgnoreCase) : FileSystemName.MatchesSimpleExpression(given, fullName);

    public sealed record Row(
        int Instance, string InstanceName, int Table, string Schema, string TableName, int Ordinal, string Name, SqlServerType Type, bool IsNullable, bool IsComputed, bool IsIdentity, string? Default, int KeyOrdinal);

    /// <summary>One row of columns.sql, in its order of columns: the result is read sequentially.</summary>
    public static Row Read(SqlDataReader row)
    {
        var (instance, name, table, schema, tableName) = (row.GetInt32(0), row.GetString(1), row.GetInt32(2), row.GetString(3), row.GetString(4));
        var (ordinal, column) = (row.GetInt32(5), row.GetString(6));
        var (baseType, clrType) = (Text(row, 7), Text(row, 8));
        var type = SqlServerType.Of(baseType, clrType, row.GetInt32(9), row.GetInt32(10), row.GetInt32(11));
        var (nullable, computed, identity) = (row.GetBoolean(12), row.GetBoolean(13), !row.IsDBNull(14) && row.GetBoolean(14));
        var fallback = Text(row, 15);
        return new Row(instance, name, table, schema, tableName, ordinal, column, type, nullable, computed, identity, fallback, row.IsDBNull(16) ? 0 : row.GetInt32(16));
    }

    static string? Text(SqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
