using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>
/// Writers that leave their own history: a trigger notes each row's new state in <c>history</c>, which is not captured. What was published must tell the same story per key.
/// </summary>
public static class RandomLoad
{
    public const int FirstRows = 500;

    /// <summary>Lower ids were there before the load.</summary>
    public const long FirstOwnId = 1_000_000;

    public const string Schema = """
        create table thing(id bigint primary key, version int not null, note text);
        create schema hidden;
        create table hidden.history(at bigint generated always as identity, op text, id bigint, version int);
        create function hidden.note() returns trigger language plpgsql as $$
        begin
          if tg_op = 'DELETE' then insert into hidden.history(op, id, version) values ('d', old.id, old.version);
          elsif tg_op = 'INSERT' then insert into hidden.history(op, id, version) values ('c', new.id, new.version);
          elsif new.id <> old.id then insert into hidden.history(op, id, version) values ('d', old.id, old.version), ('c', new.id, new.version);
          else insert into hidden.history(op, id, version) values ('u', new.id, new.version); end if;
          return null;
        end $$;
        create trigger note after insert or update or delete on thing for each row execute function hidden.note();
        insert into thing select g, 0, repeat('x', 50) from generate_series(1, 500) g;
        """;

    /// <summary>Random transactions until stopped: inserts, updates, changes of key, deletes, savepoints, rollbacks; lost connections are made again.</summary>
    public static async Task RunAsync(string connection, int seed, int pauseMs, CancellationToken stop)
    {
#pragma warning disable CA5394 // Repeatable, not secret.
        var random = new Random(seed);
        var next = seed * 1_000_000L + 1000;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var opened = new NpgsqlConnection(connection + ";Pooling=false");
                await opened.OpenAsync(stop);
                while (!stop.IsCancellationRequested)
                {
                    await using var transaction = await opened.BeginTransactionAsync(stop);
                    var rows = random.Next(20) == 0 ? 300 : random.Next(1, 6);
                    for (var i = 0; i < rows; i++)
                    {
                        // One writer's keys end in its seed: no deadlocks between writers.
                        var pick = $"(select id from thing where id % 2 = {seed % 2} order by md5(id::text || '{random.Next()}') limit 1)";
                        var sql = random.Next(10) switch
                        {
                            < 4 => $"insert into thing values ({next = next + 2}, 1, repeat('n', {random.Next(200)}))",
                            < 7 => $"update thing set version = version + 1 where id = {pick}",
                            < 8 => $"update thing set id = {next = next + 2}, version = version + 1 where id = {pick}",
                            < 9 => $"delete from thing where id = {pick}",
                            _ => $"savepoint s; update thing set version = version + 1000 where id = {pick}; rollback to s",
                        };
                        await using var command = new NpgsqlCommand(rows > 100 ? $"insert into thing values ({next = next + 2}, 1, 'bulk')" : sql, opened, transaction);
                        await command.ExecuteNonQueryAsync(stop);
                    }
                    if (random.Next(8) == 0) await transaction.RollbackAsync(stop);
                    else await transaction.CommitAsync(stop);
                    await Task.Delay(random.Next(pauseMs + 1), stop);
                }
            }
            catch (Exception lost) when (lost is NpgsqlException or OperationCanceledException or InvalidOperationException)
            {
                await Task.Delay(100, CancellationToken.None);
            }
        }
#pragma warning restore CA5394
    }

    /// <summary>Per key, the operations and versions in order.</summary>
    public static async Task<Dictionary<long, List<string>>> HistoryAsync(string connection)
    {
        var history = new Dictionary<long, List<string>>();
        await using var opened = new NpgsqlConnection(connection);
        await opened.OpenAsync(TestContext.Current.CancellationToken);
        await using var query = new NpgsqlCommand("select op, id, version from hidden.history order by at", opened);
        await using var rows = await query.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
        {
            if (!history.TryGetValue(rows.GetInt64(1), out var key)) history[rows.GetInt64(1)] = key = [];
            key.Add(rows.GetString(0) == "d" ? "d" : $"{rows.GetString(0)}{rows.GetInt32(2)}");
        }
        return history;
    }

    /// <summary>
    /// What is wrong with the published story. A key made after the slot tells all of its history; an earlier one the end of it, and the row as it was read.
    /// </summary>
    public static IEnumerable<string> Compare(Dictionary<long, List<string>> history, Dictionary<long, List<string>> published)
    {
        foreach (var (id, all) in history)
        {
            var told = published.GetValueOrDefault(id) ?? [];
            var changes = told.Where(t => t[0] != 'r').ToList();
            var read = told.FindIndex(t => t[0] == 'r');
            // Rows that were there before the slot: what happened before it is only in the row read, and a row gone before the reading is not read.
            if (id > FirstRows ? !changes.SequenceEqual(all) : !all.TakeLast(changes.Count).SequenceEqual(changes) || read < 0 && all[^1] != "d" && !changes.Contains("d"))
                yield return $"{id}: happened {string.Join(' ', all)}, published {string.Join(' ', told)}";
            // The row as read stands where the history was at that moment.
            else if (read >= 0 && all.Count - (told.Count - 1 - read) is > 0 and var before && all[before - 1][1..] != told[read][1..])
                yield return $"{id}: read {told[read]} where the history stood at {all[before - 1]}; happened {string.Join(' ', all)}, published {string.Join(' ', told)}";
        }
        foreach (var id in published.Keys.Where(id => !history.ContainsKey(id))) yield return $"{id}: published but never happened";
    }
}
