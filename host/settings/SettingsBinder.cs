using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.Contract.Settings;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CdcSync.Host.Settings;

/// <summary>
/// Binds YAML to settings records, strictly: an unknown key, a missing one and a wrong type are errors with file, line and the nearest known name. Collects all errors
/// instead of stopping at the first. A record's own <c>Validate()</c> is called when it is complete.
/// </summary>
public sealed class SettingsBinder(YamlFile file)
{
    readonly List<SettingsError> _errors = [];

    /// <summary>What was wrong so far.</summary>
    public IReadOnlyList<SettingsError> Errors => _errors;

    public void ThrowIfWrong()
    {
        if (_errors.Count > 0) throw new InvalidSettingsException([.. _errors.OrderBy(e => e.File, StringComparer.Ordinal).ThenBy(e => e.Line)]);
    }

    /// <summary>Notes an error at a node.</summary>
    public void Error(YamlNode node, string path, string message) => _errors.Add(new(file.FileOf(node), node.Start.Line, path, message));

    /// <summary>The record a mapping node describes; null (and errors noted) when it cannot be made.</summary>
    /// <param name="node">The mapping.</param>
    /// <param name="type">A record with init properties.</param>
    /// <param name="path">Where we are, for errors.</param>
    /// <param name="alsoKnown">Keys that belong to somebody else: the <c>kind</c> of a plug-in.</param>
    public object? BindRecord(YamlNode node, Type type, string path, params string[] alsoKnown)
    {
        if (node is not YamlMappingNode mapping)
        {
            Error(node, path, $"expected settings by name, found {Describe(node)}");
            return null;
        }
        var before = _errors.Count;
        var instance = Activator.CreateInstance(type)!;
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not null).ToDictionary(p => SnakeCase(p.Name));
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (keyNode, value) in mapping.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? "";
            if (properties.TryGetValue(key, out var property))
            {
                if (IsNull(value)) continue;      // as if it were not there: a default stays, a required one is missing
                given.Add(key);
                if (Bind(value, property.PropertyType, Join(path, key), out var bound)) property.SetValue(instance, bound);
            }
            else if (!alsoKnown.Contains(key))
            {
                Error(keyNode, Join(path, key), $"unknown setting{NearestName.Hint(key, properties.Keys.Concat(alsoKnown))}");
            }
        }
        foreach (var (key, property) in properties)
            if (!given.Contains(key) && property.IsDefined(typeof(RequiredMemberAttribute))) Error(node, Join(path, key), "is missing");
        if (_errors.Count == before) Validate(mapping, instance, path);
        return _errors.Count == before ? instance : null;
    }

    /// <summary><see cref="BindRecord"/> with its type.</summary>
    public T? Bind<T>(YamlNode node, string path, params string[] alsoKnown) where T : class => (T?)BindRecord(node, typeof(T), path, alsoKnown);

    void Validate(YamlMappingNode node, object instance, string path)
    {
        if (instance.GetType().GetMethod("Validate", Type.EmptyTypes) is not { } validate) return;
        try
        {
            validate.Invoke(instance, null);
        }
        catch (TargetInvocationException refused) when (refused.InnerException is SettingsException wrong)
        {
            Error(Find(node, wrong.Path), Join(path, wrong.Path), wrong.Path.Length == 0 ? wrong.Message : wrong.Message[(wrong.Path.Length + 2)..]);
        }
    }

    static YamlNode Find(YamlMappingNode node, string path)
    {
        YamlNode at = node;
        foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
            if (at is YamlMappingNode inner && inner.Children.TryGetValue(new YamlScalarNode(part), out var next)) at = next;
            else break;
        return at;
    }

    bool Bind(YamlNode node, Type type, string path, out object? value)
    {
        value = null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (IsNull(node)) return true;
        if (type == typeof(JsonNode) || type == typeof(JsonElement)) return Tree(node, type, path, out value);
        if (ItemType(type) is { } item) return BindList(node, item, path, out value);
        if (ValueType(type) is { } valueType) return BindDictionary(node, valueType, path, out value);
        if (node is YamlScalarNode scalar && IsScalar(type)) return BindScalar(scalar, type, path, out value);
        if (IsScalar(type))
        {
            Error(node, path, $"expected {Name(type)}, found {Describe(node)}");
            return false;
        }
        value = BindRecord(node, type, path);
        return value is not null;
    }

    bool BindList(YamlNode node, Type item, string path, out object? value)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        value = list;
        // One value stands for a list of one: `key: id` and `key: [product, location]`.
        var nodes = node switch { YamlSequenceNode sequence => [.. sequence.Children], YamlScalarNode when IsScalar(item) => new List<YamlNode> { node }, _ => null };
        if (nodes is null)
        {
            Error(node, path, $"expected a list, found {Describe(node)}");
            return false;
        }
        var right = true;
        for (var i = 0; i < nodes.Count; i++)
            if (Bind(nodes[i], item, $"{path}[{i}]", out var bound)) list.Add(bound);
            else right = false;
        return right;
    }

    bool BindDictionary(YamlNode node, Type valueType, string path, out object? value)
    {
        var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
        value = dictionary;
        if (node is not YamlMappingNode mapping)
        {
            Error(node, path, $"expected values by name, found {Describe(node)}");
            return false;
        }
        var right = true;
        foreach (var (keyNode, child) in mapping.Children)
        {
            if (keyNode is not YamlScalarNode { Value: { } key })
            {
                Error(keyNode, path, "a name must be text");
                right = false;
                continue;
            }
            if (Bind(child, valueType, Join(path, key), out var bound)) dictionary[key] = bound;
            else right = false;
        }
        return right;
    }

    bool BindScalar(YamlScalarNode node, Type type, string path, out object? value)
    {
        value = null;
        try
        {
            var text = YamlFile.Resolve(node.Value ?? "");
            value = type == typeof(string) ? text
                : type == typeof(bool) ? text switch { "true" => true, "false" => false, _ => throw new FormatException() }
                : type == typeof(TimeSpan) ? Duration(text)
                : type == typeof(Uri) ? new Uri(text, UriKind.Absolute)
                : type.IsEnum ? EnumOf(type, text)
                : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
            return true;
        }
        catch (UnresolvedReferenceException unresolved)
        {
            Error(node, path, unresolved.Message);
            return false;
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException or InvalidCastException or ArgumentException)
        {
            // The text as it stands in the file: what a reference leads to may be a secret.
            Error(node, path, $"'{node.Value}' is not {Name(type)}{(type.IsEnum ? NearestName.Hint(node.Value ?? "", Enum.GetNames(type).Select(SnakeCase)) : "")}");
            return false;
        }
    }

    bool Tree(YamlNode node, Type type, string path, out object? value)
    {
        JsonNode? Json(YamlNode at) => at switch
        {
            YamlMappingNode mapping => new JsonObject(mapping.Children.Select(c => KeyValuePair.Create((c.Key as YamlScalarNode)?.Value ?? throw new FormatException("a name must be text"), Json(c.Value)))),
            YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Json)]),
            YamlScalarNode scalar when IsNull(scalar) => null,
            YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(YamlFile.Resolve(scalar.Value!)),
            YamlScalarNode scalar => JsonValue.Create(YamlFile.Resolve(scalar.Value!)),
            _ => null,
        };
        try
        {
            var json = Json(node);
            value = type == typeof(JsonNode) ? json : JsonSerializer.SerializeToElement(json);
            return true;
        }
        catch (FormatException wrong)
        {
            Error(node, path, wrong.Message);
            value = null;
            return false;
        }
    }

    static JsonValue Plain(string text) => text switch
    {
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };

    static bool IsScalar(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(TimeSpan) || type == typeof(Uri)
        || type == typeof(double);

    static Type? ItemType(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericArguments().Length == 1 && type.IsAssignableFrom(typeof(List<>).MakeGenericType(type.GetGenericArguments())) ? type.GetGenericArguments()[0]
        : null;

    static Type? ValueType(Type type) =>
        type.IsGenericType && type.GetGenericArguments() is [var key, var value] && key == typeof(string)
        && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(typeof(string), value)) ? value : null;

    static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    static object EnumOf(Type type, string text) => Enum.Parse(type, Array.Find(Enum.GetNames(type), n => SnakeCase(n) == text) ?? throw new FormatException());

    static TimeSpan Duration(string text)
    {
        var unit = text.Length - text.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyz").Length;
        var number = double.Parse(text.AsSpan()[..^unit], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return text[^unit..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            "d" => TimeSpan.FromDays(number),
            _ => throw new FormatException(),
        };
    }

    static string Name(Type type) =>
        type == typeof(string) ? "text" : type == typeof(bool) ? "true or false" : type == typeof(TimeSpan) ? "a duration such as 500ms, 30s, 5m, 2h, 1d"
        : type == typeof(Uri) ? "a URL" : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type).Select(SnakeCase))}" : "a number";

    static string Describe(YamlNode node) => node switch { YamlMappingNode => "settings by name", YamlSequenceNode => "a list", _ => $"'{((YamlScalarNode)node).Value}'" };

    static string Join(string path, string key) => path.Length == 0 ? key : key.Length == 0 ? path : $"{path}.{key}";

    static string SnakeCase(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
