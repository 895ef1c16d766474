namespace CdcSync.Mdm.Standardise;

/// <summary>
/// A kind of field: how what people typed becomes values that can be compared. A new kind is one file in this folder and one test; it is found by its class and named
/// in rule files by <see cref="Name"/>.
/// </summary>
public interface IFieldKind
{
    /// <summary>As rule files write it: <c>company_name</c>.</summary>
    string Name { get; }

    /// <summary>What the kind is for, in one line for rule files and their documentation.</summary>
    string Summary { get; }

    /// <summary>The comparison that suits the kind, by name: one of <see cref="Scoring.ComparisonCatalog"/>.</summary>
    string Comparison { get; }

    /// <summary>True when an equal rare value is stronger evidence than an equal common one: names and towns, not part numbers.</summary>
    bool Frequency => false;

    /// <summary>
    /// In how many of equal records, at most, the field is wholly different: few people change their name or their birthday, many their phone. Keeps weights that are learnt without
    /// labels from taking a household for a person. 1 where anything goes.
    /// </summary>
    double MostDifferent => 1;

    /// <summary>The values in a text; none when it is missing, a placeholder or no value of this kind. Several where one field holds several (two e-mail addresses).</summary>
    /// <param name="raw">As the source has it: never null, possibly empty, of any length and in any script.</param>
    /// <param name="reading">The field's settings; takes notes of what was done.</param>
    IEnumerable<FieldValue> Read(string raw, FieldReading reading);

    /// <summary>The values in a text and in further ones of the same record, which the rule file calls <c>also</c>: values as well, unless the kind knows better.</summary>
    /// <param name="raw">As above; empty where there are only the others.</param>
    /// <param name="also">As the source has them, at least one.</param>
    /// <param name="reading">As above.</param>
    IEnumerable<FieldValue> Read(string raw, IReadOnlyList<string> also, FieldReading reading) =>
        (raw.Length == 0 ? [] : Read(raw, reading)).Concat(also.SelectMany(a => Read(a, reading)));
}

/// <summary>How one field is read: its settings, and the notes a person may see.</summary>
/// <param name="Country">ISO alpha-2 in upper case of the record or of the field's default: decides phone prefixes, VAT prefixes and postal codes; null when nobody knows.</param>
/// <param name="Part">The part wanted of a kind that has parts (<c>postcode</c> of an address); null for all of it.</param>
/// <param name="Notes">Gets what was done, in words ("legal form GmbH left out"); null when nobody asks, which is the fast case.</param>
public sealed record FieldReading(string? Country = null, string? Part = null, ICollection<string>? Notes = null)
{
    /// <summary>Notes what was done.</summary>
    public void Note(string done) => Notes?.Add(done);
}
