using CdcSync.Capture;
using CdcSync.Capture.Mapping;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Mdm;
using CdcSync.Reconcile;
using CdcSync.Sinks;
using CdcSync.Sinks.Delivery;
using Npgsql;
using YamlDotNet.RepresentationModel;

namespace CdcSync.Host.Settings;

/// <summary>Reads an appliance's YAML, one file or several, whole, and checks what one part says of another: everything wrong is told at once.</summary>
public sealed class ApplianceLoader
{
    static readonly string[] Parts = ["store", "log", "registry", "http", "sources", "canonical", "mdm", "sinks", "reconcile"];
    readonly YamlFile _file;
    readonly SettingsBinder _binder;
    readonly SourceCatalog _sources = new();
    readonly TargetCatalog _targets = new();

    ApplianceLoader(YamlFile file) => (_file, _binder) = (file, new SettingsBinder(file));

    /// <exception cref="InvalidSettingsException">Something is wrong; all of it is told.</exception>
    public static ApplianceSettings Load(params IReadOnlyList<string> paths) => new ApplianceLoader(YamlFile.Read(paths)).Bind();

    /// <summary><see cref="Load"/> from text.</summary>
    public static ApplianceSettings Parse(string path, string text) => new ApplianceLoader(YamlFile.Parse(path, text)).Bind();

    ApplianceSettings Bind()
    {
        foreach (var (key, _) in _file.Root.Children)
            if (key is YamlScalarNode { Value: var name } && !Parts.Contains(name)) _binder.Error(key, "", $"unknown setting '{name}'{NearestName.Hint(name ?? "", Parts)}");
        var settings = new ApplianceSettings
        {
            Store = Store(),
            Log = Part<LogSettings>("log") ?? new(),
            Registry = Part<RegistrySettings>("registry") ?? new(),
            Http = Part<HttpSettings>("http") ?? new(),
            Mdm = Part<MdmSettings>("mdm"),
            Sources = [.. Items("sources", Source)],
            Canonical = [.. Items("canonical", (node, path) => _binder.Bind<MappingSettings>(node, path))],
            Sinks = [.. Items("sinks", Sink)],
            Reconcile = [.. Items("reconcile", (node, path) => _binder.Bind<ReconcileSettings>(node, path))],
        };
        CheckTogether(settings);
        _binder.ThrowIfWrong();
        return settings.Mdm is { } mdm ? settings with { Mdm = MatchRuleFiles.Read(mdm, Path.GetDirectoryName(_file.FileOf(Node("mdm")!)) ?? "") } : settings;
    }

    YamlNode? Node(string name) => _file.Root.Children.TryGetValue(new YamlScalarNode(name), out var node) ? node : null;

    string Store()
    {
        if (Node("store") is not { } node)
        {
            _binder.Error(_file.Root, "store", "is missing: the connection string of a PostgreSQL database of CdcSync's own");
            return "";
        }
        if (node is YamlScalarNode { Value: { Length: > 0 } text })
        {
            try
            {
                return new NpgsqlConnectionStringBuilder(YamlFile.Resolve(text)).ConnectionString;
            }
            catch (UnresolvedReferenceException unset)
            {
                _binder.Error(node, "store", unset.Message);
                return "";
            }
            catch (ArgumentException bad)
            {
                _binder.Error(node, "store", $"is no PostgreSQL connection string: {bad.Message}");
                return "";
            }
        }
        _binder.Error(node, "store", "expected a connection string");
        return "";
    }

    T? Part<T>(string name) where T : class => Node(name) is { } node and not YamlScalarNode { Value: null or "" } ? _binder.Bind<T>(node, name) : null;

    IEnumerable<T> Items<T>(string name, Func<YamlNode, string, T?> bind) where T : class
    {
        if (Node(name) is not { } node) yield break;
        if (node is not YamlSequenceNode list)
        {
            _binder.Error(node, name, "expected a list");
            yield break;
        }
        for (var i = 0; i < list.Children.Count; i++)
            if (bind(list.Children[i], $"{name}[{i}]") is { } item) yield return item;
    }

    SourceSettings? Source(YamlNode node, string path) =>
        Kind(node, path, _sources.Kinds) is { } kind ? (SourceSettings?)_binder.BindRecord(node, _sources.SettingsType(kind), path, "kind") : null;

    SinkDefinition? Sink(YamlNode node, string path)
    {
        if (Kind(node, path, _targets.Kinds) is not { } kind) return null;
        var delivery = _binder.Bind<SinkSettings>(node, path, "kind", "target");
        if (((YamlMappingNode)node).Children.TryGetValue(new YamlScalarNode("target"), out var target))
        {
            if (_binder.BindRecord(target, _targets.Find(kind).SettingsType, $"{path}.target") is not { } bound || delivery is null) return null;
            try
            {
                _targets.Find(kind).Check(bound, delivery.Objects.Keys);
            }
            catch (SettingsException missing)
            {
                _binder.Error(target, $"{path}.target", missing.Message);
            }
            return new SinkDefinition(delivery, kind, bound);
        }
        _binder.Error(node, $"{path}.target", "is missing: where and how to write");
        return null;
    }

    string? Kind(YamlNode node, string path, IReadOnlyCollection<string> known)
    {
        if (node is not YamlMappingNode mapping || !mapping.Children.TryGetValue(new YamlScalarNode("kind"), out var kind))
        {
            _binder.Error(node, $"{path}.kind", $"is missing; known: {string.Join(", ", known)}");
            return null;
        }
        if (kind is YamlScalarNode { Value: { } name } && known.Contains(name)) return name;
        _binder.Error(kind, $"{path}.kind", $"there is no '{kind}'{NearestName.Hint(kind.ToString(), known)}");
        return null;
    }

    void CheckTogether(ApplianceSettings settings)
    {
        Twice("sources", settings.Sources.Select(s => s.Name), "two sources are called");
        Twice("sources", settings.Sources.Select(s => s.TopicPrefix ?? s.Name), "two sources would publish to the same topics: set 'topic_prefix'; both begin with");
        Twice("canonical", settings.Canonical.Select(m => m.Name), "two mappings make");
        Twice("sinks", settings.Sinks.Select(s => s.Delivery.Name), "two sinks are called");
        Twice("reconcile", settings.Reconcile.Select(r => r.Name), "two comparisons are called");
        var sources = settings.Sources.Select(s => s.Name).ToList();
        foreach (var mapping in settings.Canonical.Where(m => !sources.Contains(m.Source)))
            At("canonical", $"{mapping.Name}: there is no source '{mapping.Source}'{NearestName.Hint(mapping.Source, sources)}");
        foreach (var source in (settings.Mdm?.Sources ?? []).Concat(settings.Mdm?.SharedItemNumbers ?? []).Distinct().Where(s => !sources.Contains(s)))
            At("mdm", $"there is no source '{source}'{NearestName.Hint(source, sources)}");
        foreach (var (path, source) in (settings.Mdm?.SurvivorshipSources() ?? []).Where(s => !sources.Contains(s.Source)))
            At("mdm", $"{path}: there is no source '{source}'{NearestName.Hint(source, sources)}");
        var sinks = settings.Sinks.ToDictionary(s => s.Delivery.Name, s => s.Delivery.Objects, StringComparer.Ordinal);
        foreach (var run in settings.Reconcile)
        {
            if (!sinks.TryGetValue(run.Sink, out var objects)) At("reconcile", $"{run.Name}: there is no sink '{run.Sink}'{NearestName.Hint(run.Sink, sinks.Keys)}");
            foreach (var source in run.Sources.Where(s => !sources.Contains(s))) At("reconcile", $"{run.Name}: there is no source '{source}'{NearestName.Hint(source, sources)}");
            if (objects?.ContainsKey(run.Object) == false) At("reconcile", $"{run.Name}: sink '{run.Sink}' takes no {run.Object}{NearestName.Hint(run.Object, objects.Keys)}");
        }
        foreach (var sink in settings.Sinks.Select(s => s.Delivery))
            foreach (var (name, origin) in sink.Objects)
                if (origin == RecordOrigin.Golden && settings.Mdm is null) At("sinks", $"{sink.Name}: golden {name} needs an 'mdm:' section");
                else if (CanonicalCatalog.Find(name) is not null && settings.Canonical.All(m => m.Object != name)) At("sinks", $"{sink.Name}: no mapping makes {name}");
    }

    void Twice(string part, IEnumerable<string> names, string what)
    {
        foreach (var name in names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1)) At(part, $"{what} '{name.Key}'");
    }

    // Parts may have failed to bind: then what refers to them is not judged.
    void At(string part, string message)
    {
        if (_binder.Errors.Any(e => e.Path.StartsWith("sources", StringComparison.Ordinal) || e.Path.StartsWith("sinks[", StringComparison.Ordinal))) return;
        _binder.Error(Node(part) ?? _file.Root, part, message);
    }
}
