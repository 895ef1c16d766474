using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Canonical;

/// <summary>A tax registration. X12: N9/REF*TX.</summary>
public sealed record TaxId
{
    /// <summary>Kind of number: <c>vat</c>, <c>ein</c>, <c>gst</c>, a national scheme; lower case.</summary>
    public string Scheme { get; init; } = "vat";

    /// <summary>The number as the source has it.</summary>
    public string Value { get; init; } = "";
}

/// <summary>A postal address. X12: N3, N4; EN 16931: BG-8.</summary>
public sealed record Address
{
    /// <summary>What it is for: <c>bill</c>, <c>ship</c>, <c>remit</c>, <c>other</c>.</summary>
    public string Type { get; init; } = "other";

    /// <summary>Addressee where it differs from the customer.</summary>
    public string? Name { get; init; }

    /// <summary>Street, number and what else stands above the town; lines separated by a line feed.</summary>
    public string? Street { get; init; }

    /// <summary>Town.</summary>
    public string? City { get; init; }

    /// <summary>State, province or region: ISO 3166-2 part after the dash where known, else its name.</summary>
    public string? Region { get; init; }

    /// <summary>Postal code as the source has it.</summary>
    public string? PostalCode { get; init; }

    /// <summary>ISO 3166-1 alpha-2, upper case.</summary>
    public string? Country { get; init; }

    /// <summary>The one to take when nothing else says.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The source's id of the address.</summary>
    public string? SourceId { get; init; }
}

/// <summary>A person or role to reach. X12: PER.</summary>
public sealed record Contact
{
    /// <summary>Role: <c>main</c>, <c>billing</c>, <c>shipping</c>, the source's word.</summary>
    public string Role { get; init; } = "main";

    /// <summary>Person's name.</summary>
    public string? Name { get; init; }

    /// <summary>E-mail address.</summary>
    public string? Email { get; init; }

    /// <summary>Telephone number as the source has it; standardising is the matching's work.</summary>
    public string? Phone { get; init; }
}

/// <summary>Another unit of an item.</summary>
public sealed record UnitOfMeasure
{
    /// <summary>Unit code, as the source has it (UN/ECE Rec 20 where the source uses it).</summary>
    public string Code { get; init; } = "";

    /// <summary>How many base units one of these is.</summary>
    [AvroDecimal(18, 6)]
    public decimal Factor { get; init; } = 1;

    /// <summary>GTIN of this packing.</summary>
    public string? Gtin { get; init; }
}

/// <summary>A line of a sales order, purchase order, shipment, invoice or return: the fields that do not apply are null.</summary>
public sealed record Line
{
    /// <summary>Line number or the source's id of the line; unique within its document.</summary>
    public string LineId { get; init; } = "";

    /// <summary>Source id of the item; null for a text or charge line.</summary>
    public string? ItemId { get; init; }

    /// <summary>Text of the line.</summary>
    public string? Description { get; init; }

    /// <summary>Quantity ordered, shipped, invoiced or returned, in <see cref="Unit"/>. X12: PO102, SN102, IT102.</summary>
    [AvroDecimal(24, 6)]
    public decimal? Quantity { get; init; }

    /// <summary>Quantity fulfilled so far (shipped of an order, received of a purchase), in <see cref="Unit"/>.</summary>
    [AvroDecimal(24, 6)]
    public decimal? QuantityDone { get; init; }

    /// <summary>Unit code of the quantities.</summary>
    public string? Unit { get; init; }

    /// <summary>Net price of one unit, in the document's currency.</summary>
    [AvroDecimal(24, 6)]
    public decimal? UnitPrice { get; init; }

    /// <summary>Net amount of the line, in the document's currency.</summary>
    [AvroDecimal(24, 6)]
    public decimal? Amount { get; init; }

    /// <summary>Tax rate in percent.</summary>
    [AvroDecimal(9, 4)]
    public decimal? TaxRate { get; init; }

    /// <summary>Status of the line in the document's words.</summary>
    public string? Status { get; init; }

    /// <summary>Lot or serial number.</summary>
    public string? Lot { get; init; }

    /// <summary>The line this one fulfils: (document source id)/(line id).</summary>
    public string? OriginLine { get; init; }
}
