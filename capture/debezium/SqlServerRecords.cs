using System.Collections.Concurrent;
using CdcSync.Capture.SqlServer;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Debezium;

/// <summary>Changes of a SQL Server source to the records that Debezium would publish. Each database has a stream of its own, with its own transactions.</summary>
sealed class SqlServerRecords
{
    readonly SqlServerSettings _settings;
    readonly ILogger _log;
    readonly TimeProvider _clock;
    readonly TableRecords _tables;
    readonly SideRecords _beside;
    readonly SqlServerSchemaChanges _structures;
    readonly Dictionary<string, ChangeRecords> _databases = new(StringComparer.OrdinalIgnoreCase);
    readonly ConcurrentDictionary<string, PassedOver> _passedOver = new(StringComparer.OrdinalIgnoreCase);
    readonly ConcurrentDictionary<SqlServerTable, bool> _altered = new(ReferenceEqualityComparer.Instance);

    public SqlServerRecords(SqlServerSettings settings, ISchemaRegistry registry, ILogger log, TimeProvider clock)
    {
        (_settings, _log, _clock) = (settings, log, clock);
        _tables = new TableRecords(settings, settings.Records, new SqlServerForm(settings), registry, log);
        _beside = new SideRecords(_tables, settings.HeartbeatTopic, settings.NotificationTopic);
        _structures = new SqlServerSchemaChanges(_tables);
    }

    /// <summary>The table is read from another capture instance from now on: its structure is published with its first record.</summary>
    public void Altered(SqlServerTable table) => _altered[table] = true;

    /// <summary>A change was published before a restart inside its transaction. Called before anything after it is handed on.</summary>
    public void PassOver(MergedChange change)
    {
        var passedOver = PassedOverOf(change.Table.Database);
        if (!change.IsKeyChange) passedOver.Add(change.Place, change.Table, change.Operation, isPair: false, change.Before, change.After);
        else
        {
            passedOver.Add(change.DeletePlace, change.Table, Operation.Delete, isPair: true, change.Before, []);
            passedOver.Add(change.Place, change.Table, Operation.Create, isPair: true, [], change.After);
        }
    }

    /// <summary>Reading begins again at what is durable.</summary>
    public void Forget()
    {
        foreach (var passedOver in _passedOver.Values) passedOver.Clear();
    }

    PassedOver PassedOverOf(string database) => _passedOver.GetOrAdd(database, _ => new PassedOver(_tables));

    public async ValueTask WriteAsync(ChangeBatch batch, LogBatch output, CancellationToken stop)
    {
        await _beside.WriteAsync(batch, _clock, output, stop);
        if (batch.Count > 0) await ChangesOf(((SqlServerTable)batch[0].Table).Database).WriteAsync(batch, _clock, output, stop);
    }

    ChangeRecords ChangesOf(string database) =>
        _databases.TryGetValue(database, out var known) ? known : _databases[database] = new ChangeRecords(_tables, PassedOverOf(database), _log) { TableAsync = TableAsync };

    async ValueTask TableAsync(Change first, LogBatch output, CancellationToken stop)
    {
        var table = (SqlServerTable)first.Table;
        var isAltered = _altered.TryRemove(table, out _);
        if (_settings.SchemaChanges && (isAltered || first.Operation == Operation.Read)) await _structures.WriteAsync(table, isAltered, first, _clock.GetUtcNow().ToUnixTimeMilliseconds(), output, stop);
    }
}
