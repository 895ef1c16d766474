using System.Diagnostics;
using Npgsql;

namespace CdcSync.Bench;

/// <summary>
/// How the cost of capture grows: with the number of tables, with the size of rows, and with databases in which nothing happens.
/// <c>--log none|postgres|kafka --rows N --seconds N --only tables,sizes,idle</c>.
/// </summary>
public sealed class GrowthBench : IBench
{
    public string Name => "growth";

    public async Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop)
    {
        var (log, rows) = (args.Text("--log") ?? "postgres", args.Number("--rows", 200_000));
        var only = (args.Text("--only") ?? "tables,sizes,idle").Split(',');
        await using var kafka = log == "kafka" ? await SharedKafka.StartAsync(stop) : null;
        await using var source = await OrdersSource.StartAsync(stop);
        if (only.Contains("tables"))
            foreach (var tables in (int[])[1, 10, 100])
                output.Show($"{rows} changes of {tables} tables", [("log", log), .. await TablesAsync(source, log, kafka, tables, rows, stop)]);
        if (only.Contains("sizes"))
            foreach (var size in (int[])[1000, 5000, 50_000])
                output.Show($"rows of {size} bytes", [("log", log), .. await SizesAsync(source, log, kafka, size, Math.Max(2000, (int)(rows * 1000L / size)), stop)]);
        if (only.Contains("idle"))
            foreach (var databases in (int[])[1, 10])
                output.Show($"{databases} idle databases", await IdleAsync(source, databases, args.Number("--seconds", 30), stop));
    }

    // Transactions of ten rows, each of another table.
    static async Task<(string, object?)[]> TablesAsync(OrdersSource source, string log, SharedKafka? kafka, int tables, int rows, CancellationToken stop)
    {
        var name = $"t{tables}";
        var database = await source.Server.CreateDatabaseAsync(name, stop);
        await Sql.RunAsync(database, $"do $$ begin for i in 1..{tables} loop execute 'create table g' || i || '(id bigint primary key, customer int not null, status text, total numeric(14,2), placed timestamptz)'; end loop; end $$", stop);
        await OrdersSource.BeginAsync(database, name, string.Join(", ", Enumerable.Range(1, tables).Select(t => $"g{t}")), stop);
        await Sql.RunAsync(database, $"""
            create procedure load(n int) language plpgsql as $$ begin
              for i in 0..n / 10 - 1 loop
                execute 'insert into g' || 1 + i % {tables} || ' select {rows} + $1 * 10 + g, g, ''SHIPPED'', g / 7.0, now() from generate_series(1, 10) g' using i;
                commit;
              end loop;
            end $$
            """, stop);
        await Sql.RunAsync(database, $"call load({rows})", stop);
        return await DrainAsync(source, name, database, log, kafka, rows, stop);
    }

    // Text that does not compress, stored out of line where it is large.
    static async Task<(string, object?)[]> SizesAsync(OrdersSource source, string log, SharedKafka? kafka, int size, int rows, CancellationToken stop)
    {
        var name = $"s{size}";
        var database = await source.Server.CreateDatabaseAsync(name, stop);
        await Sql.RunAsync(database, "create table large(id bigint primary key, body text not null); alter table large alter column body set storage external", stop);
        await OrdersSource.BeginAsync(database, name, "large", stop);
        await Sql.RunAsync(database, $"""
            create procedure load(n int) language plpgsql as $$ declare body text := (select string_agg(md5(g::text), '') from generate_series(1, {size / 32 + 1}) g); begin
              for i in 1..n / 100 loop insert into large select i * 100 + g, left(body, {size}) from generate_series(1, 100) g; commit; end loop;
            end $$
            """, stop);
        await Sql.RunAsync(database, $"call load({rows})", stop);
        var figures = await DrainAsync(source, name, database, log, kafka, rows / 100 * 100, stop);
        double Of(string figure) => (double)figures.First(f => f.Item1 == figure).Item2!;
        return [.. figures, ("MBPerSecond", Of("perSecond") * size / 1e6), ("cpuSecondsPerGB", Of("cpuSecondsPerMillion") / 1e6 / size * 1e9)];
    }

    static async Task<(string, object?)[]> DrainAsync(OrdersSource source, string name, string database, string log, SharedKafka? kafka, int rows, CancellationToken stop)
    {
        var figures = await Worker.DrainAsync(name, database, log, await source.PlaceAsync(log, name, kafka, stop), rows, stop);
        await Sql.RunAsync(database, $"select pg_drop_replication_slot('cdcsync_{name}')", stop);
        return figures;
    }

    // Connected and streaming, with the default heartbeat, and nothing to do.
    static async Task<(string, object?)[]> IdleAsync(OrdersSource source, int databases, int seconds, CancellationToken stop)
    {
        var connections = new List<string>();
        for (var i = 0; i < databases; i++)
        {
            connections.Add(await source.Server.CreateDatabaseAsync($"idle{databases}_{i}", stop));
            await Sql.RunAsync(connections[^1], "create table quiet(id int primary key); insert into quiet values (1)", stop);
        }
        using var worker = Worker.Start($"i{databases}", string.Join('|', connections), "postgres", await source.PlaceAsync("postgres", $"idle{databases}", null, stop));
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(10 + databases), stop);      // the first rows, and the JIT
            worker.Refresh();
            var (before, serverBefore, queriesBefore, clock) = (worker.TotalProcessorTime, ServerTime.Of(source.Server.Port, source.Store.Port), await QueriesAsync(connections, stop), Stopwatch.StartNew());
            await Task.Delay(TimeSpan.FromSeconds(seconds), stop);
            worker.Refresh();
            var (cpu, servers, minutes) = ((worker.TotalProcessorTime - before).TotalSeconds, ServerTime.Of(source.Server.Port, source.Store.Port) - serverBefore, clock.Elapsed.TotalMinutes);
            return
            [
                ("cpuSecondsAMinute", cpu / minutes), ("serversCpuAMinute", servers / minutes), ("queriesPerSecond", (await QueriesAsync(connections, stop) - queriesBefore) / minutes / 60),
                ("residentMiB", worker.WorkingSet64 >> 20), ("peakMiB", worker.PeakWorkingSet64 >> 20),
            ];
        }
        finally
        {
            worker.Kill();
            await worker.WaitForExitAsync(CancellationToken.None);
        }
    }

    // Transactions in the sources' databases but our own: outside of one, each query is one.
    static async Task<long> QueriesAsync(IReadOnlyList<string> connections, CancellationToken stop)
    {
        var queries = 0L;
        foreach (var connection in connections)
        {
            await using var opened = new NpgsqlConnection(connection + ";Pooling=false");
            await opened.OpenAsync(stop);
            await using var query = new NpgsqlCommand("select xact_commit + xact_rollback from pg_stat_database where datname = current_database()", opened);
            queries += (long)(await query.ExecuteScalarAsync(stop))! - 1;
        }
        return queries;
    }
}
