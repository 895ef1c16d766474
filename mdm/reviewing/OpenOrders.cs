using System.Text;
using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm.Reviewing;

/// <summary>The orders that are not shipped yet, by the records that they name: a wrong answer about one of those costs more.</summary>
sealed class OpenOrders(NpgsqlConnection connection)
{
    /// <summary>The object that tells of them.</summary>
    public static readonly CanonicalKind Kind = CanonicalCatalog.Of(typeof(SalesOrder));

    static readonly string[] Open = ["confirmed", "held", "partially_shipped"];

    /// <summary>Takes orders in; returns the records, by kind, that more or fewer of them name now, or may.</summary>
    public async Task<ILookup<string, CanonicalKey>> StoreAsync(IEnumerable<CanonicalRecord> arrived, CancellationToken stop)
    {
        var newest = arrived.Where(a => IsText(a.Key.Id)).GroupBy(a => a.Key).Select(g => g.Last()).ToList();
        var named = newest.SelectMany(o => Named(o.Object as SalesOrder).Where(n => IsText(n.Id)).Distinct().Select(n => (Order: o.Key, n.Kind, n.Id))).ToList();
        var before = await connection.ReadAsync("delete from mdm.open_order d using unnest($1::text[], $2::text[]) as o(source, id) where (d.source, d.order_id) = (o.source, o.id) returning d.kind, d.source, d.source_id",
            row => (Kind: row.GetString(0), Key: new CanonicalKey(row.GetString(1), row.GetString(2))), stop, newest.Select(o => o.Key.Source).ToArray(), newest.Select(o => o.Key.Id).ToArray());
        if (named.Count > 0)
            await connection.ExecuteAsync("insert into mdm.open_order (source, order_id, kind, source_id) select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])", stop,
                named.Select(n => n.Order.Source).ToArray(), named.Select(n => n.Order.Id).ToArray(), named.Select(n => n.Kind).ToArray(), named.Select(n => n.Id).ToArray());
        return before.Concat(named.Select(n => (n.Kind, Key: new CanonicalKey(n.Order.Source, n.Id)))).Distinct().ToLookup(n => n.Kind, n => n.Key);
    }

    // What the store cannot hold is no record's id either.
    static bool IsText(string id) => !id.Contains('\0', StringComparison.Ordinal) && string.Equals(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(id)), id, StringComparison.Ordinal);

    static IEnumerable<(string Kind, string Id)> Named(SalesOrder? order)
    {
        if (order is null || !Open.Contains(order.Status)) yield break;
        if (order.CustomerId.Length > 0) yield return ("customer", order.CustomerId);
        if (order.LocationId is { Length: > 0 } location) yield return ("location", location);
        foreach (var line in order.Lines)
            if (line.ItemId is { Length: > 0 } item) yield return ("item", item);
    }
}
