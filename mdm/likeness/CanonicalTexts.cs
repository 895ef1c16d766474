using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Likeness;

/// <summary>
/// Takes the texts of a rule file's fields out of canonical objects. A field's paths name members as JSON does; <c>[]</c> goes through a list: <c>addresses[].street</c>.
/// Paths through one list are read together, entry by entry: street and town of one address make one value, those of another address another one.
/// </summary>
public sealed class CanonicalTexts
{
    readonly Field[] _fields;
    readonly Field? _country;
    readonly FieldReader? _countries;

    sealed record Path(string? List, string[] Members);

    sealed record Field(string? List, IReadOnlyList<Path> Paths, bool Each);

    /// <summary>Checks the paths against the object.</summary>
    /// <exception cref="SettingsException">A path names nothing the object has.</exception>
    public CanonicalTexts(CanonicalKind kind, MatchRules rules)
    {
        _fields = [.. rules.Fields.Select(f => Of(kind, f.Key, f.Value))];
        var country = rules.Fields.FirstOrDefault(f => f.Value is { Kind: "country", Part: null });
        if (country.Value is null) return;
        _country = Of(kind, country.Key, country.Value);
        _countries = new FieldReader(country.Key, country.Value);
    }

    /// <summary>The text of each field, in the rule file's order; null where there is none. Several values stand apart by <see cref="FieldReader.Between"/>.</summary>
    public (string?[] Texts, string? Country) Read(JsonElement body)
    {
        var texts = new string?[_fields.Length];
        for (var i = 0; i < texts.Length; i++) texts[i] = Text(_fields[i], body);
        return (texts, _country is null ? null : Country(Text(_country, body)));
    }

    // The country of the first address that has one.
    string? Country(string? text)
    {
        if (text is null) return null;
        foreach (var one in text.Split(FieldReader.Between))
            if (_countries!.Read(one, null) is >= 0 and var code) return _countries.Values[code][0].Text;
        return null;
    }

    static Field Of(CanonicalKind kind, string name, FieldRule rule)
    {
        if (rule.Also.Count > 0) throw new SettingsException($"fields.{name}.also", "is read from files alone: name the paths under `from`, with `each: true` where each is a value of its own");
        var paths = rule.From.Select(from => Parse(kind, from, $"fields.{name}.from")).ToList();
        var lists = paths.Select(p => p.List).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (lists.Count > 1 && !rule.Each) throw new SettingsException($"fields.{name}.from", $"joins entries of two lists, {lists[0]} and {lists[1]}, which have nothing to do with each other: set `each: true`, or name one");
        return new Field(rule.Each ? null : lists.FirstOrDefault(), paths, rule.Each);
    }

    static Path Parse(CanonicalKind kind, string text, string path)
    {
        var (list, rest) = text.IndexOf("[].", StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 3)..]) : (null, text);
        var type = kind.Type;
        foreach (var member in list is null ? rest.Split('.') : [list, .. rest.Split('.')])
        {
            var info = CanonicalJson.Default.GetTypeInfo(type);
            var known = info is { Kind: JsonTypeInfoKind.Object } ? info.Properties : [];
            if (known.FirstOrDefault(p => p.Name == member) is not { } property)
                throw new SettingsException(path, $"a {kind.Name} has no '{text}'{NearestName.Hint(member, known.Select(p => p.Name))}");
            type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            {
                if (member != list) throw new SettingsException(path, $"'{member}' is a list: write '{member}[].' and the member of its entries");
                type = type.GetGenericArguments()[0];
            }
            else if (member == list)
            {
                throw new SettingsException(path, $"'{member}' is no list: leave the [] out");
            }
        }
        if (CanonicalJson.Default.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object }) throw new SettingsException(path, $"'{text}' has members: name one of them");
        return new Path(list, rest.Split('.'));
    }

    static string? Text(Field field, JsonElement body)
    {
        if (field.List is null) return Joined(field.Paths.SelectMany(p => All(p, body)), field.Each ? FieldReader.Between : ' ');
        if (!body.TryGetProperty(field.List, out var list) || list.ValueKind != JsonValueKind.Array) return null;
        return Joined(list.EnumerateArray().Select(entry => Joined(field.Paths.Select(p => One(p.List is null ? body : entry, p.Members)), ' ')), FieldReader.Between);
    }

    static IEnumerable<string?> All(Path path, JsonElement body)
    {
        if (path.List is null) return [One(body, path.Members)];
        return body.TryGetProperty(path.List, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(entry => One(entry, path.Members)) : [];
    }

    static string? One(JsonElement at, string[] members)
    {
        foreach (var member in members)
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(member, out at)) return null;
        return at.ValueKind switch
        {
            JsonValueKind.String => at.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => at.GetRawText(),
            _ => null,
        };
    }

    static string? Joined(IEnumerable<string?> texts, char between)
    {
        StringBuilder? all = null;
        string? only = null;
        foreach (var text in texts)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            if (only is null) only = text;
            else (all ??= new StringBuilder(only)).Append(between).Append(text);
        }
        return all?.ToString() ?? only;
    }
}
