using System.Text.Json.Nodes;
using CdcSync.Sinks.Http;

namespace CdcSync.Sinks.Tests;

/// <summary>How canonical objects go to the shop: what docs/sinks.md shows as YAML.</summary>
static class ShopMapping
{
    public static HttpSettings Of(Uri url) => new()
    {
        Url = url,
        Headers = new Dictionary<string, string> { ["X-Version"] = "{version}" },
        Objects = new Dictionary<string, HttpObject> { ["item"] = Item, ["inventory"] = Inventory, ["price"] = Price, ["invoice"] = Invoice },
    };

    static HttpObject Item => new()
    {
        Key = ["number"],
        Upsert = new() { Path = "/api/products/{number}", Body = JsonNode.Parse("""{"name": "{name}", "category": "{category}", "status": "{status}", "unit": "{base_unit}"}""") },
        Delete = new() { Path = "/api/products/{number}" },
        Read = new()
        {
            Path = "/api/products", Items = "items", One = "/api/products/{number}", Key = ["sku"], Paging = new() { Kind = PagingKind.Page },
            Fields = new Dictionary<string, string> { ["name"] = "name", ["category"] = "category", ["status"] = "status", ["base_unit"] = "unit" },
        },
    };

    static HttpObject Inventory => new()
    {
        Key = ["item_number", "location_number"],
        Upsert = new()
        {
            Path = "/api/stock/{item_number}/{location_number}",
            Body = JsonNode.Parse("""{"sku": "{item_number}", "warehouse": "{location_number}", "available": "{available}", "version": "{version}"}"""),
        },
        Delete = new() { Path = "/api/stock/{item_number}/{location_number}" },
        Batch = new() { Path = "/api/stock/batch", Body = JsonNode.Parse("""{"items": "{items}"}"""), Max = 50, Results = "results" },
        Read = new()
        {
            Path = "/api/stock", Items = "items", One = "/api/stock/{item_number}/{location_number}", Key = ["sku", "warehouse"], Paging = new() { Kind = PagingKind.Page, Size = 50 },
            Fields = new Dictionary<string, string> { ["available"] = "available" },
        },
    };

    static HttpObject Price => new()
    {
        Key = ["item_number"],
        Where = new Dictionary<string, string?> { ["kind"] = "list", ["price_group"] = null },
        Upsert = new() { Path = "/api/prices/{item_number}", Body = JsonNode.Parse("""{"amount": "{amount}", "currency": "{currency}"}""") },
        Delete = new() { Path = "/api/prices/{item_number}" },
        Read = new()
        {
            Path = "/api/prices", Items = "items", Key = ["sku"], Paging = new() { Kind = PagingKind.Page },
            Fields = new Dictionary<string, string> { ["amount"] = "amount", ["currency"] = "currency" },
        },
    };

    static HttpObject Invoice => new()
    {
        Key = ["number"], Id = "id", Repeatable = false,
        Upsert = new() { Path = "/api/invoices", Body = JsonNode.Parse("""{"reference": "{number}", "status": "{status}", "total": "{total}"}""") },
        Update = new() { Path = "/api/invoices/{target_id}", Body = JsonNode.Parse("""{"reference": "{number}", "status": "{status}", "total": "{total}"}""") },
        LookUp = new() { Path = "/api/invoices?reference={number}", Items = "items", Id = "id" },
        IgnoreDeletes = true,
    };
}
