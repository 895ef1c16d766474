using CdcSync.Capture.Debezium;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Tables;

/// <summary>A column as ADO.NET describes it.</summary>
/// <param name="Type">What its cells hold.</param>
/// <param name="Cast">How a query selects it where not as it is: the column's quoted name goes in place of <c>{0}</c>.</param>
sealed record PlainColumn(string Name, string TypeName, PlainType Type, bool Nullable, int KeyOrdinal, string? Cast)
    : Column(Name, TypeName, Nullable, KeyOrdinal, Type.Decode);

/// <summary>A polled table.</summary>
sealed record PlainTable(string Schema, string Name, IReadOnlyList<PlainColumn> PlainColumns) : Table(Schema, Name, PlainColumns)
{
    /// <summary>Whether columns and key are the same.</summary>
    public bool Looks(PlainTable other) =>
        PlainColumns.Select(c => (c.Name, c.Type, c.Nullable, c.KeyOrdinal)).SequenceEqual(other.PlainColumns.Select(c => (c.Name, c.Type, c.Nullable, c.KeyOrdinal)));
}
