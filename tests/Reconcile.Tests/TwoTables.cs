using System.Runtime.CompilerServices;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using Npgsql;

namespace CdcSync.Reconcile.Tests;

/// <summary>A source table, a target table and a delivery between them, in one real database.</summary>
sealed class TwoTables(NpgsqlDataSource database) : IDeliveryTraces, IRepairs, IAsyncDisposable
{
    /// <summary>Traces that differ from "delivered, nothing waits".</summary>
    public Dictionary<string, DeliveryTrace?> Traces { get; } = [];

    /// <summary>What the target does with an amount it is given.</summary>
    public Func<decimal, decimal> Takes { get; set; } = amount => amount;

    /// <summary>Keys the target refuses.</summary>
    public HashSet<string> Refuses { get; } = [];
    public int Repaired { get; private set; }
    public NpgsqlDataSource Database => database;

    public static async Task<TwoTables> CreateAsync(string connection, int rows)
    {
        var tables = new TwoTables(NpgsqlDataSource.Create(connection));
        await tables.RunAsync($"""
            create table source(key text collate "C" primary key, name text, amount numeric);
            create table target(key text collate "C" primary key, name text, amount numeric);
            insert into source select 'K' || lpad(n::text, 7, '0'), 'name ' || n, n / 100.0 from generate_series(1, {rows}) n;
            insert into target select * from source;
            analyze
            """);
        return tables;
    }

    public Ends Ends => new(new Side(this, "source", "erp"), new Side(this, "target", "shop"), this, this, ObjectsAsync);

    public async Task RunAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public Task<IReadOnlyDictionary<CanonicalKey, DeliveryTrace>> TraceAsync(IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop)
    {
        var at = new SourcePosition(7, 0);
        var delivered = new DeliveryTrace(at, at, null, DateTimeOffset.UnixEpoch);
        return Task.FromResult<IReadOnlyDictionary<CanonicalKey, DeliveryTrace>>(keys
            .Select(k => (k, Trace: Traces.TryGetValue(k.Id, out var own) ? own : delivered)).Where(k => k.Trace is not null).ToDictionary(k => k.k, k => k.Trace!));
    }

    public async Task<IReadOnlyDictionary<string, string?>> RepairAsync(IReadOnlyList<(Repair Repair, CanonicalObject? Object)> wanted, CancellationToken stop)
    {
        var outcomes = new Dictionary<string, string?>();
        foreach (var (repair, value) in wanted)
        {
            Repaired++;
            outcomes[repair.TargetKey] = Refuses.Contains(repair.TargetKey) ? "422: the shop does not like it" : null;
            if (Refuses.Contains(repair.TargetKey)) continue;
            await using var command = database.CreateCommand(value is null ? "delete from target where key = $1"
                : "insert into target values ($1, $2, $3) on conflict (key) do update set name = excluded.name, amount = excluded.amount");
            command.Parameters.Add(new() { Value = repair.TargetKey });
            if (value is Item item)
            {
                command.Parameters.Add(new() { Value = item.Name });
                command.Parameters.Add(new() { Value = Takes(item.WeightKg!.Value) });
            }
            await command.ExecuteNonQueryAsync(stop);
        }
        return outcomes;
    }

    async Task<IReadOnlyDictionary<CanonicalKey, CanonicalObject>> ObjectsAsync(IReadOnlyCollection<CanonicalKey> keys, CancellationToken stop)
    {
        var objects = new Dictionary<CanonicalKey, CanonicalObject>();
        await foreach (var row in new Side(this, "source", "erp").ReadAsync([.. keys.Select(k => k.Id)], stop))
            objects[row.Origin!] = new Item { Source = "erp", SourceId = row.Key, Name = row.Values["name"]!, WeightKg = decimal.Parse(row.Values["amount"]!, System.Globalization.CultureInfo.InvariantCulture) };
        return objects;
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    sealed class Side(TwoTables tables, string table, string name) : IComparedSide
    {
        public string Name => name;

        public async IAsyncEnumerable<ComparedRow> ReadAsync(IReadOnlyCollection<string>? keys, [EnumeratorCancellation] CancellationToken stop)
        {
            await using var command = tables.Database.CreateCommand($"select key, name, amount from {table} where $1::text[] is null or key = any($1) order by key");
            command.Parameters.Add(new() { Value = (object?)keys?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text });
            await using var row = await command.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
            {
                var key = row.GetString(0);
                yield return new ComparedRow(key, new Dictionary<string, string?> { ["name"] = row.GetString(1), ["amount"] = CanonicalText.Of(row.GetDecimal(2)) }, table == "source" ? new("erp", key) : null);
            }
        }
    }
}

/// <summary>A side out of memory, in the order given.</summary>
sealed class ListedSide(string name, IEnumerable<(string Key, string? Value)> rows) : IComparedSide
{
    public string Name => name;

    public async IAsyncEnumerable<ComparedRow> ReadAsync(IReadOnlyCollection<string>? keys, [EnumeratorCancellation] CancellationToken stop)
    {
        await Task.CompletedTask;
        foreach (var (key, value) in rows) yield return new ComparedRow(key, new Dictionary<string, string?> { ["v"] = value });
    }
}
