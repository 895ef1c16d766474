using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Canonical;

/// <summary>What is there of one item at one location. X12 846; quantities in the item's base unit.</summary>
public sealed record Inventory : CanonicalObject
{
    /// <summary>Source id of the item.</summary>
    public string ItemId { get; init; } = "";

    /// <summary>Number (SKU) of the item, for targets that know items by it.</summary>
    public string? ItemNumber { get; init; }

    /// <summary>Source id of the location.</summary>
    public string LocationId { get; init; } = "";

    /// <summary>Code of the location.</summary>
    public string? LocationNumber { get; init; }

    /// <summary>Physically there. X12: QTY*17.</summary>
    [AvroDecimal(24, 6)]
    public decimal OnHand { get; init; }

    /// <summary>Of it promised to orders.</summary>
    [AvroDecimal(24, 6)]
    public decimal Allocated { get; init; }

    /// <summary>Of it blocked: quality hold, damage, count.</summary>
    [AvroDecimal(24, 6)]
    public decimal OnHold { get; init; }

    /// <summary>May be sold: the source's own figure, else on hand less allocated less on hold. X12: QTY*33.</summary>
    [AvroDecimal(24, 6)]
    public decimal Available { get; init; }

    /// <summary>Ordered from suppliers, not yet here. X12: QTY*63.</summary>
    [AvroDecimal(24, 6)]
    public decimal? OnOrder { get; init; }

    /// <summary>Unit code of the quantities.</summary>
    public string? Unit { get; init; }
}

/// <summary>What an item costs somebody. X12 832: CTP.</summary>
public sealed record Price : CanonicalObject
{
    /// <summary>Source id of the item.</summary>
    public string ItemId { get; init; } = "";

    /// <summary>Number (SKU) of the item.</summary>
    public string? ItemNumber { get; init; }

    /// <summary>Price list, where it is one.</summary>
    public string? PriceList { get; init; }

    /// <summary>Customer group it is for; null for all.</summary>
    public string? PriceGroup { get; init; }

    /// <summary>Source id of the customer it is for; null for all.</summary>
    public string? CustomerId { get; init; }

    /// <summary><c>list</c>, <c>contract</c>, <c>promotion</c> or <c>cost</c>.</summary>
    public string Kind { get; init; } = "list";

    /// <summary>ISO 4217.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Price of one <see cref="Unit"/>.</summary>
    [AvroDecimal(24, 6)]
    public decimal Amount { get; init; }

    /// <summary>Unit the price is for; the item's base unit when null.</summary>
    public string? Unit { get; init; }

    /// <summary>Smallest quantity it applies to, in <see cref="Unit"/>.</summary>
    [AvroDecimal(24, 6)]
    public decimal MinQuantity { get; init; }

    /// <summary>First day, inclusive.</summary>
    public DateOnly? ValidFrom { get; init; }

    /// <summary>Last day, inclusive; null without end (a legacy 9999-12-31 is null).</summary>
    public DateOnly? ValidTo { get; init; }

    /// <summary>Tax is in the amount.</summary>
    public bool TaxIncluded { get; init; }
}
