using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>How one column is published.</summary>
/// <param name="Field">Name and schema, optional and default included.</param>
/// <param name="Write">Writes a value, without a union's index.</param>
/// <param name="Null">What is written for null.</param>
/// <param name="Unchanged">What is written for a large value that the log left out.</param>
sealed record ColumnShape(ConnectField Field, CellWriter Write, byte[] Null, byte[] Unchanged);

/// <summary>Which columns are published, and how, under the settings.</summary>
sealed class ColumnRules(RecordSettings settings)
{
    readonly PostgresTypes _types = new(settings);
    readonly NameRules _names = new(settings);

    /// <summary>Whether the column is in records' values.</summary>
    public bool IsPublished(PostgresTable table, PostgresColumn column)
    {
        var name = $"{table.FullName}.{column.Name}";
        return settings.Columns.Count > 0 ? Patterns.Any(settings.Columns, name) : !Patterns.Any(settings.ExceptColumns, name);
    }

    /// <summary>The column's shape; null when its type cannot be published.</summary>
    public ColumnShape? Shape(PostgresTable table, PostgresColumn column, bool isKey = false)
    {
        if (_types.Of(column.Type) is not { } type) return null;
        var name = $"{table.FullName}.{column.Name}";
        // A key that is not published as a column has lost what the table says of it; a key is never masked: it would fall together with others.
        var unknown = isKey && !IsPublished(table, column);
        var mask = isKey ? null : settings.Masks.FirstOrDefault(m => Patterns.Any(m.Columns, name));
        var schema = type.Schema with
        {
            Optional = column.Nullable || unknown || type.Schema.Optional,
            Default = unknown ? null : ColumnDefaults.Of(column, type, settings.IsExact),
            Parameters = [.. type.Schema.Parameters, .. isKey ? [] : SourceType(table, column), .. MaskedText.Parameters(mask)],
        };
        var isText = column.Type.Kind is PgKind.Text or PgKind.Enum && !column.Type.Name.EndsWith("citext", StringComparison.Ordinal);
        var write = mask is not null && isText ? MaskedText.Writer(mask, column.Type) : type.Write;
        var @null = Null(schema, type, column);
        var unchanged = type.Unchanged is { } placeholder ? [.. schema.Present, .. placeholder] : @null;
        if (mask is not null && isText)
        {
            unchanged = [.. schema.Present, .. AvroForm.Of(o => write(System.Text.Encoding.UTF8.GetBytes(settings.UnavailableValue), o))];
            if (mask.Stars is not null) @null = unchanged;
        }
        return new ColumnShape(new ConnectField(_names.Field(column.Name), schema), write, @null, unchanged);
    }

    // A required column of which the log has no value (the old row of a delete) shows its default, else its type's zero.
    byte[] Null(ConnectSchema schema, TypeShape type, PostgresColumn column)
    {
        // A type that is optional whatever the column says, for Debezium.
        if (schema.Optional && !column.Nullable && !settings.IsExact && type is { Schema.Optional: true, Zero: { } nothing }) return [.. schema.Present, .. nothing];
        if (schema.Optional) return settings.ShowsDefaults && schema.Default is { } shown ? [.. schema.Present, .. shown] : [schema.Absent];
        if (schema.Default is { } standard) return standard;
        var zero = type.Zero ?? ColumnDefaults.Zero(schema);
        return column.Default.Constant is { } constant && settings.IsExact ? AvroForm.Of(o =>
        {
            if (!type.Write(constant, o)) o.Write(zero);
        }) : zero;
    }

    IEnumerable<(string, string)> SourceType(PostgresTable table, PostgresColumn column)
    {
        var type = ColumnDefaults.NativeName(column.Type);
        if (column.Default.Expression?.StartsWith("nextval(", StringComparison.Ordinal) == true)
            type = column.Type.Kind switch { PgKind.Int2 => "smallserial", PgKind.Int4 => "serial", PgKind.Int8 => "bigserial", _ => type };
        if (!Patterns.Any(settings.SourceTypeColumns, $"{table.FullName}.{column.Name}") && !Patterns.Any(settings.SourceTypes, $"{table.FullName}.{type}") && !Patterns.Any(settings.SourceTypes, type)) yield break;
        yield return ("__debezium.source.column.type", type.ToUpperInvariant());
        var (length, scale) = column.Type.Lengths;
        yield return ("__debezium.source.column.length", length.ToString(CultureInfo.InvariantCulture));
        yield return ("__debezium.source.column.scale", scale.ToString(CultureInfo.InvariantCulture));
        yield return ("__debezium.source.column.name", column.Name);
    }
}

/// <summary>Debezium's regular expressions for names: the whole name, upper and lower case alike.</summary>
static class Patterns
{
    public static bool Any(IReadOnlyList<string> patterns, string name)
    {
        foreach (var pattern in patterns)
            if (Whole(pattern, name, RegexOptions.IgnoreCase)) return true;
        return false;
    }

    public static bool Whole(string pattern, string name, RegexOptions options = RegexOptions.None) =>
        Regex.IsMatch(name, $@"\A(?:{pattern})\z", options | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>The replacement where the pattern matches the whole text; null where it does not.</summary>
    public static string? Replace(string pattern, string text, string replacement) =>
        Whole(pattern, text) ? Regex.Replace(text, $@"\A(?:{pattern})\z", replacement, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) : null;
}
