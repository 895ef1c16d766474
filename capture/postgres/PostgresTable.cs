using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Postgres;

/// <summary>A column with what its raw record needs beside the contract's.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Default">The default: a constant in the type's binary form, or a function, or none.</param>
sealed record PostgresColumn(string Name, PostgresType Type, bool Nullable, int KeyOrdinal, ColumnDefault Default)
    : Column(Name, Type.Name, Nullable, KeyOrdinal, (kind, bytes) => PgValue.Decode(Type, kind, bytes));

/// <summary>What a column's default is.</summary>
/// <param name="Exists">There is one (an identity column has none).</param>
/// <param name="Constant">Its value in binary form when it is a constant other than null.</param>
readonly record struct ColumnDefault(bool Exists, byte[]? Constant);

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
    : Table(Schema, Name, PostgresColumns);
