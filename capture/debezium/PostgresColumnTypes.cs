using CdcSync.Capture.Postgres;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Debezium;

/// <summary>PostgreSQL's columns as Debezium publishes them.</summary>
sealed class PostgresColumnTypes(RecordSettings settings) : IColumnTypes
{
    readonly PostgresTypes _types = new(settings);

    public TypeShape? Of(Column column) => _types.Of(((PostgresColumn)column).Type);

    public byte[]? Default(Column column, TypeShape type) => ColumnDefaults.Of((PostgresColumn)column, type, settings.IsExact);

    public byte[] Missing(Column column, TypeShape type, ConnectSchema schema)
    {
        var zero = type.Zero ?? ColumnDefaults.Zero(schema);
        return ((PostgresColumn)column).Default.Constant is { } constant && settings.IsExact ? AvroForm.Of(o =>
        {
            if (!type.Write(constant, o)) System.Buffers.BuffersExtensions.Write(o, zero);
        }) : zero;
    }

    public CellWriter? Masked(Column column, CellWriter mask) =>
        ((PostgresColumn)column).Type is { Kind: PgKind.Text or PgKind.Enum } type && !type.Name.EndsWith("citext", StringComparison.Ordinal) ? mask : null;

    public NativeType Native(Column column)
    {
        var postgres = (PostgresColumn)column;
        var type = ColumnDefaults.NativeName(postgres.Type);
        if (postgres.Default.Expression?.StartsWith("nextval(", StringComparison.Ordinal) == true)
            type = postgres.Type.Kind switch { PgKind.Int2 => "smallserial", PgKind.Int4 => "serial", PgKind.Int8 => "bigserial", _ => type };
        var (length, scale) = postgres.Type.Lengths;
        return new(type, length, scale);
    }

    public string Text(Column column, ReadOnlySpan<byte> cell) => PgText.Of(((PostgresColumn)column).Type, cell);

    public bool ShowsText(Column column) => settings.IsExact && ((PostgresColumn)column).Type.Kind is PgKind.Text or PgKind.Xml or PgKind.Json or PgKind.Jsonb or PgKind.Enum or PgKind.Ltree;
}
