using System.Collections.Frozen;
using CdcSync.Contract.Settings;

namespace CdcSync.Mdm.Scoring;

/// <summary>The comparisons there are, by name.</summary>
public static class ComparisonCatalog
{
    static readonly FrozenDictionary<string, IComparison> ByName = typeof(ComparisonCatalog).Assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IComparison)))
        .Select(t => (IComparison)Activator.CreateInstance(t)!)
        .ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<IComparison> All { get; } = [.. ByName.Values.OrderBy(c => c.Name, StringComparer.Ordinal)];

    /// <summary>The comparison of that name.</summary>
    /// <exception cref="SettingsException">There is none.</exception>
    public static IComparison Get(string name, string path) => ByName.GetValueOrDefault(name)
        ?? throw new SettingsException(path, $"there is no comparison '{name}'{NearestName.Hint(name, ByName.Keys)}");
}
