using System.Collections.Frozen;
using CdcSync.Contract.Settings;

namespace CdcSync.Mdm.Survivorship;

/// <summary>The rules of survivorship there are, by name.</summary>
public static class SurvivalRules
{
    static readonly FrozenDictionary<string, ISurvivalRule> ByName = typeof(SurvivalRules).Assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ISurvivalRule)))
        .Select(t => (ISurvivalRule)Activator.CreateInstance(t)!)
        .ToFrozenDictionary(r => r.Name, StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<ISurvivalRule> All { get; } = [.. ByName.Values.OrderBy(r => r.Name, StringComparer.Ordinal)];

    /// <summary>The rule of that name.</summary>
    /// <exception cref="SettingsException">There is none.</exception>
    public static ISurvivalRule Get(string name, string path) => ByName.GetValueOrDefault(name)
        ?? throw new SettingsException(path, $"there is no rule of survivorship '{name}'{NearestName.Hint(name, ByName.Keys)}");
}
