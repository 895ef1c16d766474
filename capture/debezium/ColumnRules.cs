using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Debezium;

/// <summary>How one column is published.</summary>
/// <param name="Field">Name and schema, optional and default included.</param>
/// <param name="Write">Writes a value, without a union's index.</param>
/// <param name="Null">What is written for null.</param>
/// <param name="Unchanged">What is written for a large value that the log left out.</param>
/// <param name="WritesNearest">What <paramref name="Write"/> cannot say it has written as the nearest that it can.</param>
sealed record ColumnShape(ConnectField Field, CellWriter Write, byte[] Null, byte[] Unchanged, bool WritesNearest);

/// <summary>Which columns are published, and how, under the settings.</summary>
sealed class ColumnRules(RecordSettings settings, IColumnTypes types)
{
    readonly NameRules _names = new(settings);

    public IColumnTypes Types => types;

    /// <summary>Whether the column is in records' values.</summary>
    public bool IsPublished(Table table, Column column)
    {
        var name = $"{table.FullName}.{column.Name}";
        return settings.Columns.Count > 0 ? Patterns.Any(settings.Columns, name) : !Patterns.Any(settings.ExceptColumns, name);
    }

    /// <summary>The column's shape; null when its type cannot be published.</summary>
    public ColumnShape? Shape(Table table, Column column, bool isKey = false)
    {
        if (types.Of(column) is not { } type) return null;
        var name = $"{table.FullName}.{column.Name}";
        // A key that is not published as a column has lost what the table says of it; a key is never masked: it would fall together with others.
        var unknown = isKey && !IsPublished(table, column);
        var mask = isKey ? null : settings.Masks.FirstOrDefault(m => Patterns.Any(m.Columns, name));
        var schema = type.Schema with
        {
            Optional = column.Nullable || unknown || type.Schema.Optional,
            Default = unknown ? null : types.Default(column, type),
            Parameters = [.. type.Schema.Parameters, .. isKey ? [] : SourceType(table, column), .. MaskedText.Parameters(mask)],
        };
        var @null = Null(schema, type, column);
        var unchanged = type.Unchanged is { } placeholder ? [.. schema.Present, .. placeholder] : @null;
        if (mask is null || types.Masked(column, Masks(mask, column)) is not { } masked) return new(Named(column, schema), type.Write, @null, unchanged, type.WritesNearest);
        unchanged = [.. schema.Present, .. AvroForm.Of(o => Masks(mask, column)(Encoding.UTF8.GetBytes(settings.UnavailableValue), o))];
        return new(Named(column, schema), masked, mask.Stars is null ? @null : unchanged, unchanged, WritesNearest: false);
    }

    CellWriter Masks(ColumnMask mask, Column column) => MaskedText.Writer(mask, types.Native(column).Length ?? int.MaxValue);

    ConnectField Named(Column column, ConnectSchema schema) => new(_names.Field(column.Name), schema);

    // A required column of which the log has no value (the old row of a delete) shows its default, else its type's zero.
    byte[] Null(ConnectSchema schema, TypeShape type, Column column)
    {
        // A type that is optional whatever the column says, for Debezium.
        if (schema.Optional && !column.Nullable && !settings.IsExact && type is { Schema.Optional: true, Zero: { } nothing }) return [.. schema.Present, .. nothing];
        if (schema.Optional) return settings.ShowsDefaults && schema.Default is { } shown ? [.. schema.Present, .. shown] : [schema.Absent];
        return schema.Default ?? types.Missing(column, type, schema);
    }

    IEnumerable<(string, string)> SourceType(Table table, Column column)
    {
        var type = types.Native(column);
        if (!Patterns.Any(settings.SourceTypeColumns, $"{table.FullName}.{column.Name}") && !Patterns.Any(settings.SourceTypes, $"{table.FullName}.{type.Name}") && !Patterns.Any(settings.SourceTypes, type.Name)) yield break;
        yield return ("__debezium.source.column.type", type.Name.ToUpperInvariant());
        if (type.Length is { } length) yield return ("__debezium.source.column.length", length.ToString(CultureInfo.InvariantCulture));
        if (type.Scale is { } scale) yield return ("__debezium.source.column.scale", scale.ToString(CultureInfo.InvariantCulture));
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

    /// <summary>The key that the settings give a table's records; null where they say nothing of it.</summary>
    /// <exception cref="SourceException">It has no such column.</exception>
    public static IReadOnlyList<int>? Key(RecordSettings settings, Table table) => settings.Keys.FirstOrDefault(k => Whole(k.Table, table.FullName, RegexOptions.IgnoreCase)) is not { } given ? null
        : [.. given.Columns.Select(c => table.Find(c) is >= 0 and var ordinal ? ordinal : throw new SourceException($"{table.FullName} has no column '{c}', which 'keys' of the source's records names"))];

    /// <summary>The replacement where the pattern matches the whole text; null where it does not.</summary>
    public static string? Replace(string pattern, string text, string replacement) =>
        Whole(pattern, text) ? Regex.Replace(text, $@"\A(?:{pattern})\z", replacement, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) : null;
}
