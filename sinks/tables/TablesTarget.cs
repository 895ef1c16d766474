using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;
using CdcSync.Sinks.Delivery;
using Npgsql;
using NpgsqlTypes;

namespace CdcSync.Sinks.Tables;

/// <summary><c>kind: tables</c>.</summary>
public sealed class TablesTargetType : ITargetType
{
    /// <inheritdoc/>
    public string Kind => "tables";

    /// <inheritdoc/>
    public Type SettingsType => typeof(TablesSettings);

    /// <inheritdoc/>
    public ITarget Open(string name, object settings, TimeProvider clock) => new TablesTarget(name, (TablesSettings)settings);
}

/// <summary>Tables in a PostgreSQL database, one an object, each row with its version: the upsert itself refuses to go back.</summary>
public sealed class TablesTarget(string name, TablesSettings settings) : ITarget
{
    readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(settings.Connection);
    readonly ConcurrentDictionary<CanonicalKind, ObjectTable> _tables = new();
    readonly ConcurrentDictionary<CanonicalKind, bool> _made = new();
    readonly SemaphoreSlim _making = new(1, 1);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public TargetLimits LimitsOf(CanonicalKind kind) => new(settings.MaxBatch, settings.MaxConcurrency);

    /// <inheritdoc/>
    public string? KeyOf(CanonicalKind kind, CanonicalKey key, CanonicalObject? value) => TargetKeys.Join([key.Source, key.Id]);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Outcome>> DeliverAsync(CanonicalKind kind, IReadOnlyList<Parcel> batch, CancellationToken stop)
    {
        Outcome outcome;
        try
        {
            await MakeAsync(kind, stop);
            if (batch[0].Object is null) await DeleteAsync(TableOf(kind), batch, stop);
            else await UpsertAsync(TableOf(kind), batch, stop);
            outcome = Outcome.Done;
        }
        catch (PostgresException refused)
        {
            outcome = PostgresMeaning.Of(name, refused);
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException)
        {
            outcome = new Outcome(OutcomeClass.Retry, $"{name} cannot be reached: {failed.Message}");
        }
        return [.. batch.Select(_ => outcome)];
    }

    /// <inheritdoc/>
    public Task<LookUp> FindAsync(CanonicalKind kind, Parcel parcel, CancellationToken stop) => Task.FromResult(new LookUp(null));

    /// <inheritdoc/>
    public ComparedRow? Project(CanonicalKind kind, CanonicalObject value)
    {
        var fields = CanonicalFields.Of(value);
        return new ComparedRow(KeyOf(kind, value.Key, value)!, TableOf(kind).Fields.ToDictionary(f => f, f => CanonicalFields.Text(CanonicalFields.At(fields, f))), value.Key);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ComparedRow> ReadAsync(CanonicalKind kind, IReadOnlyCollection<string>? keys, [EnumeratorCancellation] CancellationToken stop)
    {
        await MakeAsync(kind, stop);
        var table = TableOf(kind);
        await using var command = _database.CreateCommand(table.Read);
        command.Parameters.Add(new() { Value = (object?)keys?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            var values = new Dictionary<string, string?>(table.Fields.Count);
            for (var i = 0; i < table.Fields.Count; i++) values[table.Fields[i]] = Text(row, i + 1, table.IsNested(table.Fields[i]));
            yield return new ComparedRow(row.GetString(0), values);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _making.Dispose();
        await _database.DisposeAsync();
    }

    static string? Text(NpgsqlDataReader row, int column, bool nested)
    {
        if (row.IsDBNull(column)) return null;
        if (!nested) return row.GetFieldType(column) == typeof(DateTime) && row.GetDataTypeName(column) == "date" ? CanonicalText.Of(row.GetFieldValue<DateOnly>(column)) : CanonicalText.Of(row.GetValue(column));
        using var json = JsonDocument.Parse(row.GetString(column));
        return CanonicalFields.Text(json.RootElement);
    }

    ObjectTable TableOf(CanonicalKind kind) => _tables.GetOrAdd(kind, k => new ObjectTable(k, settings));

    async Task MakeAsync(CanonicalKind kind, CancellationToken stop)
    {
        if (!settings.Create || _made.ContainsKey(kind)) return;
        await _making.WaitAsync(stop);
        try
        {
            if (_made.ContainsKey(kind)) return;
            await using var command = _database.CreateCommand(TableOf(kind).Create);
            await command.ExecuteNonQueryAsync(stop);
            _made[kind] = true;
        }
        finally
        {
            _making.Release();
        }
    }

    async Task UpsertAsync(ObjectTable table, IReadOnlyList<Parcel> batch, CancellationToken stop)
    {
        var rows = new JsonArray();
        foreach (var parcel in batch)
        {
            var row = JsonObject.Create(CanonicalFields.Of(parcel.Object!))!;
            row["_version"] = Convert.ToHexStringLower(Versions.ToBytes(parcel.Version));
            row["_committed_at"] = parcel.Object!.CommittedAt;
            rows.Add(row);
        }
        await using var command = _database.CreateCommand(table.Upsert);
        command.Parameters.Add(new() { Value = rows.ToJsonString(), NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = batch.All(p => p.Forced) });
        await command.ExecuteNonQueryAsync(stop);
    }

    async Task DeleteAsync(ObjectTable table, IReadOnlyList<Parcel> batch, CancellationToken stop)
    {
        var keys = batch.Select(p => TargetKeys.Split(p.TargetKey)).ToList();
        // A repair without an origin knows the key alone.
        var unknown = batch.All(p => p.Forced);
        await using var command = _database.CreateCommand(unknown ? table.DeleteUnknown : table.Delete);
        if (unknown) command.Parameters.Add(new() { Value = batch.Select(p => p.TargetKey).ToArray() });
        else
        {
            command.Parameters.Add(new() { Value = keys.Select(k => k[0]).ToArray() });
            command.Parameters.Add(new() { Value = keys.Select(k => k[1]).ToArray() });
            command.Parameters.Add(new() { Value = batch.Select(p => Versions.ToBytes(p.Version)).ToArray() });
        }
        await command.ExecuteNonQueryAsync(stop);
    }
}

/// <summary>What the target database's errors mean.</summary>
internal static class PostgresMeaning
{
    public static Outcome Of(string name, PostgresException error) => error switch
    {
        { IsTransient: true } => new(OutcomeClass.Retry, $"{name}: {error.MessageText}"),
        // Class 22 bad data, 23 broken constraint: this row, not this server.
        { SqlState: ['2', '2' or '3', ..] } => new(OutcomeClass.Refused, $"{error.SqlState}: {error.MessageText}", Redaction.Of(error.Detail, [])) { OfWholeCall = true },
        { SqlState: ['2', '8', ..] or ['4', '2', ..] or ['3', 'D' or 'F', ..] } => new(OutcomeClass.Stop, $"{name} refuses us: {error.SqlState} {error.MessageText}; check the connection, the role's rights and the tables"),
        _ => new(OutcomeClass.Retry, $"{name}: {error.SqlState} {error.MessageText}"),
    };
}
