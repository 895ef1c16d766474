using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Offline;

/// <summary>Records by column, ready to be compared: equal values of a field are one number, so that each is standardised and compared once.</summary>
/// <param name="Ids">Each record's id in its source.</param>
/// <param name="Sources">The sources' names.</param>
/// <param name="SourceOf">Each record's source, a place in <paramref name="Sources"/>.</param>
/// <param name="Fields">The fields, in the rule file's order.</param>
public sealed record RecordSet(IReadOnlyList<string> Ids, IReadOnlyList<string> Sources, int[] SourceOf, IReadOnlyList<FieldColumn> Fields)
{
    /// <summary>What was found odd, for people.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How many records there are.</summary>
    public int Count => SourceOf.Length;
}

/// <summary>One field of all records.</summary>
/// <param name="Name">Its name in the rule file.</param>
/// <param name="Codes">Per record a place in <paramref name="Values"/>; -1 where the value is missing.</param>
/// <param name="Values">What there is: usually one value, several where a record may have several.</param>
public sealed record FieldColumn(string Name, int[] Codes, IReadOnlyList<FieldValue[]> Values);
