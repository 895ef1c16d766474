using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text;

namespace CdcSync.Capture.Tables;

/// <summary>SQL with its parameters, in the words of one database.</summary>
sealed class Statement(SqlDialect dialect)
{
    readonly StringBuilder _text = new();

    /// <summary>The values, in the order they stand in the text.</summary>
    public List<object> Values { get; } = [];

    /// <summary>A parameter with this value, to be put into the text here.</summary>
    public string Value(object value)
    {
        Values.Add(value);
        return dialect.Marker(Values.Count - 1);
    }

    public Statement Append(string text)
    {
        _text.Append(text);
        return this;
    }

    public override string ToString() => _text.ToString();
}

/// <summary>One open connection to a source, and the transaction its commands run in.</summary>
sealed class SourceConnection(DbConnection connection, SqlDialect dialect, TimeSpan timeout, TimeProvider clock) : IAsyncDisposable
{
    DbTransaction? _transaction;

    public SqlDialect Dialect => dialect;

    public DbConnection Connection => connection;

    public static async Task<SourceConnection> OpenAsync(TablesSettings settings, TimeProvider clock, CancellationToken stop)
    {
        var connection = Providers.Find(settings).CreateConnection() ?? throw new SourceException($"{settings.Name}: the provider {settings.Provider} makes no connections");
        try
        {
            connection.ConnectionString = settings.Connection;
            await connection.OpenAsync(stop);
            return new SourceConnection(connection, SqlDialect.Of(settings), settings.CommandTimeout, clock);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public DbCommand Command(string sql, IReadOnlyList<object>? values = null)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.CommandTimeout, command.Transaction) = (sql, (int)timeout.TotalSeconds, _transaction);
        for (var i = 0; i < values?.Count; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"p{i}");
            dialect.Bind(parameter, values[i]);
            command.Parameters.Add(parameter);
        }
        return command;
    }

    public DbCommand Command(Statement statement) => Command(statement.ToString(), statement.Values);

    public async Task<Moment> ObserveAsync(CancellationToken stop)
    {
        if (dialect.MomentSql is not { } sql) return new Moment((clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, "");
        await using var command = Command(sql);
        await using var row = await command.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return new Moment(row.GetInt64(0), row.GetString(1));
    }

    public async Task<object?> ScalarAsync(string sql, CancellationToken stop)
    {
        await using var command = Command(sql);
        return await command.ExecuteScalarAsync(stop) is { } value and not DBNull ? value : null;
    }

    public async Task<int> ExecuteAsync(Statement statement, CancellationToken stop)
    {
        await using var command = Command(statement);
        return await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>All queries see one moment until <see cref="EndAsync"/>.</summary>
    public async Task BeginAsync(CancellationToken stop) => _transaction = await connection.BeginTransactionAsync(dialect.OneMoment, stop);

    public async Task EndAsync()
    {
        if (_transaction is null) return;
        var ending = _transaction;
        _transaction = null;
        await ending.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await connection.DisposeAsync();
    }
}
