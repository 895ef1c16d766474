using CdcSync.Capture.Tables;
using CdcSync.Contract.Avro;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests.Tables;

/// <summary>Columns that rise with each change: nothing that commits late is lost, nothing is published twice, soft deletes are deletes.</summary>
public class HighWaterTests(TestPostgres postgres)
{
    const string Schema = """
        create table item(id int primary key, name text, gone boolean not null default false, changed bigint not null, updated_at timestamptz not null);
        create sequence tick;
        create function touch() returns trigger language plpgsql as $$ begin new.changed := nextval('tick'); new.updated_at := now(); return new; end $$;
        create trigger touch before insert or update on item for each row execute function touch();
        create index on item(changed); create index on item(updated_at);
        """;

    static WatchedTable Item(string column) => new() { Table = "public.item", Changes = ChangeReading.HighWater, Column = column, DeletedColumn = "gone", DeletedValues = ["true"] };

    const string Wanted = "select id::text, name from item where not gone";

    [Theory]
    [InlineData("changed", SqlKind.Postgres), InlineData("updated_at", SqlKind.Postgres), InlineData("changed", SqlKind.Standard)]
    public async Task The_topic_adds_up_to_the_table_whatever_commits_late(string column, SqlKind dialect)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, Schema + "insert into item(id, name, gone) select g, 'item ' || g, g % 10 = 0 from generate_series(1, 300) g");
        var settings = Polled.Of(connection, Item(column)) with { Dialect = dialect, BatchRows = 50, Lag = TimeSpan.FromSeconds(dialect == SqlKind.Standard ? 3 : 1) };
        await using var polled = new Polled(settings);
        polled.Start();
        using var load = new CancellationTokenSource();
        var writers = Task.WhenAll(WriteAsync(connection, 1, 0, load.Token), WriteAsync(connection, 2, 0, load.Token), WriteAsync(connection, 3, 1500, load.Token));
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(1800, TestContext.Current.CancellationToken);
            await polled.StopAsync();
            polled.Start();
        }
        await load.CancelAsync();
        await writers;
        await AgreeAsync(polled, connection);
    }

    [Fact]
    public async Task A_transaction_longer_than_the_lag_is_waited_for_where_the_database_can_tell()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, Schema);
        await using var polled = new Polled(Polled.Of(connection, Item("changed")) with { Lag = TimeSpan.FromMilliseconds(200) });
        polled.Start();
        await polled.SnapshotDoneAsync();
        await using var late = new NpgsqlConnection(connection);
        await late.OpenAsync(TestContext.Current.CancellationToken);
        await using var open = await late.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var insert = new NpgsqlCommand("insert into item(id, name) values (1, 'early value, late commit')", late, open)) await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await TestPostgres.ExecuteAsync(connection, "insert into item(id, name) values (2, 'later value, early commit')");
        await polled.UntilAsync(r => r.Count == 1);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        await polled.StopAsync();
        polled.Start();
        await Task.Delay(500, TestContext.Current.CancellationToken);
        await open.CommitAsync(TestContext.Current.CancellationToken);
        await polled.UntilAsync(r => r.Count == 2);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Equal(2, polled.Log.Records.Count);
        await AgreeAsync(polled, connection);
    }

    [Fact]
    public async Task A_soft_delete_is_a_delete_and_may_be_taken_back()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, Schema + "insert into item(id, name, gone) values (1, 'a', false), (2, 'was gone', true)");
        await using var polled = new Polled(Polled.Of(connection, Item("changed")) with { Lag = TimeSpan.FromMilliseconds(100) });
        polled.Start();
        await polled.SnapshotDoneAsync();
        await TestPostgres.ExecuteAsync(connection, "update item set gone = true where id = 1");
        await polled.UntilAsync(r => r.Count == 3);
        await TestPostgres.ExecuteAsync(connection, "update item set gone = false where id = 1");
        await polled.UntilAsync(r => r.Count == 4);
        var all = await polled.EnvelopesAsync("t.public.item");
        Assert.Equal(["r", "d", null, "u"], all.Select(e => (string?)e?["op"]));
        Assert.Equal("a", ((AvroRecord)all[1]!["before"]!)["name"]);
    }

    static async Task AgreeAsync(Polled polled, string connection)
    {
        await polled.SnapshotDoneAsync();
        var wanted = await Polled.RowsAsync(connection, Wanted);
        for (var tries = 0; tries < 200 && !wanted.SequenceEqual(await polled.StateAsync("t.public.item", "id", "name")); tries++) await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(wanted, await polled.StateAsync("t.public.item", "id", "name"));
    }

    // Takes its values, then holds them for a while: others commit later ones first.
    static async Task WriteAsync(string connection, int seed, int holdMs, CancellationToken stop)
    {
#pragma warning disable CA5394 // Repeatable, not secret.
        var random = new Random(seed);
        await using var opened = new NpgsqlConnection(connection + ";Pooling=false");
        await opened.OpenAsync(CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            await using var transaction = await opened.BeginTransactionAsync(CancellationToken.None);
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                // One writer's keys leave the same rest: no deadlocks.
                var id = random.Next(150) * 3 + seed;
                var sql = random.Next(4) switch
                {
                    0 => $"update item set gone = not gone where id = {id}",
                    1 => $"update item set name = name where id = {id}",
                    _ => $"insert into item(id, name) values ({id}, 'v{random.Next(1000)}') on conflict (id) do update set name = excluded.name",
                };
                await using var command = new NpgsqlCommand(sql, opened, transaction);
                await command.ExecuteNonQueryAsync(CancellationToken.None);
            }
            if (holdMs > 0) await Task.Delay(random.Next(holdMs), CancellationToken.None);
            if (random.Next(6) == 0) await transaction.RollbackAsync(CancellationToken.None);
            else await transaction.CommitAsync(CancellationToken.None);
            await Task.Delay(random.Next(10), CancellationToken.None);
        }
#pragma warning restore CA5394
    }
}
