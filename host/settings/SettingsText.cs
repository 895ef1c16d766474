using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CdcSync.Host.Settings;

/// <summary>A settings record as the YAML that <see cref="SettingsBinder"/> reads: what has its default is left out.</summary>
public static partial class SettingsText
{
    static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The lines of a record's settings.</summary>
    public static string Of(object settings, int indent)
    {
        var text = new StringBuilder();
        Write(text, settings, indent);
        return text.ToString();
    }

    static void Write(StringBuilder text, object settings, int indent)
    {
        var (type, space) = (settings.GetType(), new string(' ', indent));
        var defaults = Activator.CreateInstance(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).OrderBy(p => p.DeclaringType == type))
        {
            var value = property.GetValue(settings);
            if (value is null || Same(value, property.GetValue(defaults))) continue;
            text.Append(space).Append(Name(property.Name)).Append(':');
            if (IsScalar(value)) text.Append(' ').Append(Scalar(value)).Append('\n');
            else if (value is IDictionary map) Map(text, map, space);
            else if (value is IEnumerable list) List(text, list, indent);
            else Nested(text, value, indent);
        }
    }

    static void Nested(StringBuilder text, object value, int indent)
    {
        var inner = Of(value, indent + 2);
        text.Append(inner.Length == 0 ? " {}\n" : "\n" + inner);
    }

    static void Map(StringBuilder text, IDictionary map, string space)
    {
        text.Append('\n');
        foreach (DictionaryEntry entry in map) text.Append(CultureInfo.InvariantCulture, $"{space}  {Scalar(entry.Key)}: {Scalar(entry.Value!)}\n");
    }

    static void List(StringBuilder text, IEnumerable list, int indent)
    {
        var items = list.Cast<object>().ToList();
        if (items.All(IsScalar))
        {
            text.Append(" [").AppendJoin(", ", items.Select(Scalar)).Append("]\n");
            return;
        }
        text.Append('\n');
        foreach (var item in items)
        {
            var inner = Of(item, indent + 4);
            text.Append(' ', indent + 2).Append("- ").Append(inner.Length == 0 ? "{}\n" : inner[(indent + 4)..]);
        }
    }

    static bool Same(object value, object? other) => value switch
    {
        string or null => Equals(value, other),
        IEnumerable list => other is IEnumerable others && list.Cast<object>().SequenceEqual(others.Cast<object>()),
        _ when IsScalar(value) => value.Equals(other),
        _ => other is not null && Of(value, 0) == Of(other, 0),
    };

    static bool IsScalar(object value) => value is string or bool or int or long or decimal or double or TimeSpan or Uri or Enum;

    /// <summary>One value, quoted where YAML would read something else.</summary>
    public static string Scalar(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        TimeSpan time => Duration(time),
        Enum word => Name(word.ToString()),
        string text when Plain().IsMatch(text) && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off") => text,
        string or Uri => JsonSerializer.Serialize(value.ToString(), Quoted),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    static string Duration(TimeSpan time) => time switch
    {
        _ when time.Ticks % TimeSpan.TicksPerMinute == 0 && time.Ticks != 0 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes}m"),
        _ when time.Ticks % TimeSpan.TicksPerSecond == 0 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds}ms"),
    };

    static string Name(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.\-]*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Plain();
}
