using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>What of records is a connector's own; all else is the same for all kinds of source.</summary>
interface IConnectorForm
{
    /// <summary>Its name in source blocks and headers.</summary>
    string Connector { get; }

    /// <summary>Its columns' types.</summary>
    IColumnTypes Types { get; }

    /// <summary>The schema of the block <c>source</c>.</summary>
    ConnectSchema Source { get; }

    /// <summary>Writes the block <c>source</c>.</summary>
    void WriteSource(SourceNames names, in Change change, LogBatch output);

    /// <summary>The database of a table.</summary>
    string Database(Table table);

    /// <summary>A table's topic behind the prefix.</summary>
    string[] Topic(Table table);

    /// <summary>A table in the counts of a transaction.</summary>
    string Collection(Table table);

    /// <summary>The transaction's id as records have it.</summary>
    string Transaction(in Change change);

    /// <summary>The ordinals of the columns that are the key of a table's records.</summary>
    IReadOnlyList<int> Key(Table table);

    /// <summary>Whether a delete and the create after it, of one table, are the halves of a change of key.</summary>
    bool IsPair(in Change first, in Change second);
}

/// <summary>A type as the source's driver names it.</summary>
readonly record struct NativeType(string Name, int? Length, int? Scale);

/// <summary>A kind of source's types as Debezium publishes them under its settings.</summary>
interface IColumnTypes
{
    /// <summary>Null for a type that is left out.</summary>
    TypeShape? Of(Column column);

    /// <summary>The column's default as its schema says it; null for none.</summary>
    byte[]? Default(Column column, TypeShape type);

    /// <summary>What a required column without a default shows where the log has no value.</summary>
    byte[] Missing(Column column, TypeShape type, ConnectSchema schema);

    /// <summary>A writer that hides the column's text behind one that hides UTF-8; null for a type that is no text.</summary>
    CellWriter? Masked(Column column, CellWriter mask);

    /// <summary>The type for <c>column.propagate.source.type</c>.</summary>
    NativeType Native(Column column);

    /// <summary>A value's text, for what cannot be written.</summary>
    string Text(Column column, ReadOnlySpan<byte> cell);

    /// <summary>Whether a value that its schema cannot say is shown as far as text can.</summary>
    bool ShowsText(Column column);
}
