using System.Globalization;
using CdcSync.Contract.Changes;
using CdcSync.EventLog.Postgres;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests.Exact;

/// <summary>However large a transaction is, the worker's memory is not, and readers see it all at once.</summary>
public class BoundedTests(TestPostgres postgres)
{
    const int Rows = 200_000, RowBytes = 1000, MiBAtMost = 256;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_of_200_MB_passes_through_a_worker_that_stays_small()
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, "create table wide(id bigint primary key, body text not null); alter table wide alter column body set storage external");
        var place = await postgres.NewDatabaseAsync("store");
        await using var store = NpgsqlDataSource.Create(place);
        await using var log = await PostgresLog.OpenAsync(store, null, null, null, Stop);
        var name = $"w{Guid.NewGuid():n}"[..10];
        using var worker = CaptureProcessStart.Start(name, connection, "postgres", place);
        try
        {
            while (await log.ReadBookmarkAsync(name, Stop) is not { } bookmark || !Captured.IsDone(bookmark)) await Task.Delay(50, Stop);
            await TestPostgres.ExecuteAsync(connection, $"insert into wide select g, repeat(md5(g::text), {RowBytes / 32}) from generate_series(1, {Rows}) g");
            await UntilAsync(log, name, connection);
            var peak = PeakMiB(worker.Id);
            Assert.True(peak < MiBAtMost, $"{peak} MiB");
        }
        finally
        {
            worker.Kill();
            await worker.WaitForExitAsync(CancellationToken.None);
        }
        await using var count = store.CreateCommand("select count(*), count(distinct r.xmin::text) from log.record r join log.partition p on p.id = r.partition join log.topic t on t.id = p.topic where t.name = $1");
        count.Parameters.Add(new() { Value = $"{name}.public.wide" });
        await using var row = await count.ExecuteReaderAsync(Stop);
        await row.ReadAsync(Stop);
        Assert.Equal((Rows, 1L), (row.GetInt64(0), row.GetInt64(1)));
    }

    static async Task UntilAsync(PostgresLog log, string name, string connection)
    {
        await using var opened = new NpgsqlConnection(connection);
        await opened.OpenAsync(Stop);
        await using var query = new NpgsqlCommand("select pg_current_wal_insert_lsn()::text", opened);
        var place = new SourcePosition(Postgres.Sql.Lsn((string)(await query.ExecuteScalarAsync(Stop))!) - 1, 0);
        for (var waited = 0; await log.ReadBookmarkAsync(name, Stop) is not { } bookmark || bookmark.Position < place; waited++)
        {
            Assert.True(waited < 1800, "not caught up within 180 s");
            await Task.Delay(100, Stop);
        }
    }

    // The most it ever had.
    static long PeakMiB(int process) =>
        long.Parse(File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) >> 10;
}
