using CdcSync.Demo;
using Npgsql;

namespace CdcSync.DebeziumConformance;

/// <summary>A scenario replayed in a database of its own: behind the changes, and, when that is not what was recorded, along with them.</summary>
static class Attempts
{
    /// <summary>How many records were compared, and the differences of the attempt that had fewer.</summary>
    public static async Task<(int Records, IReadOnlyList<string> Differences)> BestAsync(Scenario scenario, PrivatePostgres server, CancellationToken stop)
    {
        var late = await OneAsync(scenario, server, late: true, stop);
        if (late.Differences.Count == 0) return late;
        var along = await OneAsync(scenario, server, late: false, stop);
        return along.Differences.Count < late.Differences.Count ? along : late;
    }

    static async Task<(int Records, IReadOnlyList<string> Differences)> OneAsync(Scenario scenario, PrivatePostgres server, bool late, CancellationToken stop)
    {
        var name = $"dbz_{scenario.Name}";
        await DropAsync(server, name, stop);
        try
        {
            return await new Replay(scenario, await server.CreateDatabaseAsync(name, stop), late).RunAsync(stop);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            return (0, [$"{scenario.Name}: {failed.Message}"]);
        }
        finally
        {
            await DropAsync(server, name, stop);
        }
    }

    static async Task DropAsync(PrivatePostgres server, string name, CancellationToken stop)
    {
        NpgsqlConnection.ClearAllPools();
        await using var source = NpgsqlDataSource.Create(server.Connection("postgres"));
        await using var slots = source.CreateCommand("select pg_terminate_backend(active_pid) from pg_replication_slots where database = $1 and active");
        slots.Parameters.AddWithValue(name);
        await slots.ExecuteNonQueryAsync(stop);
        await using var drop = source.CreateCommand("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1 and not active");
        drop.Parameters.AddWithValue(name);
        for (var i = 0; i < 50; i++)
        {
            await drop.ExecuteNonQueryAsync(stop);
            await using var left = source.CreateCommand("select count(*) from pg_replication_slots where database = $1");
            left.Parameters.AddWithValue(name);
            if ((long)(await left.ExecuteScalarAsync(stop))! == 0) break;
            await Task.Delay(100, stop);
        }
        await using var database = source.CreateCommand($"drop database if exists \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" with (force)");
        await database.ExecuteNonQueryAsync(stop);
    }
}
