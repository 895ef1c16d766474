using CdcSync.Contract.Changes;

namespace CdcSync.Capture.SqlServer;

/// <summary>A column with what its raw record needs beside the contract's.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Default">The default's definition; null for none.</param>
/// <param name="IsIdentity">Whether the server counts it.</param>
/// <param name="MaskBit">Its place in <c>__$update_mask</c>, from 0.</param>
sealed record SqlServerColumn(string Name, SqlServerType Type, bool Nullable, int KeyOrdinal, string? Default, bool IsIdentity, int MaskBit)
    : Column(Name, Type.Name, Nullable, KeyOrdinal, (_, bytes) => SqlServerValue.Decode(Type, bytes.Span));

/// <summary>A table as a capture instance has it.</summary>
/// <param name="Database">The database it is in.</param>
/// <param name="ObjectId">The table's id, for telling a table made again from the former one.</param>
sealed record SqlServerTable(string Database, int ObjectId, string Schema, string Name, IReadOnlyList<SqlServerColumn> SqlColumns) : Table(Schema, Name, SqlColumns)
{
    /// <summary>The select list of its columns.</summary>
    public string SelectList { get; } = string.Join(", ", SqlColumns.Select(c => c.Type.Select(c.Name)));

    /// <summary>With its database.</summary>
    public string Collection { get; } = $"{Database}.{Schema}.{Name}";

    /// <summary>The ordinals of the columns that are the key of its records: the table's own key unless the settings say otherwise.</summary>
    public IReadOnlyList<int> RecordKey { get => field ?? Key; init; }

    public string Quoted => Statements.Quote(Schema, Name);
}

/// <summary>A capture instance.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ObjectId">Its change table's id.</param>
/// <param name="Table">The columns it captures.</param>
sealed record CaptureInstance(string Name, int ObjectId, SqlServerTable Table)
{
    public string ChangeTable => Statements.Quote("cdc", Name + "_CT");
}
