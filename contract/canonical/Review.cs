using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Canonical;

/// <summary>
/// A question to a data steward, about two records or about the values of one golden record; the records of topics <c>review.customer</c>, <c>review.item</c> and
/// <c>review.location</c>. Its source is <c>review</c>, its source id the question's number; a tombstone says that it is answered, or not asked any more.
/// </summary>
public sealed record Review : CanonicalObject
{
    /// <summary>The value of <see cref="CanonicalObject.Source"/>.</summary>
    public const string ReviewSource = "review";

    /// <summary>
    /// <c>doubt</c>: the score says neither yes nor no. <c>refused</c>: sure by their score, but the records they stand with speak against it. <c>vetoed</c>: equal by a key, but
    /// registered under different numbers. <c>conflict</c>: values that matter differ within one golden record.
    /// </summary>
    public string Reason { get; init; } = "";

    /// <summary>Source of the record; of a conflict, of the first record of the golden record.</summary>
    public string RecordSource { get; init; } = "";

    /// <summary>Its id there.</summary>
    public string RecordId { get; init; } = "";

    /// <summary>Source of the other record; null for a conflict.</summary>
    public string? OtherSource { get; init; }

    /// <summary>Its id there.</summary>
    public string? OtherId { get; init; }

    /// <summary>How likely the two are the same, 0 to 1; null where no score was taken.</summary>
    [AvroDecimal(7, 6)]
    public decimal? Probability { get; init; }

    /// <summary>What a wrong answer costs, by the weights of the settings.</summary>
    [AvroDecimal(24, 6)]
    public decimal Cost { get; init; }

    /// <summary>What speaks against it, or which attributes differ: names of attributes and registers, no values.</summary>
    public string Note { get; init; } = "";

    /// <summary>Since when it is asked.</summary>
    public DateTimeOffset Since { get; init; }
}
