using System.Collections.Frozen;
using System.Reflection;
using CdcSync.Contract.Settings;

namespace CdcSync.Sinks;

/// <summary>The kinds of target there are: a new one is a new class, nothing else.</summary>
public sealed class TargetCatalog(params Assembly[] assemblies)
{
    readonly FrozenDictionary<string, ITargetType> _byKind = assemblies.Append(typeof(TargetCatalog).Assembly).Distinct().SelectMany(a => a.GetTypes())
        .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ITargetType)))
        .Select(t => (ITargetType)Activator.CreateInstance(t)!)
        .ToFrozenDictionary(t => t.Kind);

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Kinds => [.. _byKind.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The kind of that name.</summary>
    public ITargetType Find(string kind) => _byKind.TryGetValue(kind, out var type) ? type
        : throw new SettingsException("kind", $"there is no target '{kind}'; known: {string.Join(", ", _byKind.Keys.Order(StringComparer.Ordinal))}");
}
