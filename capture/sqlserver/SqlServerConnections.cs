using System.Data;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>Connections to one database of a source, and statements on them.</summary>
sealed class SqlServerConnections(SqlServerSettings settings, string database)
{
    readonly string _text = new SqlConnectionStringBuilder(settings.Connection) { InitialCatalog = database, ApplicationName = "cdcsync", MaxPoolSize = 100 }.ConnectionString;

    public SqlServerSettings Settings => settings;

    public string Database => database;

    /// <summary>A connection; one whose session is set up for a snapshot is not to come back to the pool.</summary>
    public async Task<SqlConnection> OpenAsync(CancellationToken stop, bool pooled = true)
    {
        var connection = new SqlConnection(pooled ? _text : _text + ";Pooling=false");
        try
        {
            await connection.OpenAsync(stop);
            return connection;
        }
        catch (Exception failed)
        {
            await connection.DisposeAsync();
            if (failed is SqlException or InvalidOperationException && stop.IsCancellationRequested) throw new OperationCanceledException(stop);
            throw;
        }
    }

    /// <summary>Runs a statement; its rows are read as they come.</summary>
    public async Task<SqlDataReader> ReadAsync(SqlConnection connection, string text, CancellationToken stop, params SqlParameter[] parameters)
    {
        await using var command = Command(connection, text, parameters);
        return await ReadAsync(command, stop);
    }

    /// <summary>A statement; who keeps it can cancel it.</summary>
    public SqlCommand Command(SqlConnection connection, string text, params SqlParameter[] parameters)
    {
        var command = new SqlCommand(text, connection) { CommandTimeout = (int)settings.QueryTimeout.TotalSeconds };
        command.Parameters.AddRange(parameters);
        return command;
    }

    /// <summary>Runs a statement; its rows are read as they come.</summary>
    public static async Task<SqlDataReader> ReadAsync(SqlCommand command, CancellationToken stop)
    {
        try
        {
            return await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, stop);
        }
        catch (SqlException) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(stop);
        }
    }

    /// <summary>Runs a statement without result.</summary>
    public async Task ExecuteAsync(SqlConnection connection, string text, CancellationToken stop)
    {
        await using var command = new SqlCommand(text, connection) { CommandTimeout = (int)settings.QueryTimeout.TotalSeconds };
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Runs a statement on a connection of its own and reads all it says.</summary>
    public async Task<List<T>> ListAsync<T>(string statement, Func<SqlDataReader, T> row, CancellationToken stop, params SqlParameter[] parameters)
    {
        await using var connection = await OpenAsync(stop);
        await using var reader = await ReadAsync(connection, Statements.Of(statement), stop, parameters);
        return await ListAsync(reader, row, stop);
    }

    /// <summary>Reads the result that a reader stands on.</summary>
    public static async Task<List<T>> ListAsync<T>(SqlDataReader reader, Func<SqlDataReader, T> row, CancellationToken stop)
    {
        var all = new List<T>();
        while (await MoveAsync(reader, stop)) all.Add(row(reader));
        return all;
    }

    /// <summary>The next row; a cancelled read says so, and not that the operation failed.</summary>
    public static async ValueTask<bool> MoveAsync(SqlDataReader reader, CancellationToken stop)
    {
        try
        {
            return await reader.ReadAsync(stop);
        }
        catch (SqlException) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(stop);
        }
    }

    public static SqlParameter LsnParameter(string name, UInt128 lsn) => new(name, SqlDbType.Binary, 10) { Value = Lsn.Bytes(lsn) };

    public static SqlParameter BitParameter(string name, bool value) => new(name, SqlDbType.Bit) { Value = value };

    /// <summary>An LSN of a result; null for null.</summary>
    public static UInt128? LsnOf(SqlDataReader reader, int column) => reader.IsDBNull(column) ? null : Lsn.Of(reader.GetFieldValue<byte[]>(column));
}
