using System.Globalization;
using System.Text.Json.Nodes;
using CdcSync.Contract.Compare;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Mapping;

/// <summary>
/// One field of a row mapping: a column or a constant, through conversions that depend on nothing but the value. <c>trim</c>, <c>upper</c>, <c>lower</c>, <c>number</c>,
/// <c>bool</c> (1, Y, T, true, X are true), <c>date(yyyyMMdd)</c> (a date of 0 or 9999-12-31 is none), <c>map(A=active, I=inactive, *=hold)</c>, <c>default(text)</c>.
/// </summary>
sealed record RowExpression(string Field, string? Column, object? Constant, IReadOnlyList<Func<object?, object?>> Conversions)
{
    static readonly string[] Known = ["trim", "upper", "lower", "number", "bool", "date", "map", "default"];

    /// <exception cref="SettingsException">It is no such expression.</exception>
    public static RowExpression Parse(string field, string text)
    {
        var parts = text.Split('|', StringSplitOptions.TrimEntries);
        var conversions = parts.Skip(1).Select(p => Conversion($"row.{field}", p)).ToList();
        if (parts[0].Length == 0) throw new SettingsException($"row.{field}", "is empty; name a column, or a constant as 'text'");
        return parts[0] is ['\'', .., '\''] constant ? new(field, null, constant[1..^1], conversions) : new(field, parts[0].Trim('"'), null, conversions);
    }

    /// <summary>The field's value for a row; null when there is none.</summary>
    /// <exception cref="FormatException">The value cannot be converted.</exception>
    public JsonNode? Apply(Func<string, object?> column)
    {
        var value = Column is null ? Constant : column(Column);
        try
        {
            foreach (var convert in Conversions) value = convert(value);
        }
        catch (FormatException wrong)
        {
            throw new FormatException($"{Field}: {wrong.Message}", wrong);
        }
        return value switch
        {
            null => null,
            bool flag => JsonValue.Create(flag),
            decimal number => JsonValue.Create(number),
            string text => JsonValue.Create(text),
            _ => JsonValue.Create(CanonicalText.Of(value)),
        };
    }

    static Func<object?, object?> Conversion(string path, string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var (name, argument) = open < 0 || !text.EndsWith(')') ? (text, "") : (text[..open], text[(open + 1)..^1]);
        return name switch
        {
            "trim" => OnText(t => t.Trim() is { Length: > 0 } trimmed ? trimmed : null),
            "upper" => OnText(t => t.ToUpperInvariant()),
            "lower" => OnText(t => t.ToLowerInvariant()),
            "number" => v => v switch
            {
                null => null,
                string blank when string.IsNullOrWhiteSpace(blank) => null,
                string digits => decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? n : throw new FormatException($"'{digits}' is no number"),
                _ => Convert.ToDecimal(v, CultureInfo.InvariantCulture),
            },
            "bool" => v => v switch { null => null, bool flag => flag, _ => Text(v)?.Trim() is "1" or "Y" or "y" or "T" or "t" or "true" or "X" or "x" },
            "date" => v => Date(Text(v)?.Trim(), argument.Length > 0 ? argument : "yyyy-MM-dd"),
            "map" => Map(path, argument),
            "default" => v => v ?? argument,
            _ => throw new SettingsException(path, $"there is no conversion '{name}'{NearestName.Hint(name, Known)}"),
        };
    }

    static Func<object?, object?> OnText(Func<string, string?> convert) => v => Text(v) is { } text ? convert(text) : null;

    static string? Text(object? value) => value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();

    static DateOnly? Date(string? text, string format) =>
        string.IsNullOrEmpty(text) || text.All(c => c is '0' or '-') || text.StartsWith("9999", StringComparison.Ordinal) ? null
        : DateOnly.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
        : throw new FormatException($"'{text}' is no date of the form {format}");

    static Func<object?, object?> Map(string path, string argument)
    {
        var pairs = argument.Split(',', StringSplitOptions.TrimEntries).Select(p => p.Split('=', 2, StringSplitOptions.TrimEntries)).ToList();
        if (pairs.Any(p => p.Length != 2)) throw new SettingsException(path, $"'map({argument})' should be map(FROM=TO, ..., *=OTHERWISE)");
        var to = pairs.ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        return v => Text(v)?.Trim() is { } from ? to.GetValueOrDefault(from) ?? to.GetValueOrDefault("*") ?? throw new FormatException($"'{from}' is not in the map; add it or '*'") : null;
    }
}
