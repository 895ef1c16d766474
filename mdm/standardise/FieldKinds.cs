using System.Collections.Frozen;
using CdcSync.Contract.Settings;

namespace CdcSync.Mdm.Standardise;

/// <summary>The kinds of field there are, by name.</summary>
public static class FieldKinds
{
    static readonly FrozenDictionary<string, IFieldKind> ByName = typeof(FieldKinds).Assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IFieldKind)))
        .Select(t => (IFieldKind)Activator.CreateInstance(t)!)
        .ToFrozenDictionary(k => k.Name, StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<IFieldKind> All { get; } = [.. ByName.Values.OrderBy(k => k.Name, StringComparer.Ordinal)];

    /// <summary>The kind of that name; null when there is none.</summary>
    public static IFieldKind? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The kind of that name.</summary>
    /// <exception cref="SettingsException">There is none.</exception>
    public static IFieldKind Get(string name, string path) =>
        Find(name) ?? throw new SettingsException(path, $"there is no kind of field '{name}'{NearestName.Hint(name, ByName.Keys)}");
}
