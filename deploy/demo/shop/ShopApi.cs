using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CdcSync.Demo.Shop;

/// <summary>The shop's REST API.</summary>
static class ShopApi
{
    public static void Map(IEndpointRouteBuilder app, ShopState state, FaultMaker faults)
    {
        MapMaster(app, state, faults);
        MapStock(app, state, faults);
        MapInvoices(app, state);
    }

    static void MapMaster(IEndpointRouteBuilder app, ShopState state, FaultMaker faults)
    {
        app.MapGet("/api/products", (int? page, int? limit) => Page(state.Products, page, limit));
        app.MapGet("/api/products/{sku}", (string sku) => Found(state.Products.FirstOrDefault(p => p.Sku == sku)));
        app.MapPut("/api/products/{sku}", (string sku, ProductBody body, HttpContext call) => Taken(faults, sku, () =>
            state.Put(new ShopProduct(sku, body.Name, body.Category, body.Status, body.Unit), VersionOf(call, body.Version))));
        app.MapDelete("/api/products/{sku}", (string sku, HttpContext call) => Taken(faults, sku, () => state.DeleteProduct(sku, VersionOf(call, null))));
        app.MapGet("/api/prices", (int? page, int? limit) => Page(state.Prices, page, limit));
        app.MapGet("/api/prices/{sku}", (string sku) => Found(state.Prices.FirstOrDefault(p => p.Sku == sku)));
        app.MapPut("/api/prices/{sku}", (string sku, PriceBody body, HttpContext call) => Taken(faults, sku, () =>
            state.Put(new ShopPrice(sku, body.Amount, body.Currency), VersionOf(call, body.Version))));
        app.MapDelete("/api/prices/{sku}", (string sku, HttpContext call) => Taken(faults, sku, () => state.DeletePrice(sku, VersionOf(call, null))));
    }

    static void MapStock(IEndpointRouteBuilder app, ShopState state, FaultMaker faults)
    {
        app.MapGet("/api/stock", (int? page, int? limit) => Page(state.Stock, page, limit));
        app.MapGet("/api/stock/{sku}/{warehouse}", (string sku, string warehouse) => Found(state.Stock.FirstOrDefault(s => s.Sku == sku && s.Warehouse == warehouse)));
        app.MapPut("/api/stock/{sku}/{warehouse}", (string sku, string warehouse, StockBody body, HttpContext call) => Taken(faults, sku, () =>
            state.Put(new ShopStock(sku, warehouse, body.Available), VersionOf(call, body.Version))));
        app.MapDelete("/api/stock/{sku}/{warehouse}", (string sku, string warehouse, HttpContext call) => Taken(faults, sku, () => state.DeleteStock(sku, warehouse, VersionOf(call, null))));
        app.MapPost("/api/stock/batch", (BatchBody batch) =>
        {
            if (faults.Draw(faults.Faults.RefuseBatch)) return Results.Json(new { error = "this batch is not to our liking" }, statusCode: 422);
            var half = faults.Draw(faults.Faults.HalfBatch);
            var results = batch.Items.Select((item, i) =>
            {
                if (half && i % 2 == 1) return new ItemResult(503, "not this half");
                if (faults.Faults.Poison.Contains(item.Sku)) return new ItemResult(422, $"stock of {item.Sku} is refused");
                state.Put(new ShopStock(item.Sku, item.Warehouse, item.Available), item.Version);
                return new ItemResult(200, null);
            });
            return Results.Json(new { results = results.ToList() });
        });
    }

    static void MapInvoices(IEndpointRouteBuilder app, ShopState state)
    {
        app.MapGet("/api/invoices", (string? reference) => new { items = state.Invoices.Where(i => reference is null || i.Reference == reference) });
        app.MapPost("/api/invoices", (InvoiceBody body) => Results.Json(state.Create(body.Reference, body.Status, body.Total), statusCode: 201));
        app.MapPut("/api/invoices/{id}", (string id, InvoiceBody body) => state.Update(new ShopInvoice(id, body.Reference, body.Status, body.Total)) ? Results.NoContent() : Results.NotFound());
    }

    static IResult Taken(FaultMaker faults, string sku, Action apply)
    {
        if (faults.Faults.Poison.Contains(sku)) return Results.Json(new { error = $"{sku} is refused" }, statusCode: 422);
        apply();
        return Results.NoContent();
    }

    static IResult Found<T>(T? value) where T : class => value is null ? Results.NotFound() : Results.Json(value);

    static object Page<T>(IReadOnlyList<T> all, int? page, int? limit) =>
        new { total = all.Count, items = all.Skip(((page ?? 1) - 1) * (limit ?? 100)).Take(limit ?? 100) };

    static string? VersionOf(HttpContext call, string? inBody) => inBody ?? (call.Request.Headers.TryGetValue("X-Version", out var header) ? header.ToString() : null);

    sealed record ProductBody(string Name, string? Category, string? Status, string? Unit, string? Version);

    sealed record PriceBody(decimal Amount, string? Currency, string? Version);

    sealed record StockBody(decimal Available, string? Version);

    sealed record StockItem(string Sku, string Warehouse, decimal Available, string? Version);

    sealed record BatchBody(IReadOnlyList<StockItem> Items);

    sealed record ItemResult(int Status, string? Error);

    sealed record InvoiceBody(string Reference, string? Status, decimal? Total);
}
