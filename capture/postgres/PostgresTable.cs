using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Postgres;

/// <summary>A column with what its raw record needs beside the contract's.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Default">The default: a constant in the type's binary form, or a function, or none.</param>
/// <param name="Comment">What people said of it.</param>
sealed record PostgresColumn(string Name, PostgresType Type, bool Nullable, int KeyOrdinal, ColumnDefault Default, string? Comment = null)
    : Column(Name, Type.Name, Nullable, KeyOrdinal, (kind, bytes) => PgValue.Decode(Type, kind, bytes));

/// <summary>What a column's default is.</summary>
/// <param name="Expression">Its SQL; null when there is none (an identity column has none).</param>
/// <param name="Constant">Its value in binary form when it is a constant other than null.</param>
readonly record struct ColumnDefault(string? Expression, byte[]? Constant);

/// <summary>How much of the old row the log carries; PostgreSQL's letters.</summary>
enum ReplicaIdentity : byte
{
    Default = (byte)'d',
    Nothing = (byte)'n',
    Full = (byte)'f',
    Index = (byte)'i',
}

/// <summary>A table as a relation message and the catalogue describe it.</summary>
/// <param name="Oid">Its relation id.</param>
/// <param name="Identity">How much of the old row comes.</param>
sealed record PostgresTable(uint Oid, string Schema, string Name, IReadOnlyList<PostgresColumn> PostgresColumns, ReplicaIdentity Identity)
    : Table(Schema, Name, PostgresColumns)
{
    /// <summary>The ordinals of the columns that are the key of its records: the table's own key unless the settings say otherwise.</summary>
    public IReadOnlyList<int> RecordKey { get => field ?? Key; init; }

    /// <summary>Whether a column is part of its records' key.</summary>
    public bool IsRecordKey(int ordinal)
    {
        foreach (var key in RecordKey)
            if (key == ordinal) return true;
        return false;
    }
}
