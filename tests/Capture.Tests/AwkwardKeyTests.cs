using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>Whatever a key is made of: in chunks of any size each row is read once, in the server's order.</summary>
public class AwkwardKeyTests(TestPostgres postgres)
{
    // Key columns, and an expression a column for the row's number g; random() is seeded.
    static readonly (string Key, string Rows)[] Shapes =
    [
        ("a bigint", "(array[-9223372036854775808, 9223372036854775807, 0])[g] "),
        ("a int, b text", "g % 3, md5(g::text)"),
        ("a text collate \"C\"", "(array['a','A','ä','Ä','z','Z','ß','''','\\','\"', E'\\n', '', ' ', '€', '😀'])[1 + g % 15] || g"),
        ("a text collate \"und-x-icu\", b int", "(array['a','A','ä','Ä','a-b','ab','a b','_','ß','ss','Ω'])[1 + g % 11], g"),
        ("a varchar(12)", "repeat('''', g % 7) || g"),
        ("a char(10), b char(3)", "'x' || g, repeat(' ', g % 3)"),
        ("a uuid", "md5(random()::text)::uuid"),
        ("a numeric", "case when g <= 6 then (array['NaN','Infinity','-Infinity','0.00','1e-20','123456789012345678901234567890.5'])[g]::numeric else g / 7.0 end"),
        ("a numeric(12,4), b numeric", "round((random() * 10)::numeric, 4), g / 3.0"),
        ("a float8", "case g when 1 then 'NaN' when 2 then 'Infinity' when 3 then '-Infinity' when 4 then 1e-310 else random() * 1e10 - 5e9 end::float8"),
        ("a real, b int", "random()::real, g"),
        ("a bytea", "decode(md5(g::text), 'hex')"),
        ("a date", "case g when 1 then 'infinity' when 2 then '-infinity' when 3 then '0044-03-15 BC' else date '2020-01-01' + g * 37 end::date"),
        ("a timestamptz, b timestamp", "timestamptz '1999-12-31 23:59:59.999999+00' + g * interval '1 microsecond', timestamp '0001-01-01' - g * interval '1 year'"),
        ("a time, b timetz", "time '23:59:59.999999' - g * interval '1 s', timetz '10:00+05:30'"),
        ("a interval", "make_interval(months => g % 4, days => g, secs => random())"),
        ("a boolean, b smallint, c int", "g % 2 = 0, g % 5, g"),
        ("a inet", "('10.' || g % 256 || '.0.0/' || 8 + g % 20)::inet + g"),
        ("a bit(9), b varbit", "g::bit(9), (g % 8)::bit(3)::varbit"),
        ("a mood", "(enum_range(null::mood))[g]"),
        ("a mood, b int", "(enum_range(null::mood))[1 + g % 3], g"),
        ("a label, b numeric_id", "'l' || g % 5, g"),
        ("a money", "(g * 1.17)::numeric::money"),
        ("\"We\"\"ird Name\" int, \"order\" text", "g % 4, 'k' || g"),
        ("a oid, b name", "(4294967295 - g)::oid, ('n' || g)::name"),
        ("a macaddr", "('08:00:2b:00:00:' || lpad(to_hex(g % 256), 2, '0'))::macaddr"),
    ];

    [Fact]
    public async Task In_chunks_of_any_size_each_row_is_read_once_in_the_servers_order()
    {
        var seed = Random.Shared.Next(1000);
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create type mood as enum ('sad', 'ok', 'happy'); create domain label as text check (value <> ''); create domain numeric_id as numeric(10, 2); create table anchor(id int primary key)");
        var keys = new List<string>();
        for (var i = 0; i < Shapes.Length; i++) keys.Add(await MakeAsync(connection, i, seed));
#pragma warning disable CA5394 // Repeatable, not secret.
        var chunk = new Random(seed).Next(2, 9);
#pragma warning restore CA5394
        await using var captured = new Captured(connection)
        {
            Settings = new PostgresSettings
            {
                Name = $"a{Guid.NewGuid():n}"[..10], Connection = connection, TopicPrefix = "a", SnapshotChunkRows = chunk, Snapshot = SnapshotMode.Never, NotificationTopic = "notices", HeartbeatInterval = TimeSpan.FromMilliseconds(300),
            },
        };
        captured.Start();
        await captured.CaughtUpAsync();
        captured.Signals.Send("all", "execute-snapshot", """{"data-collections":["public\\.t\\d+"]}""");
        await SnapshotTests.SnapshotsDoneAsync(captured, 1);
        for (var i = 0; i < Shapes.Length; i++)
        {
            var read = (await Told.RecordsAsync(captured, $"a.public.t{i}")).Select(r => (int)((AvroRecord)r.Value!["after"]!)["n"]!).ToList();
            var there = await captured.ScalarAsync<int[]>($"select array_agg(n order by {keys[i]}) from t{i}");
            Assert.True(there.SequenceEqual(read), $"seed {seed}, chunks of {chunk}, key ({Shapes[i].Key}): there are {string.Join(' ', there)}, read {string.Join(' ', read)}");
        }
        Assert.DoesNotContain(await Told.NoticesAsync(captured, "notices"), n => n.Contains("SQL_EXCEPTION", StringComparison.Ordinal));
    }

    // Returns the key's columns.
    static async Task<string> MakeAsync(string connection, int at, int seed)
    {
        var (key, rows) = Shapes[at];
        var columns = string.Join(", ", key.Split(", ").Select(c => c.StartsWith('"') ? c[..(c.LastIndexOf('"') + 1)] : c.Split(' ')[0]));
        var count = rows.Contains("array[-9", StringComparison.Ordinal) || key == "a mood" ? 3 : 30;
        await TestPostgres.ExecuteAsync(connection, $"""
            create table t{at}({key}, n int not null, primary key ({columns}));
            select setseed({seed} / 1000.0);
            insert into t{at} select {rows}, g from generate_series(1, {count}) g order by random() on conflict do nothing
            """);
        return columns;
    }

    [Fact]
    public async Task Read_by_several_in_ranges_each_row_is_read_once_in_the_servers_order()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, """
            create table big(code text collate "und-x-icu", line numeric, n int not null, primary key (code, line));
            insert into big select left(md5((g / 7)::text), 6), g % 7 + 0.50, g from generate_series(1, 20000) g;
            analyze big
            """);
        await using var captured = new Captured(connection)
        {
            Settings = new PostgresSettings
            {
                Name = $"r{Guid.NewGuid():n}"[..10], Connection = connection, TopicPrefix = "r", SnapshotReaders = 3, BatchBytes = 8192, HeartbeatInterval = TimeSpan.FromMilliseconds(300),
            },
        };
        captured.Start();
        await captured.CaughtUpAsync();
        var read = (await Told.RecordsAsync(captured, "r.public.big")).Select(r => r.Value!).ToList();
        var there = await captured.ScalarAsync<int[]>("select array_agg(n order by code, line) from big");
        Assert.Equal(there, read.Select(v => (int)((AvroRecord)v["after"]!)["n"]!));
        Assert.Equal(["first", .. Enumerable.Repeat("true", there.Length - 2), "last"], read.Select(v => (string)((AvroRecord)v["source"]!)["snapshot"]!));
    }
}
