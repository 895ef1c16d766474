using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Canonical;

/// <summary>A party that buys. X12: N1*BT/ST loops; UBL: AccountingCustomerParty; OAGIS: CustomerPartyMaster.</summary>
public sealed record Customer : CanonicalObject
{
    /// <summary>Number people use for it; often differs from the source id.</summary>
    public string? Number { get; init; }

    /// <summary>Legal name; for a person the full name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Trading-as name.</summary>
    public string? TradingName { get; init; }

    /// <summary><c>company</c> or <c>person</c>.</summary>
    public string Kind { get; init; } = "company";

    /// <summary><c>active</c>, <c>hold</c> or <c>inactive</c>.</summary>
    public string Status { get; init; } = "active";

    /// <summary>Tax registrations.</summary>
    public IReadOnlyList<TaxId> TaxIds { get; init; } = [];

    /// <summary>GS1 Global Location Number, 13 digits.</summary>
    public string? Gln { get; init; }

    /// <summary>Addresses.</summary>
    public IReadOnlyList<Address> Addresses { get; init; } = [];

    /// <summary>Contacts.</summary>
    public IReadOnlyList<Contact> Contacts { get; init; } = [];

    /// <summary>ISO 4217 code it trades in.</summary>
    public string? Currency { get; init; }

    /// <summary>Code of its payment terms in the source.</summary>
    public string? PaymentTerms { get; init; }

    /// <summary>Credit limit in <see cref="Currency"/>.</summary>
    [AvroDecimal(24, 6)]
    public decimal? CreditLimit { get; init; }

    /// <summary>Deliveries are stopped for credit.</summary>
    public bool CreditHold { get; init; }

    /// <summary>Group whose prices apply; meets <see cref="Price.PriceGroup"/>.</summary>
    public string? PriceGroup { get; init; }

    /// <summary>Source id of the parent account.</summary>
    public string? ParentId { get; init; }

    /// <summary>ISO 639-1 language.</summary>
    public string? Language { get; init; }
}

/// <summary>Something sold or stocked. X12: LIN, PID; GS1: trade item; OAGIS: ItemMaster.</summary>
public sealed record Item : CanonicalObject
{
    /// <summary>Number people use: the SKU.</summary>
    public string Number { get; init; } = "";

    /// <summary>GTIN-8/12/13/14 digits of the base unit. X12: LIN*UP/UK.</summary>
    public string? Gtin { get; init; }

    /// <summary>Manufacturer's name.</summary>
    public string? Manufacturer { get; init; }

    /// <summary>Manufacturer's part number. X12: LIN*MG.</summary>
    public string? ManufacturerPart { get; init; }

    /// <summary>Short name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Long text.</summary>
    public string? Description { get; init; }

    /// <summary><c>active</c>, <c>discontinued</c> or <c>inactive</c>.</summary>
    public string Status { get; init; } = "active";

    /// <summary><c>stock</c>, <c>nonstock</c>, <c>kit</c> or <c>service</c>.</summary>
    public string Kind { get; init; } = "stock";

    /// <summary>Unit that quantities are in where none is said.</summary>
    public string BaseUnit { get; init; } = "EA";

    /// <summary>Further units.</summary>
    public IReadOnlyList<UnitOfMeasure> Units { get; init; } = [];

    /// <summary>Category path from the root, parts separated by '/'.</summary>
    public string? Category { get; init; }

    /// <summary>Gross weight of the base unit in kilograms.</summary>
    [AvroDecimal(18, 6)]
    public decimal? WeightKg { get; init; }

    /// <summary>ISO 3166-1 alpha-2 country of origin.</summary>
    public string? CountryOfOrigin { get; init; }

    /// <summary>Harmonised System code.</summary>
    public string? HsCode { get; init; }

    /// <summary>Source's tax class.</summary>
    public string? TaxClass { get; init; }
}

/// <summary>A place that holds stock. GS1: GLN location; X12: N1*WH/SF.</summary>
public sealed record Location : CanonicalObject
{
    /// <summary>Code people use.</summary>
    public string Number { get; init; } = "";

    /// <summary>GS1 Global Location Number.</summary>
    public string? Gln { get; init; }

    /// <summary>Name.</summary>
    public string Name { get; init; } = "";

    /// <summary><c>warehouse</c>, <c>branch</c>, <c>zone</c>, <c>bin</c>, <c>transit</c> or <c>vendor</c>.</summary>
    public string Kind { get; init; } = "warehouse";

    /// <summary><c>active</c> or <c>inactive</c>.</summary>
    public string Status { get; init; } = "active";

    /// <summary>Source id of the location it lies in.</summary>
    public string? ParentId { get; init; }

    /// <summary>Its address.</summary>
    public Address? Address { get; init; }

    /// <summary>Stock here may be sold.</summary>
    public bool Sellable { get; init; } = true;
}
