using System.Collections;
using System.Reflection;
using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Mdm.Clustering;

namespace CdcSync.Mdm.Survivorship;

/// <summary>An attribute of a golden record: one business field of a customer, an item or a location.</summary>
public sealed class GoldenAttribute
{
    readonly PropertyInfo _property;

    internal GoldenAttribute(PropertyInfo property, IReadOnlyList<string> words, bool zeroIsMissing)
    {
        (_property, Words, ZeroIsMissing) = (property, words, zeroIsMissing);
        Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        IsOptional = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        ItemType = Type != typeof(string) && Type.IsAssignableTo(typeof(IEnumerable)) ? Type.GetGenericArguments()[0] : null;
    }

    /// <summary>As the canonical object's JSON writes it: <c>credit_limit</c>.</summary>
    public string Name { get; }

    /// <summary>The type of its values.</summary>
    public Type Type => _property.PropertyType;

    /// <summary>True when it may have no value.</summary>
    public bool IsOptional { get; }

    /// <summary>The type of its elements when it is a list; else null.</summary>
    public Type? ItemType { get; }

    /// <summary>The words it may be, when they are fixed; else empty.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>True when a zero says that nobody knows: no item weighs nothing.</summary>
    public bool ZeroIsMissing { get; }

    internal PropertyInfo Property => _property;

    /// <summary>Its value in a record.</summary>
    public object? Of(CanonicalObject record) => _property.GetValue(record);

    internal void Set(CanonicalObject golden, object? value) => _property.SetValue(golden, value);
}

/// <summary>The attributes there are, by kind of object.</summary>
public static class GoldenAttributes
{
    /// <summary>The golden id of the parent's golden record; chosen like any attribute, but its values are golden ids and not what a source says.</summary>
    public const string Parent = "parent_id";

    static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["customer.kind"] = ["company", "person"],
        ["customer.status"] = ["active", "hold", "inactive"],
        ["item.status"] = ["active", "discontinued", "inactive"],
        ["item.kind"] = ["stock", "nonstock", "kit", "service"],
        ["location.kind"] = ["warehouse", "branch", "zone", "bin", "transit", "vendor"],
        ["location.status"] = ["active", "inactive"],
    };

    static readonly Dictionary<string, IReadOnlyList<GoldenAttribute>> ByKind = GoldenIds.Kinds.ToDictionary(
        k => k.Name,
        IReadOnlyList<GoldenAttribute> (k) => [.. k.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(p => p.SetMethod is not null)
            .Select(p => new GoldenAttribute(p, Words.GetValueOrDefault($"{k.Name}.{JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name)}", []), p.Name == nameof(Item.WeightKg)))],
        StringComparer.Ordinal);

    /// <summary>The attributes of a kind, in the order of its fields.</summary>
    public static IReadOnlyList<GoldenAttribute> Of(string kind) => ByKind[kind];

    /// <summary>The attribute of that name; null when there is none.</summary>
    public static GoldenAttribute? Find(string kind, string name) => ByKind.GetValueOrDefault(kind)?.FirstOrDefault(a => a.Name == name);

    /// <summary>The attribute of that name.</summary>
    /// <exception cref="SettingsException">There is none.</exception>
    public static GoldenAttribute Get(string kind, string name, string path) => Find(kind, name)
        ?? throw new SettingsException(path, $"{kind} has no attribute '{name}'{NearestName.Hint(name, Of(kind).Select(a => a.Name))}");
}
