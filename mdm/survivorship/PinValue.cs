using System.Collections;
using System.Reflection;
using System.Text.Json;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Survivorship;

/// <summary>A pin's value does not fit its attribute: says why, and what would.</summary>
public sealed class InvalidPinException(string message) : Exception(message);

/// <summary>Reads what a person pins: strictly, when the pin is made, so that no golden record stumbles over it later.</summary>
public static class PinValue
{
    static readonly JsonSerializerOptions Strict = new(CanonicalJson.Reading) { RespectNullableAnnotations = true };

    /// <summary>Checks that a value may be pinned.</summary>
    /// <param name="kind">The kind of object: <c>customer</c>.</param>
    /// <param name="attribute">The attribute's name: <c>credit_limit</c>.</param>
    /// <param name="json">The value as JSON.</param>
    /// <exception cref="InvalidPinException">There is no such attribute, or the value does not fit it.</exception>
    public static void Check(string kind, string attribute, string json)
    {
        var known = Clustering.GoldenIds.Kinds.Any(k => k.Name == kind) ? GoldenAttributes.Of(kind) : throw new InvalidPinException(
            $"there are no golden records of '{kind}'{NearestName.Hint(kind, Clustering.GoldenIds.Kinds.Select(k => k.Name))}");
        if (attribute == GoldenAttributes.Parent) throw new InvalidPinException($"'{attribute}' follows from the records' parents: change it at the source");
        var found = known.FirstOrDefault(a => a.Name == attribute) ?? throw new InvalidPinException($"{kind} has no attribute '{attribute}'{NearestName.Hint(attribute, known.Select(a => a.Name))}");
        var value = Read(found, json);
        if (value is string text)
        {
            if (found.Words.Count > 0 && !found.Words.Contains(text)) throw new InvalidPinException($"'{text}' is no {attribute} of a {kind}{NearestName.Hint(text, found.Words)}");
            if (Placeholders.IsMissing(text)) throw new InvalidPinException($"'{text}' says nothing{(found.IsOptional ? ": pin null where there is no value" : "")}");
        }
    }

    /// <summary>The value.</summary>
    /// <exception cref="InvalidPinException">It does not fit the attribute.</exception>
    internal static object? Read(GoldenAttribute attribute, string json)
    {
        object? value;
        try
        {
            value = JsonSerializer.Deserialize(json, attribute.Type, Strict);
        }
        catch (JsonException wrong)
        {
            throw new InvalidPinException($"'{attribute.Name}' takes {Example(attribute)}{(wrong.Path is { Length: > 1 } path ? $"; wrong at {path}" : "")}");
        }
        if (value is null && !attribute.IsOptional) throw new InvalidPinException($"'{attribute.Name}' cannot be without a value; it takes {Example(attribute)}");
        if (value is decimal number) Fits(attribute.Name, attribute.Property, number);
        foreach (var part in value is IEnumerable list and not string ? list.Cast<object?>() : [value])
        {
            if (part is null && attribute.ItemType is not null) throw new InvalidPinException($"'{attribute.Name}' has an element that is null; it takes {Example(attribute)}");
            foreach (var property in part?.GetType().GetProperties() ?? [])
                if (property.IsDefined(typeof(AvroDecimalAttribute)) && property.GetValue(part) is decimal inner) Fits($"{attribute.Name}: {property.Name.ToLowerInvariant()}", property, inner);
        }
        return value;
    }

    // As topics write it: a number with more digits would be refused when the golden record is published.
    static void Fits(string name, PropertyInfo property, decimal number)
    {
        var digits = property.GetCustomAttribute<AvroDecimalAttribute>()!;
        if (decimal.Round(number, digits.Scale) != number) throw new InvalidPinException($"'{name}' has {digits.Scale} digits behind the point at most");
        if (digits.Precision - digits.Scale < 28 && decimal.Abs(number) >= (decimal)Math.Pow(10, digits.Precision - digits.Scale))
            throw new InvalidPinException($"'{name}' has {digits.Precision - digits.Scale} digits before the point at most");
    }

    static string Example(GoldenAttribute attribute)
    {
        var type = Nullable.GetUnderlyingType(attribute.Type) ?? attribute.Type;
        var example = attribute.Words.Count > 0 ? $"one of {string.Join(", ", attribute.Words.Select(w => $"\"{w}\""))}"
            : type == typeof(string) ? "a text in quotes, such as \"Acme Ltd\""
            : type == typeof(bool) ? "true or false"
            : type == typeof(decimal) ? "a number, such as 1500.50"
            : attribute.ItemType is { } item ? $"a list, such as [{Empty(item)}]"
            : $"an object, such as {Empty(type)}";
        return attribute.IsOptional ? $"{example}, or null" : example;
    }

    static string Empty(Type type) => JsonSerializer.Serialize(Activator.CreateInstance(type), type, CanonicalJson.Reading);
}
