using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>Looks now and then whether tables came into scope or went, and partitions were attached or detached: the log does not tell these. One lives as long as its source: what comes between two sessions is told as well.</summary>
sealed class ScopeWatch(PostgresSettings settings, NpgsqlDataSource source, Func<bool> isStreaming, ILogger log, TimeProvider clock)
{
    readonly PostgresSlot _slot = new(settings, source);
    Dictionary<uint, WantedTable> _tables = [];
    Dictionary<uint, (string Name, string Root)>? _partitions;
    string _said = "";

    /// <summary>Returns when tables have come that can be captured: the session is to begin anew and take them in.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!await BeginAsync(stop)) await Task.Delay(settings.ScopeInterval, clock, stop);
        using var timer = new PeriodicTimer(settings.ScopeInterval, clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            if (!isStreaming()) continue;   // a snapshot under way is not cut short
            try
            {
                if (await LookAsync(stop)) return;
            }
            catch (NpgsqlException unavailable)
            {
                Log.ScopeUnknown(log, settings.Name, unavailable.Message);
            }
        }
    }

    async Task<bool> BeginAsync(CancellationToken stop)
    {
        try
        {
            _tables = (await _slot.TablesAsync(stop)).ToDictionary(t => t.Oid);
            _partitions ??= await PartitionsAsync(stop);
            if (_tables.Values.Any(t => t.Published) && _tables.Values.Where(t => !t.Published).ToList() is { Count: > 0 } unpublished && !await _slot.MayPublishAsync(unpublished, stop)) Say(unpublished);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;   // the session meets the same, and says so
        }
    }

    async Task<bool> LookAsync(CancellationToken stop)
    {
        var tables = await _slot.TablesAsync(stop);
        foreach (var went in _tables.Values.Where(t => tables.All(n => n.FullName != t.FullName))) Log.TableWent(log, settings.Name, went.FullName);
        var came = tables.Where(t => !_tables.TryGetValue(t.Oid, out var known) || (!known.Published && t.Published)).ToList();
        var able = came.Where(t => t.Published).ToList();
        if (came.Except(able).ToList() is { Count: > 0 } unpublished)
        {
            if (await _slot.MayPublishAsync(unpublished, stop)) able.AddRange(unpublished);
            else Say(unpublished);
        }
        foreach (var table in able) Log.TableCame(log, settings.Name, table.FullName);
        _partitions = Compare(_partitions ?? [], await PartitionsAsync(stop));
        if (able.Count == 0) _tables = tables.ToDictionary(t => t.Oid);
        return able.Count > 0;
    }

    void Say(List<WantedTable> unpublished)
    {
        var names = string.Join(", ", unpublished.Select(t => t.FullName));
        if (names != _said) Log.TablesUnpublished(log, settings.Name, names, $"cdcsync enable {settings.Name} --apply");
        _said = names;
    }

    Dictionary<uint, (string Name, string Root)> Compare(Dictionary<uint, (string Name, string Root)> before, Dictionary<uint, (string Name, string Root)> now)
    {
        // A partition under a root that is new itself comes with the root's rows.
        foreach (var (_, partition) in now.Where(p => !before.ContainsKey(p.Key) && _tables.Values.Any(t => t.FullName == p.Value.Root))) Log.PartitionCame(log, settings.Name, partition.Name, partition.Root);
        foreach (var (_, partition) in before.Where(p => !now.ContainsKey(p.Key))) Log.PartitionWent(log, settings.Name, partition.Name, partition.Root);
        return now;
    }

    async Task<Dictionary<uint, (string Name, string Root)>> PartitionsAsync(CancellationToken stop)
    {
        var found = new Dictionary<uint, (string, string)>();
        await using var query = source.CreateCommand("""
            select p.relid::oid, ln.nspname || '.' || l.relname, rn.nspname || '.' || r.relname
            from pg_class r join pg_namespace rn on rn.oid = r.relnamespace, lateral pg_partition_tree(r.oid) p join pg_class l on l.oid = p.relid join pg_namespace ln on ln.oid = l.relnamespace
            where r.relkind = 'p' and not r.relispartition and p.isleaf and p.level > 0
            """);
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            if (_slot.IsWanted(rows.GetString(2))) found[rows.GetFieldValue<uint>(0)] = (rows.GetString(1), rows.GetString(2));
        return found;
    }
}
