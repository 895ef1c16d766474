using Npgsql;

namespace CdcSync.Demo;

/// <summary>Business in both legacy databases: orders, picks, receipts, counts, price changes, address edits, holds, new and deleted customers.</summary>
/// <param name="erp">Connection string of the ERP.</param>
/// <param name="wms">Connection string of the WMS.</param>
/// <param name="seed">The same seed makes the same sequence of operations.</param>
public sealed class DemoTraffic(string erp, string wms, int seed)
{
    readonly Random _random = new(seed);
    long _operations;

    /// <summary>Business operations done so far; each is one transaction.</summary>
    public long Operations => Volatile.Read(ref _operations);

    /// <summary>Works until stopped.</summary>
    /// <param name="perSecond">Operations a second.</param>
    /// <param name="stop">Ends it after the operation under way.</param>
    public async Task RunAsync(int perSecond, CancellationToken stop)
    {
        await using var erpConnection = new NpgsqlConnection(erp);
        await using var wmsConnection = new NpgsqlConnection(wms);
        await erpConnection.OpenAsync(CancellationToken.None);
        await wmsConnection.OpenAsync(CancellationToken.None);
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        while (!stop.IsCancellationRequested)
        {
            var (sql, inErp) = Next();
            await using var command = new NpgsqlCommand(sql, inErp ? erpConnection : wmsConnection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
            Interlocked.Increment(ref _operations);
            try
            {
                await tick.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    (string Sql, bool InErp) Next()
    {
        int N(int most) => 1 + _random.Next(most);
        var (item, sku, customer) = ($"A-{N(2000):00000}", $"W{100000 + N(2000)}", $"{N(5000):00000000}");
        return _random.Next(100) switch
        {
            < 20 => ($"""
                insert into "ORDHDR" select coalesce(max("ORDNO"), 0) + 1, '{customer}', 20240615, 'WEB-{N(999999)}', 'N', '{"NYCCHILAX".Substring(3 * _random.Next(3), 3)}' from "ORDHDR";
                insert into "ORDLIN" select max("ORDNO"), l, 'A-' || to_char(1 + ({N(1999)} + l * 37) % 2000, 'FM00000'), {N(12)}, 0, {N(90)} from "ORDHDR", generate_series(1, {N(4)}) l group by l
                """, true),
            < 30 => ($"""
                update "ORDHDR" set "STAT" = 'S' where "ORDNO" = {N(1500)}; update "ORDLIN" set "QTYSHP" = "QTYORD" where "ORDNO" = {N(1500)}
                """, true),
            < 45 => ($"""update "PRCLST" set "PRICE" = round("PRICE" * {1 + (_random.Next(9) - 4) / 100m}, 4) where "ITMNO" = '{item}' and "VALTO" = 99991231""", true),
            < 50 => ($"""update "CUSMAS" set "STREET" = '{N(9999)} {(_random.Next(2) == 0 ? "HARBOR" : "CANAL")} STREET' where "CUSNO" = '{customer}'""", true),
            < 52 => ($"""update "CUSMAS" set "DELFL" = 1 - "DELFL" where "CUSNO" = '{customer}'""", true),
            < 54 => ($"""update "ITMMAS" set "DISCFL" = 1 - "DISCFL" where "ITMNO" = '{item}'""", true),
            < 56 => ($"""delete from "ORDLIN" where "ORDNO" = {N(1500)} and "LINNO" = 3""", true),
            < 75 => ($"update stock set qty = greatest(0, qty - {N(6)}) where ctid = (select ctid from stock where sku = '{sku}' limit 1)", false),
            < 88 => ($"insert into stock(bin, sku, lot, qty, counted) values ({N(600)}, '{sku}', 'L{N(90)}', {N(120)}, now()) on conflict (bin, sku, lot) do update set qty = stock.qty + excluded.qty", false),
            < 91 => ($"insert into hold(bin, sku, lot, qty, reason) select bin, sku, lot, least(qty, 3), 'QC' from stock where sku = '{sku}' limit 1", false),
            < 94 => ($"update hold set released = true where sku = '{sku}'", false),
            < 97 => ($"insert into allocation(warehouse, sku, qty, order_ref) values ('{"NYCCHILAX".Substring(3 * _random.Next(3), 3)}', '{sku}', {N(3)}, 'W{N(9999)}')", false),
            < 98 => ($"delete from allocation where sku = '{sku}' and picked = false", false),
            _ => ($"delete from stock where sku = '{sku}' and qty = 0", false),
        };
    }
}
