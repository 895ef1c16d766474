using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Canonical;

/// <summary>What all business documents carry.</summary>
public abstract record Document : CanonicalObject
{
    /// <summary>Number people use; null while a draft has none.</summary>
    public string? Number { get; init; }

    /// <summary>The other side's or an earlier document's reference.</summary>
    public string? Reference { get; init; }

    /// <summary>Document date.</summary>
    public DateOnly? Date { get; init; }

    /// <summary>Status; each document says which words.</summary>
    public string Status { get; init; } = "draft";

    /// <summary>Lines in document order.</summary>
    public IReadOnlyList<Line> Lines { get; init; } = [];
}

/// <summary>
/// A customer's order. Status: <c>draft</c>, <c>confirmed</c>, <c>held</c>, <c>partially_shipped</c>, <c>shipped</c>, <c>closed</c>, <c>cancelled</c>. X12 850/855.
/// </summary>
public sealed record SalesOrder : Document
{
    /// <summary>Source id of the customer.</summary>
    public string CustomerId { get; init; } = "";

    /// <summary>Source id of the location it ships from.</summary>
    public string? LocationId { get; init; }

    /// <summary>ISO 4217.</summary>
    public string? Currency { get; init; }

    /// <summary>Net total.</summary>
    [AvroDecimal(24, 6)]
    public decimal? Total { get; init; }

    /// <summary>Promised delivery date.</summary>
    public DateOnly? PromisedDate { get; init; }
}

/// <summary>Goods on their way to a customer. Status: <c>draft</c>, <c>waiting</c>, <c>picked</c>, <c>packed</c>, <c>shipped</c>, <c>delivered</c>, <c>cancelled</c>. X12 856.</summary>
public sealed record Shipment : Document
{
    /// <summary>Source id of the customer.</summary>
    public string CustomerId { get; init; } = "";

    /// <summary>Source id of the location it leaves from.</summary>
    public string? LocationId { get; init; }

    /// <summary>Source ids of the orders it fulfils.</summary>
    public IReadOnlyList<string> OrderIds { get; init; } = [];

    /// <summary>Carrier: SCAC where known.</summary>
    public string? Carrier { get; init; }

    /// <summary>Tracking numbers.</summary>
    public IReadOnlyList<string> TrackingNumbers { get; init; } = [];
}

/// <summary>A bill or credit note. Status: <c>draft</c>, <c>posted</c>, <c>paid</c>, <c>cancelled</c>. X12 810; EN 16931.</summary>
public sealed record Invoice : Document
{
    /// <summary><c>invoice</c> or <c>credit</c>.</summary>
    public string Kind { get; init; } = "invoice";

    /// <summary>Source id of the customer.</summary>
    public string CustomerId { get; init; } = "";

    /// <summary>Source ids of the orders it bills.</summary>
    public IReadOnlyList<string> OrderIds { get; init; } = [];

    /// <summary>Due date.</summary>
    public DateOnly? DueDate { get; init; }

    /// <summary>ISO 4217.</summary>
    public string? Currency { get; init; }

    /// <summary>Net total.</summary>
    [AvroDecimal(24, 6)]
    public decimal? Net { get; init; }

    /// <summary>Tax total.</summary>
    [AvroDecimal(24, 6)]
    public decimal? Tax { get; init; }

    /// <summary>Gross total.</summary>
    [AvroDecimal(24, 6)]
    public decimal? Total { get; init; }
}

/// <summary>Money received or refunded. Status: <c>received</c>, <c>cleared</c>, <c>bounced</c>, <c>refunded</c>. X12 820. Its lines name the invoices in <see cref="Line.OriginLine"/>.</summary>
public sealed record Payment : Document
{
    /// <summary>Source id of the customer.</summary>
    public string CustomerId { get; init; } = "";

    /// <summary>Method: <c>transfer</c>, <c>card</c>, <c>check</c>, <c>cash</c>, the source's word.</summary>
    public string? Method { get; init; }

    /// <summary>ISO 4217.</summary>
    public string? Currency { get; init; }

    /// <summary>Amount; negative for a refund.</summary>
    [AvroDecimal(24, 6)]
    public decimal Amount { get; init; }
}

/// <summary>Goods coming back. Status: <c>authorised</c>, <c>received</c>, <c>credited</c>, <c>rejected</c>. X12 180.</summary>
public sealed record Return : Document
{
    /// <summary>Source id of the customer.</summary>
    public string CustomerId { get; init; } = "";

    /// <summary>Source id of the order or invoice it comes from.</summary>
    public string? OriginId { get; init; }

    /// <summary>Reason in the source's words.</summary>
    public string? Reason { get; init; }
}

/// <summary>An order to a supplier. Status: <c>draft</c>, <c>confirmed</c>, <c>partially_received</c>, <c>received</c>, <c>closed</c>, <c>cancelled</c>.</summary>
public sealed record PurchaseOrder : Document
{
    /// <summary>Source id of the supplier.</summary>
    public string SupplierId { get; init; } = "";

    /// <summary>Source id of the location it is delivered to.</summary>
    public string? LocationId { get; init; }

    /// <summary>ISO 4217.</summary>
    public string? Currency { get; init; }

    /// <summary>Net total.</summary>
    [AvroDecimal(24, 6)]
    public decimal? Total { get; init; }

    /// <summary>Expected delivery.</summary>
    public DateOnly? ExpectedDate { get; init; }
}
