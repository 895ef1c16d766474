using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcSync.Contract.Canonical;

/// <summary>The eleven canonical objects by name, and how the pipeline treats them.</summary>
/// <param name="Name">snake_case name, as in topics and configuration: <c>sales_order</c>.</param>
/// <param name="Type">The record's type.</param>
/// <param name="IsDocument">True for business documents: each version is delivered, in order. False for state: the latest version wins and waiting ones collapse.</param>
public sealed record CanonicalKind(string Name, Type Type, bool IsDocument)
{
    /// <summary>Topic of its canonical records.</summary>
    public string Topic => $"canonical.{Name}";

    /// <summary>Topic of its golden records (customer, item and location).</summary>
    public string GoldenTopic => $"golden.{Name}";

    /// <summary>Topic of its cross-references (customer, item and location).</summary>
    public string XrefTopic => $"xref.{Name}";

    /// <summary>Topic of the questions to stewards (customer, item and location).</summary>
    public string ReviewTopic => $"review.{Name}";

    /// <summary>Topic of what moved from one golden record to another (customer, item and location).</summary>
    public string MovesTopic => $"moves.{Name}";

    /// <summary>The objects that name one of this kind by its source id, by themselves or in their lines.</summary>
    public IReadOnlyList<string> Dependents => Name switch
    {
        "customer" => ["price", "sales_order", "shipment", "invoice", "payment", "return"],
        "item" => ["inventory", "price", "sales_order", "shipment", "invoice", "payment", "return", "purchase_order"],
        "location" => ["inventory", "sales_order", "shipment", "purchase_order"],
        _ => [],
    };
}

/// <summary>Finds canonical objects by name and type.</summary>
public static class CanonicalCatalog
{
    /// <summary>All, in the order of the design.</summary>
    public static IReadOnlyList<CanonicalKind> All { get; } =
    [
        new("customer", typeof(Customer), false),
        new("item", typeof(Item), false),
        new("location", typeof(Location), false),
        new("inventory", typeof(Inventory), false),
        new("price", typeof(Price), false),
        new("sales_order", typeof(SalesOrder), false),
        new("shipment", typeof(Shipment), false),
        new("invoice", typeof(Invoice), true),
        new("payment", typeof(Payment), true),
        new("return", typeof(Return), false),
        new("purchase_order", typeof(PurchaseOrder), false),
    ];

    static readonly FrozenDictionary<string, CanonicalKind> ByName = All.ToFrozenDictionary(k => k.Name);
    static readonly FrozenDictionary<Type, CanonicalKind> ByType = All.ToFrozenDictionary(k => k.Type);

    /// <summary>The object of that name; null when there is none.</summary>
    public static CanonicalKind? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>What <c>xref.*</c> topics carry; no business object of its own, so not among <see cref="All"/>.</summary>
    public static CanonicalKind CrossReference { get; } = new("cross_reference", typeof(CrossReference), false);

    /// <summary>What <c>review.*</c> topics carry; no business object either.</summary>
    public static CanonicalKind Review { get; } = new("review", typeof(Review), false);

    /// <summary>What <c>moves.*</c> topics carry: events, each of which counts.</summary>
    public static CanonicalKind GoldenMove { get; } = new("golden_move", typeof(GoldenMove), true);

    /// <summary>The kind of the records in a topic <c>canonical.*</c>, <c>golden.*</c>, <c>xref.*</c>, <c>review.*</c> or <c>moves.*</c>; null when it is none of them.</summary>
    public static CanonicalKind? OfTopic(string topic) =>
        topic.StartsWith("xref.", StringComparison.Ordinal) ? CrossReference
        : topic.StartsWith("review.", StringComparison.Ordinal) ? Review
        : topic.StartsWith("moves.", StringComparison.Ordinal) ? GoldenMove
        : Find(topic[(topic.IndexOf('.') + 1)..]);

    /// <summary>The kind of an object's type.</summary>
    /// <exception cref="KeyNotFoundException">The type is no canonical object.</exception>
    public static CanonicalKind Of(Type type) => ByType[type];
}

/// <summary>Canonical objects as JSON: snake_case names, exact decimals, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(Customer)), JsonSerializable(typeof(Item)), JsonSerializable(typeof(Location)), JsonSerializable(typeof(Inventory))]
[JsonSerializable(typeof(Price)), JsonSerializable(typeof(SalesOrder)), JsonSerializable(typeof(Shipment)), JsonSerializable(typeof(Invoice))]
[JsonSerializable(typeof(Payment)), JsonSerializable(typeof(Return)), JsonSerializable(typeof(PurchaseOrder)), JsonSerializable(typeof(CrossReference)), JsonSerializable(typeof(Review)), JsonSerializable(typeof(GoldenMove)), JsonSerializable(typeof(CanonicalKey))]
public sealed partial class CanonicalJson : JsonSerializerContext
{
    /// <summary>For reading what a mapping gives: a field that is not there keeps its default, which generated code would overwrite with null.</summary>
    public static JsonSerializerOptions Reading { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
    };
}
