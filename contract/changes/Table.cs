namespace CdcSync.Contract.Changes;

/// <summary>A column as the source describes it, and how its bytes become a value. A source may derive from it to carry what its raw records need.</summary>
/// <param name="Name">The column's name, as in the source's catalogue.</param>
/// <param name="TypeName">The source's own name of the type, with modifiers: <c>numeric(14,2)</c>.</param>
/// <param name="Nullable">Whether the source lets it be null.</param>
/// <param name="KeyOrdinal">1-based place in the table's key; 0 when it is no part of it.</param>
/// <param name="Decode">
/// Turns a cell's bytes into a CLR value: long, int, short, bool, decimal, double, float, string, byte[], Guid, DateOnly, TimeOnly, DateTime (UTC for types
/// with a zone, unspecified without). <see cref="CellKind"/> says which form the bytes have. Throws <see cref="FormatException"/> for bytes that are no such value.
/// </param>
public record Column(string Name, string TypeName, bool Nullable, int KeyOrdinal, Func<CellKind, ReadOnlyMemory<byte>, object> Decode);

/// <summary>A table as it was when the change was made: a schema change makes a new instance. A source may derive from it.</summary>
/// <param name="Schema">Schema name, unquoted.</param>
/// <param name="Name">Table name, unquoted.</param>
/// <param name="Columns">In ordinal order, as the cells of a <see cref="RowImage"/>.</param>
public record Table(string Schema, string Name, IReadOnlyList<Column> Columns)
{
    /// <summary><c>schema.name</c>, as configuration names it.</summary>
    public string FullName { get; } = $"{Schema}.{Name}";

    /// <summary>The key columns' ordinals in key order; empty when the table has no key.</summary>
    public IReadOnlyList<int> Key { get; } =
        [.. Columns.Index().Where(c => c.Item.KeyOrdinal > 0).OrderBy(c => c.Item.KeyOrdinal).Select(c => c.Index)];

    /// <summary>The ordinal of a column, or -1.</summary>
    public int Find(string column)
    {
        for (var i = 0; i < Columns.Count; i++)
            if (string.Equals(Columns[i].Name, column, StringComparison.Ordinal)) return i;
        return -1;
    }
}
