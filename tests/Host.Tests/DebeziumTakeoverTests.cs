using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CdcSync.Capture.Debezium.Takeover;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Changes;
using CdcSync.Demo;
using CdcSync.EventLog.Postgres;
using CdcSync.Servers;
using Confluent.Kafka;
using Npgsql;

namespace CdcSync.Host.Tests;

/// <summary>Going on where a Debezium stopped.</summary>
public sealed class DebeziumTakeoverTests(TestPostgres postgres, TestKafka kafka) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("cdcsync-takeover-").FullName;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static DebeziumOffset Offset(object offset) => DebeziumOffset.Parse(JsonSerializer.SerializeToElement(offset));

    sealed record Sent(ulong Lsn, byte[] Data);

    static ulong Lsn(string text) =>
        ulong.Parse(text.Split('/')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) << 32 | ulong.Parse(text.Split('/')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // Transactions that overlap, several rows at one address (COPY), a changed key, a savepoint, a table of no interest.
    async Task<(PostgresSettings Settings, List<Sent> Stream)> StreamAsync()
    {
        var connection = await postgres.NewDatabaseAsync("dbz");
        var slot = $"s{Guid.NewGuid():n}"[..12];
        await TestPostgres.ExecuteAsync(connection, "create table a(id int primary key, n int); create table other(id int primary key); create publication pub for all tables");
        await TestPostgres.ExecuteAsync(connection, $"select pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        await using var source = NpgsqlDataSource.Create(connection);
        await using (var first = await source.OpenConnectionAsync(Stop))
        await using (var second = await source.OpenConnectionAsync(Stop))
        {
            async Task On(NpgsqlConnection at, string sql)
            {
                await using var command = new NpgsqlCommand(sql, at);
                await command.ExecuteNonQueryAsync(Stop);
            }
            await On(first, "insert into a values (1, 1)");
            await On(first, "begin; insert into a values (2, 1), (3, 1)");
            await On(second, "begin; insert into a values (4, 1); savepoint x; insert into other values (1); release x");
            await On(first, "update a set id = 20 where id = 2; commit");
            await On(second, "update a set n = 2 where id = 4; delete from a where id = 4; insert into a values (5, 1); commit");
            await using (var copy = await first.BeginTextImportAsync("copy a from stdin", Stop))
                for (var i = 100; i < 108; i++) await copy.WriteAsync($"{i}\t1\n".AsMemory(), Stop);
            await On(first, "update a set n = 3 where id = 1");
        }
        var stream = new List<Sent>();
        await using var peek = source.CreateCommand($"select lsn::text, data from pg_logical_slot_peek_binary_changes('{slot}', null, null, 'proto_version', '1', 'publication_names', 'pub', 'messages', 'true')");
        await using var rows = await peek.ExecuteReaderAsync(Stop);
        while (await rows.ReadAsync(Stop)) stream.Add(new(Lsn(rows.GetString(0)), rows.GetFieldValue<byte[]>(1)));
        return (new PostgresSettings { Name = slot, Connection = connection, Slot = slot, Publication = "pub", Tables = ["public.a"] }, stream);
    }

    [Fact]
    public async Task From_the_offset_of_any_row_the_next_row_is_the_next_one()
    {
        var (settings, stream) = await StreamAsync();
        await using var takeover = new PostgresTakeover(settings, TimeProvider.System);
        var (commit, transaction, number, there, checkedRows) = (0UL, 0u, 0, 0, 0);
        var (last, lastCommit) = (0UL, default(ulong?));
        foreach (var sent in stream)
        {
            switch (sent.Data[0])
            {
                case (byte)'B':
                    (commit, transaction, number) = (BinaryPrimitives.ReadUInt64BigEndian(sent.Data.AsSpan(1)), BinaryPrimitives.ReadUInt32BigEndian(sent.Data.AsSpan(17)), 0);
                    var begun = await takeover.FindAsync(Offset(new { lsn = sent.Lsn, lsn_proc = sent.Lsn, lsn_commit = lastCommit, txId = transaction, messageType = "BEGIN" }), trustSlot: false, Stop);
                    Assert.True(begun.Position.CompareTo(new SourcePosition(commit, 1)) < 0, $"{begun.Position} at begin of {commit:x}");
                    break;
                case (byte)'C':
                    lastCommit = sent.Lsn;
                    var ended = await takeover.FindAsync(Offset(new { lsn = sent.Lsn, lsn_proc = sent.Lsn, lsn_commit = sent.Lsn, txId = transaction, messageType = "COMMIT" }), trustSlot: false, Stop);
                    Assert.Equal(new SourcePosition(sent.Lsn, 0), ended.Position);
                    break;
                case (byte)'I' or (byte)'U' or (byte)'D':
                    there = sent.Lsn == last ? there + 1 : 1;
                    last = sent.Lsn;
                    number += sent.Data[0] == 'U' && sent.Data[5] == 'K' ? 2 : 1;
                    var found = await takeover.FindAsync(Offset(new { lsn = sent.Lsn, lsn_proc = sent.Lsn, lsn_commit = lastCommit, txId = transaction, messageType = "INSERT", lsn_events_processed = there }), trustSlot: false, Stop);
                    Assert.Equal(new SourcePosition(commit, (UInt128)number), found.Position);
                    checkedRows++;
                    break;
            }
        }
        Assert.Equal(18, checkedRows);
    }

    [Fact]
    public async Task What_cannot_be_gone_on_from_is_refused_with_its_reason()
    {
        var (settings, stream) = await StreamAsync();
        var (firstCommit, lastCommit) = (stream.First(s => s.Data[0] == 'C').Lsn, stream.Last(s => s.Data[0] == 'C').Lsn);
        async Task Refused(string why, PostgresSettings with, object offset, bool trust = false)
        {
            await using var takeover = new PostgresTakeover(with, TimeProvider.System);
            Assert.Contains(why, (await Assert.ThrowsAsync<TakeoverException>(() => takeover.FindAsync(Offset(offset), trust, Stop))).Message, StringComparison.Ordinal);
        }
        var done = new { lsn = lastCommit, lsn_proc = lastCommit, lsn_commit = lastCommit, txId = 1 };
        await Refused("There is no slot", settings with { Slot = "none" }, done);
        await Refused("There is no publication", settings with { Publication = "none" }, done);
        await Refused("No table", settings with { Tables = ["x.y"] }, done);
        await Refused("another server's", settings, new { lsn = 1L << 60, lsn_proc = 1L << 60, lsn_commit = 1L << 60, txId = 1 });
        await Refused("not what the slot", settings, new { lsn = lastCommit - 1, lsn_proc = lastCommit - 1, lsn_commit = firstCommit, txId = 999_999, messageType = "INSERT" });
        await TestPostgres.ExecuteAsync(settings.Connection, $"select pg_replication_slot_advance('{settings.Slot}', '{lastCommit >> 32:X}/{lastCommit & uint.MaxValue:X}')");
        await Refused("--trust-slot", settings, new { lsn = firstCommit, lsn_proc = firstCommit, lsn_commit = firstCommit, txId = 1 });
        await using var trusting = new PostgresTakeover(settings, TimeProvider.System);
        Assert.True((await trusting.FindAsync(Offset(new { lsn = firstCommit, lsn_proc = firstCommit, lsn_commit = firstCommit, txId = 1 }), trustSlot: true, Stop)).Position >= new SourcePosition(lastCommit, 0));
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task A_real_Debezium_stopped_under_load_is_continued_with_nothing_lost_and_nothing_doubled(string signal)
    {
        var connect = Needs.Shared("servers", "debezium", "connect");
        if (!File.Exists("/usr/bin/java") && Environment.GetEnvironmentVariable("JAVA_HOME") is null) Needs.Missing("Java 17 is needed for Debezium");
        var bootstrap = await kafka.BootstrapAsync();
        var (name, source, store) = ($"d{Guid.NewGuid():n}"[..10], await postgres.NewDatabaseAsync("dbz"), await postgres.NewDatabaseAsync("store"));
        await TestPostgres.ExecuteAsync(source, """
            create table ev(id int primary key, n bigint not null); create table audit(n bigint, id int); create sequence change;
            create function note() returns trigger language plpgsql as $$ begin insert into audit values (new.n, new.id); return new; end $$;
            create trigger note after insert or update on ev for each row execute function note()
            """);
        var file = await PropertiesAsync(name, new NpgsqlConnectionStringBuilder(source));
        await ShellAsync($"CONNECT_PORT={PrivatePostgres.FreePort()} CONNECT_HEAP=400m '{connect}' start '{_folder}/dbz' {bootstrap} '{file}' >'{_folder}/start' 2>&1");
        try
        {
            var load = LoadAsync(source, 400);
            await Eventually(() => Task.FromResult(File.Exists(Path.Combine(_folder, "dbz", "offsets")) && new FileInfo(Path.Combine(_folder, "dbz", "offsets")).Length > 100 && Published(bootstrap, name).Count > 300));
            await ShellAsync($"kill -{signal} $(cat '{_folder}/dbz/pid'); while kill -0 $(cat '{_folder}/dbz/pid') 2>/dev/null; do sleep 0.1; done");
            await load;
        }
        finally
        {
            await ShellAsync($"kill -KILL $(cat '{_folder}/dbz/pid') 2>/dev/null || true");
        }
        var stored = StoredOffsets.FromFile(Path.Combine(_folder, "dbz", "offsets")).Find(name, name);
        var kept = UpToStored(Published(bootstrap, name), stored, exact: signal == "TERM");
        await SlotIsFreeAsync(source, name);
        await ApplyAsync(name, file, store);
        var history = await HistoryAsync(source);
        var ours = await ContinueAsync(name, store, history.Count - kept.Count);
        Assert.Equal(Sorted(history), Sorted(kept.Concat(ours)));
        foreach (var key in kept.Concat(ours).GroupBy(c => c.Id)) Assert.Equal(key.Select(c => c.N).Order(), key.Select(c => c.N));
    }

    async Task<string> PropertiesAsync(string name, NpgsqlConnectionStringBuilder at)
    {
        var file = Path.Combine(_folder, "connector.properties");
        await File.WriteAllTextAsync(file, $"""
            name={name}
            connector.class=io.debezium.connector.postgresql.PostgresConnector
            plugin.name=pgoutput
            database.hostname=127.0.0.1
            database.port={at.Port}
            database.user=postgres
            database.password=none
            database.dbname={at.Database}
            topic.prefix={name}
            slot.name={name}
            publication.name={name}
            publication.autocreate.mode=filtered
            table.include.list=public[.]ev
            snapshot.mode=no_data
            max.batch.size=64
            max.queue.size=256
            value.converter=org.apache.kafka.connect.json.JsonConverter
            value.converter.schemas.enable=false
            key.converter=org.apache.kafka.connect.json.JsonConverter
            key.converter.schemas.enable=false
            """, Stop);
        return file;
    }

    // Two writers whose transactions overlap: short ones, long ones, updates of shared rows, COPY.
    static async Task LoadAsync(string connection, int transactions) => await Task.WhenAll(Enumerable.Range(0, 2).Select(async writer =>
    {
        var random = new Random(writer);
        await using var source = NpgsqlDataSource.Create(connection);
        for (var i = 0; i < transactions; i++)
        {
            var (from, count) = (writer * 1_000_000 + i * 1000, i % 40 == 7 ? 800 : random.Next(1, 12));
            await using var at = await source.OpenConnectionAsync(Stop);
            await using var transaction = await at.BeginTransactionAsync(Stop);
            await using (var insert = new NpgsqlCommand($"insert into ev select g, nextval('change') from generate_series({from}, {from + count - 1}) g", at)) await insert.ExecuteNonQueryAsync(Stop);
            await using (var update = new NpgsqlCommand($"update ev set n = nextval('change') where id = {writer * 1_000_000 + random.Next(i + 1) * 1000}", at)) await update.ExecuteNonQueryAsync(Stop);
            if (i % 10 == 3)
            {
                await using var copy = await at.BeginTextImportAsync("copy ev from stdin", Stop);
                for (var k = 0; k < 20; k++) await copy.WriteAsync($"{from + 900 + k}\t{-(from + k + 1)}\n".AsMemory(), Stop);
            }
            await transaction.CommitAsync(Stop);
            await Task.Delay(10, Stop);
        }
    }));

    sealed record Change(int Id, long N);

    static IEnumerable<Change> Sorted(IEnumerable<Change> changes) => changes.OrderBy(c => c.Id).ThenBy(c => c.N);

    static Change Of(JsonElement value) => new(value.GetProperty("after").GetProperty("id").GetInt32(), value.GetProperty("after").GetProperty("n").GetInt64());

    static List<(Change Change, long Lsn, long Transaction)> Published(string bootstrap, string name)
    {
        var published = new List<(Change, long, long)>();
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig { BootstrapServers = bootstrap, GroupId = "look", EnableAutoCommit = false, EnablePartitionEof = true }).Build();
        consumer.Assign(new TopicPartitionOffset($"{name}.public.ev", 0, Confluent.Kafka.Offset.Beginning));
        for (var tries = 0; tries < 60;)
        {
            ConsumeResult<byte[]?, byte[]?>? record;
            try
            {
                record = consumer.Consume(TimeSpan.FromSeconds(1));
            }
            catch (ConsumeException)
            {
                return published;       // the topic is not there yet
            }
            if (record is null) tries++;
            else if (record.IsPartitionEOF) return published;
            else
            {
                using var value = JsonDocument.Parse(record.Message.Value!);
                var source = value.RootElement.GetProperty("source");
                published.Add((Of(value.RootElement), source.GetProperty("lsn").GetInt64(), source.GetProperty("txId").GetInt64()));
            }
        }
        return published;
    }

    // The stored offset is one published record's: what came behind it Debezium would publish again, and so do we. A clean stop stores the last one's.
    static List<Change> UpToStored(List<(Change Change, long Lsn, long Transaction)> published, JsonElement stored, bool exact)
    {
        var (lsn, transaction, there) = (stored.GetProperty("lsn_proc").GetInt64(), stored.GetProperty("txId").GetInt64(), stored.TryGetProperty("lsn_events_processed", out var count) ? count.GetInt64() : 1);
        var first = published.FindIndex(p => p.Lsn == lsn && p.Transaction == transaction);
        Assert.True(first >= 0, $"no record has the stored offset {stored}");
        var kept = published.Take(first + (int)there).ToList();
        if (exact) Assert.Equal(published.Count, kept.Count);
        return [.. kept.Select(p => p.Change)];
    }

    async Task ApplyAsync(string name, string file, string store)
    {
        var prefix = name.ToUpperInvariant();
        var (code, output) = await CommandAsync(store, prefix, "import", "debezium", file, "--offsets", Path.Combine(_folder, "dbz", "offsets"), "--out", Path.Combine(_folder, "cdcsync.yaml"), "--apply");
        Assert.True(code == 0, output);
        Assert.Contains("goes on at", output, StringComparison.Ordinal);
        (code, output) = await CommandAsync(store, prefix, "import", "debezium", file, "--offsets", Path.Combine(_folder, "dbz", "offsets"), "--out", Path.Combine(_folder, "cdcsync.yaml"), "--apply");
        Assert.Equal(1, code);
        Assert.Contains("has published already", output, StringComparison.Ordinal);
    }

    static Process Start(string store, string prefix, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "cdcsync.dll"), .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["CDCSYNC_STORE"], start.Environment[$"{prefix}_DATABASE_PASSWORD"]) = (store, "none");
        return Process.Start(start)!;
    }

    static async Task<(int Code, string Output)> CommandAsync(string store, string prefix, params string[] arguments)
    {
        using var process = Start(store, prefix, arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await output + await errors);
    }

    async Task<List<Change>> ContinueAsync(string name, string store, int expected)
    {
        var config = Path.Combine(_folder, "cdcsync.yaml");
        await File.AppendAllTextAsync(config, $"http: {{ listen: \"127.0.0.1:{PrivatePostgres.FreePort()}\" }}\nregistry: {{ listen: \"127.0.0.1:{PrivatePostgres.FreePort()}\" }}\n", Stop);
        using var service = Start(store, name.ToUpperInvariant(), "run", "-c", config, "--role", "capture");
        var (output, errors) = (service.StandardOutput.ReadToEndAsync(Stop), service.StandardError.ReadToEndAsync(Stop));
        var ours = new List<Change>();
        try
        {
            await using var data = NpgsqlDataSource.Create(store);
            await using var log = await PostgresLog.OpenAsync(data, null, null, null, Stop);
            await using var reader = await log.OpenReaderAsync("look", [$"{name}.public.ev"], Stop);
            var since = Stopwatch.StartNew();
            // What comes too much comes soon after: a little longer is waited for it.
            for (var quiet = 0; quiet < 4 && since.Elapsed < TimeSpan.FromSeconds(120) && !service.HasExited;)
            {
                var records = await reader.ReadAsync(10_000, TimeSpan.FromSeconds(0.5), Stop);
                foreach (var record in records) ours.Add(Of(JsonDocument.Parse(record.Value!).RootElement));
                quiet = records.Count == 0 && ours.Count >= expected ? quiet + 1 : 0;
            }
            Assert.False(service.HasExited, service.HasExited ? await output + await errors : "");
        }
        finally
        {
            if (!service.HasExited) service.Kill();
        }
        return ours;
    }

    static async Task<List<Change>> HistoryAsync(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var query = source.CreateCommand("select id, n from audit");
        await using var rows = await query.ExecuteReaderAsync(Stop);
        var history = new List<Change>();
        while (await rows.ReadAsync(Stop)) history.Add(new(rows.GetInt32(0), rows.GetInt64(1)));
        return history;
    }

    static async Task SlotIsFreeAsync(string connection, string slot)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await Eventually(async () =>
        {
            await using var query = source.CreateCommand($"select not active from pg_replication_slots where slot_name = '{slot}'");
            return await query.ExecuteScalarAsync(Stop) is true;
        });
    }

    static async Task ShellAsync(string command)
    {
        using var process = Process.Start("bash", ["-c", command]);
        await process.WaitForExitAsync(Stop);
    }

    static async Task Eventually(Func<Task<bool>> holds)
    {
        for (var since = Stopwatch.StartNew(); !await holds(); await Task.Delay(200, Stop)) Assert.True(since.Elapsed < TimeSpan.FromSeconds(120), "it did not come to be");
    }
}
