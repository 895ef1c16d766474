using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests.Exact;

/// <summary>
/// Everything applications do to a database at once: several writers on the same keys, changes of key, rows that come back, rollbacks, savepoints, transactions far larger than what the
/// server decodes in memory, and columns that come, go, are renamed and change their type in between. A trigger writes the history of it in the same transactions.
/// </summary>
sealed class MixedLoad(string connection, int bigRows) : IAsyncDisposable
{
    const long Room = 1_000_000_000;      // keys of a writer
    const int Writers = 3;
    public const int FirstRows = 500;

    public const string Schema = """
        create table thing(id bigint primary key, version int not null, note text);
        alter table thing alter column note set storage external;
        create table deal(id bigint generated always as identity primary key, what text not null);
        insert into thing select g, 0, repeat('x', 50) from generate_series(1, 500) g;
        create schema hidden;
        create table hidden.history(at bigint generated always as identity primary key, tx bigint not null default pg_current_xact_id()::text::bigint, tab text, op text, id bigint, whole jsonb);
        create function hidden.note() returns trigger language plpgsql as $$
        begin
          if tg_op = 'INSERT' then insert into hidden.history(tab, op, id, whole) values (tg_table_name, 'c', new.id, to_jsonb(new));
          elsif tg_op = 'UPDATE' and new.id = old.id then insert into hidden.history(tab, op, id, whole) values (tg_table_name, 'u', new.id, to_jsonb(new));
          else
            insert into hidden.history(tab, op, id) values (tg_table_name, 'd', old.id);
            if tg_op = 'UPDATE' then insert into hidden.history(tab, op, id, whole) values (tg_table_name, 'k', new.id, to_jsonb(new)); end if;
          end if;
          return null;
        end $$;
        create trigger note after insert or update or delete on thing for each row execute function hidden.note();
        create trigger note after insert or update or delete on deal for each row execute function hidden.note();
        create function hidden.near(point bigint) returns bigint stable language sql as 'select id from thing where id >= point order by id limit 1';
        create function hidden.extra(number int) returns text stable language sql as $$
          select attname::text from pg_attribute where attrelid = 'thing'::regclass and attnum > 3 and not attisdropped order by attnum offset number limit 1 $$;
        create function hidden.touch(point bigint, number int) returns void language plpgsql as $$
        begin
          execute format('update thing set %I = %L where id = $1', hidden.extra(number % 4), number) using hidden.near(point);
        exception when null_value_not_allowed then null;
        end $$;
        create function hidden.fail(point bigint) returns void language plpgsql as $$
        begin
          update thing set version = version + 5000 where id >= point and id < point + 20;
          insert into thing select id, 0, null from thing limit 1;
        exception when unique_violation then null;
        end $$;
        """;

    readonly long[] _next = [.. Enumerable.Range(1, Writers + 1).Select(w => w * Room)];
    readonly int[] _rounds = new int[Writers];
    CancellationTokenSource _stop = new();
    Task _running = Task.CompletedTask;
    int _columns;

    /// <summary>Why transactions failed, and how often: deadlocks, lost connections.</summary>
    public Dictionary<string, int> Failed { get; } = new(StringComparer.Ordinal);

    public bool IsRunning => !_running.IsCompleted;

    public void Start()
    {
        _stop.Dispose();
        _stop = new CancellationTokenSource();
        _running = Task.WhenAll([.. Enumerable.Range(0, Writers).Select(WriteAsync), AlterAsync()]);
    }

    /// <summary>Ends between two transactions.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

#pragma warning disable CA5394 // Random enough.
    Task WriteAsync(int writer) => ForeverAsync(async opened =>
    {
        await using var transaction = await opened.BeginTransactionAsync();
        var isBig = _rounds[writer]++ % 300 == 20 + writer * 40;
        if (isBig) await DoAsync(opened, Big(writer));
        else for (var i = Random.Shared.Next(1, 6); i > 0; i--) await DoAsync(opened, Small(writer));
        if (Random.Shared.Next(8) == 0) await transaction.RollbackAsync();
        else await transaction.CommitAsync();
        await Task.Delay(Random.Shared.Next(isBig ? 500 : 50));
    });

    string Small(int writer) => Random.Shared.Next(16) switch
    {
        < 3 => $"insert into thing(id, version, note) values ({++_next[writer]}, 1, repeat('n', {Random.Shared.Next(200)}))",
        < 6 => $"update thing set version = version + 1 where id = hidden.near({Point()})",
        6 => $"update thing set version = version + 1, note = repeat(md5({Random.Shared.Next()}::text), {Random.Shared.Next(1, 200)}) where id = hidden.near({Point()})",
        7 => $"update thing set id = {++_next[writer]}, version = version + 1 where id = hidden.near({Point()})",
        8 or 9 => $"delete from thing where id = hidden.near({Point()})",
        10 => $"insert into deal(what) values ('{Random.Shared.Next()}'); update thing set version = version + 1 where id = hidden.near({Point()})",
        11 => $"savepoint s; update thing set version = version + 1000 where id = hidden.near({Point()}); delete from thing where id = hidden.near({Point()}); rollback to s; release s",
        12 => $"savepoint a; update thing set version = version + 1 where id = hidden.near({Point()}); savepoint b; insert into thing(id, version) values ({++_next[writer]}, 1); rollback to b; "
            + $"insert into thing(id, version) values ({_next[writer]}, 2); release a",
        13 => $"with gone as (delete from thing where id = hidden.near({Point()}) returning id, version) insert into deal(what) select 'gone ' || id from gone",
        14 => $"insert into thing(id, version, note) values ({1 + Random.Shared.Next(FirstRows)}, 1, 'again') on conflict (id) do update set version = thing.version + 1",
        _ => Random.Shared.Next(4) == 0 ? $"select hidden.fail({Point()})" : $"select hidden.touch({Point()}, {Random.Shared.Next(30)})",
    };

    // Everything in one transaction, subtransactions included: more than the server decodes in memory and more than a batch holds.
    string Big(int writer)
    {
        var first = _next[writer] + 1;
        _next[writer] += bigRows;
        return Random.Shared.Next(3) switch
        {
            0 => $"insert into deal(what) values ('big'); insert into thing(id, version, note) select g, 1, repeat('b', 40) from generate_series({first}, {_next[writer]}) g; insert into deal(what) values ('big')",
            1 => $"insert into thing(id, version, note) select g, 1, 'b' from generate_series({first}, {_next[writer]}) g; savepoint half; update thing set version = 9 where id between {first} and {first + bigRows / 2}; "
                + $"rollback to half; update thing set version = 2 where id between {first} and {first + bigRows / 3}; insert into deal(what) values ('half')",
            _ => $"insert into deal(what) values ('sweep'); delete from thing where id between {(writer + 1) * Room} and {(writer + 1) * Room + (long)(Random.Shared.NextDouble() * (first - (writer + 1) * Room))}; insert into deal(what) values ('swept')",
        };
    }

    // A place among all keys there have been.
    long Point()
    {
        var writer = Random.Shared.Next(Writers + 1);
        return writer == Writers ? Random.Shared.Next(1, FirstRows) : (writer + 1) * Room + (long)(Random.Shared.NextDouble() * (_next[writer] - (writer + 1) * Room));
    }

    Task AlterAsync() => ForeverAsync(async opened =>
    {
        await Task.Delay(Random.Shared.Next(300, 1500));
        await using var transaction = await opened.BeginTransactionAsync();
        await DoAsync(opened, "set local lock_timeout = '500ms'");
        await DoAsync(opened, Small(Writers));
        await using var pick = new NpgsqlCommand($"select hidden.extra({Random.Shared.Next(4)})", opened);
        var column = await pick.ExecuteScalarAsync() as string;
        await DoAsync(opened, (column is null ? 0 : Random.Shared.Next(5)) switch
        {
            0 => $"alter table thing add column c{++_columns} {(Random.Shared.Next(3) switch { 0 => "int default 7", 1 => "bigint", _ => "text" })}",
            1 => $"alter table thing drop column {column}",
            2 => $"alter table thing rename column {column} to r{++_columns}",
            3 => $"alter table thing alter column {column} type {(Random.Shared.Next(2) == 0 ? "bigint using length(thing." + column + "::text)" : "text using " + column + "::text")}, alter column {column} drop default",
            _ => $"alter table thing replica identity {(Random.Shared.Next(4) == 0 ? "full" : "default")}",
        });
        await DoAsync(opened, Small(Writers));
        if (Random.Shared.Next(5) == 0) await transaction.RollbackAsync();
        else await transaction.CommitAsync();
    });
#pragma warning restore CA5394

    async Task ForeverAsync(Func<NpgsqlConnection, Task> transact)
    {
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var opened = new NpgsqlConnection(connection + ";Pooling=false;Command Timeout=60");
                await opened.OpenAsync(CancellationToken.None);
                while (!stop.IsCancellationRequested)
                {
                    try
                    {
                        await transact(opened);
                    }
                    catch (PostgresException refused) when (opened.State == System.Data.ConnectionState.Open)
                    {
                        Note(refused.SqlState + " " + refused.MessageText.Split('"')[0]);     // a deadlock, a column that went meanwhile: the transaction is rolled back
                    }
                }
            }
            catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException or IOException)
            {
                Note(lost.GetType().Name);
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    void Note(string why)
    {
        lock (Failed) Failed[why] = Failed.GetValueOrDefault(why) + 1;
    }

    static async Task DoAsync(NpgsqlConnection opened, string sql)
    {
        await using var command = new NpgsqlCommand(sql, opened);
        await command.ExecuteNonQueryAsync();
    }
}
