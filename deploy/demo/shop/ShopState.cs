using System.Text.Json;

namespace CdcSync.Demo.Shop;

/// <summary>A product.</summary>
public sealed record ShopProduct(string Sku, string Name, string? Category, string? Status, string? Unit);

/// <summary>Stock of a product in a warehouse.</summary>
public sealed record ShopStock(string Sku, string Warehouse, decimal Available);

/// <summary>Price of a product.</summary>
public sealed record ShopPrice(string Sku, decimal Amount, string? Currency);

/// <summary>An invoice; the shop gives the id.</summary>
public sealed record ShopInvoice(string Id, string Reference, string? Status, decimal? Total);

/// <summary>Something that changed.</summary>
public sealed record ShopEvent(long Number, DateTimeOffset At, string What, string Key, string Text);

/// <summary>What a key was given: the version the caller named, and whether it was a delete.</summary>
public sealed record ShopWrite(string? Version, bool Deleted);

/// <summary>Everything the shop holds. It takes whatever comes, older versions too, and remembers for every key what it was given in which order.</summary>
public sealed class ShopState(TimeProvider clock, string? file)
{
    const int FeedLength = 200;
    readonly Lock _gate = new();
    readonly SortedDictionary<string, ShopProduct> _products = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, ShopStock> _stock = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, ShopPrice> _prices = new(StringComparer.Ordinal);
    readonly List<ShopInvoice> _invoices = [];
    readonly Dictionary<string, List<ShopWrite>> _history = new(StringComparer.Ordinal);
    readonly Queue<ShopEvent> _feed = new();
    long _events;

    /// <summary>Products by SKU.</summary>
    public IReadOnlyList<ShopProduct> Products { get { lock (_gate) return [.. _products.Values]; } }

    /// <summary>Stock by SKU and warehouse.</summary>
    public IReadOnlyList<ShopStock> Stock { get { lock (_gate) return [.. _stock.Values]; } }

    /// <summary>Prices by SKU.</summary>
    public IReadOnlyList<ShopPrice> Prices { get { lock (_gate) return [.. _prices.Values]; } }

    /// <summary>Invoices in the order they came.</summary>
    public IReadOnlyList<ShopInvoice> Invoices { get { lock (_gate) return [.. _invoices]; } }

    /// <summary>What each key was given, in order: <c>products/SKU</c>, <c>stock/SKU/warehouse</c>, <c>prices/SKU</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ShopWrite>> History
    {
        get { lock (_gate) return _history.ToDictionary(h => h.Key, h => (IReadOnlyList<ShopWrite>)[.. h.Value], StringComparer.Ordinal); }
    }

    /// <summary>What changed after an event, newest last.</summary>
    public IReadOnlyList<ShopEvent> FeedAfter(long number) { lock (_gate) return [.. _feed.Where(e => e.Number > number)]; }

    public void Put(ShopProduct product, string? version) => Change("product", $"products/{product.Sku}", version, false, product.Name, () => _products[product.Sku] = product);

    public void Put(ShopStock stock, string? version) =>
        Change("stock", $"stock/{stock.Sku}/{stock.Warehouse}", version, false, $"{stock.Available:0.##} in {stock.Warehouse}", () => _stock[$"{stock.Sku}|{stock.Warehouse}"] = stock);

    public void Put(ShopPrice price, string? version) =>
        Change("price", $"prices/{price.Sku}", version, false, $"{price.Amount:0.00} {price.Currency}", () => _prices[price.Sku] = price);

    public void DeleteProduct(string sku, string? version) => Change("product", $"products/{sku}", version, true, "removed", () => _products.Remove(sku));

    public void DeleteStock(string sku, string warehouse, string? version) => Change("stock", $"stock/{sku}/{warehouse}", version, true, "removed", () => _stock.Remove($"{sku}|{warehouse}"));

    public void DeletePrice(string sku, string? version) => Change("price", $"prices/{sku}", version, true, "removed", () => _prices.Remove(sku));

    public ShopInvoice Create(string reference, string? status, decimal? total)
    {
        lock (_gate)
        {
            var invoice = new ShopInvoice($"INV-{_invoices.Count + 1}", reference, status, total);
            _invoices.Add(invoice);
            return invoice;
        }
    }

    public bool Update(ShopInvoice invoice)
    {
        lock (_gate)
        {
            var at = _invoices.FindIndex(i => i.Id == invoice.Id);
            if (at >= 0) _invoices[at] = invoice;
            return at >= 0;
        }
    }

    /// <summary>Reads what an earlier run saved, when there is a file.</summary>
    public void Load()
    {
        if (file is null || !File.Exists(file)) return;
        var saved = JsonSerializer.Deserialize<Saved>(File.ReadAllText(file)) ?? new Saved([], [], []);
        foreach (var product in saved.Products) _products[product.Sku] = product;
        foreach (var stock in saved.Stock) _stock[$"{stock.Sku}|{stock.Warehouse}"] = stock;
        foreach (var price in saved.Prices) _prices[price.Sku] = price;
    }

    /// <summary>Saves what there is, when there is a file.</summary>
    public void Save()
    {
        if (file is not null) File.WriteAllText(file, JsonSerializer.Serialize(new Saved(Products, Stock, Prices)));
    }

    void Change(string what, string key, string? version, bool deleted, string text, Action apply)
    {
        lock (_gate)
        {
            apply();
            if (!_history.TryGetValue(key, out var writes)) _history[key] = writes = [];
            writes.Add(new ShopWrite(version, deleted));
            _feed.Enqueue(new ShopEvent(++_events, clock.GetUtcNow(), what, key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..], text));
            if (_feed.Count > FeedLength) _feed.Dequeue();
        }
    }

    sealed record Saved(IReadOnlyList<ShopProduct> Products, IReadOnlyList<ShopStock> Stock, IReadOnlyList<ShopPrice> Prices);
}
