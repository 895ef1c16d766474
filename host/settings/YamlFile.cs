using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace CdcSync.Host.Settings;

/// <summary>
/// YAML as nodes with their files and lines; <c>${NAME}</c> and <c>${file:PATH}</c> in a value are secrets from the environment or a file. Several files are read as one: their lists go
/// on in each other, and every other part stands in one of them.
/// </summary>
public sealed partial class YamlFile
{
    readonly Dictionary<YamlNode, string> _files = new(ReferenceEqualityComparer.Instance);
    readonly string _first;

    YamlFile(string path, YamlMappingNode root)
    {
        (_first, Root) = (path, root);
        foreach (var node in root.AllNodes) _files[node] = path;
    }

    public YamlMappingNode Root { get; }

    /// <summary>The file a node stands in.</summary>
    public string FileOf(YamlNode node) => _files.GetValueOrDefault(node, _first);

    /// <summary>Reads them; every way they can be no YAML is one error with its line.</summary>
    public static YamlFile Read(params IReadOnlyList<string> paths)
    {
        var all = Read(paths[0]);
        foreach (var path in paths.Skip(1)) all.Add(Read(path));
        return all;
    }

    void Add(YamlFile more)
    {
        foreach (var (key, value) in more.Root.Children)
        {
            if (!Root.Children.TryGetValue(key, out var present)) Root.Children.Add(key, value);
            else if (present is YamlSequenceNode list && value is YamlSequenceNode rest) foreach (var item in rest) list.Add(item);
            else throw new InvalidSettingsException([new(more._first, key.Start.Line, $"{key}", $"stands in {FileOf(present)} as well: only lists go on in another file")]);
        }
        foreach (var (node, file) in more._files) _files[node] = file;
    }

    static YamlFile Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InvalidSettingsException([new(path, 0, "", $"cannot be read: {unreadable.Message}")]);
        }
        return Parse(path, text);
    }

    public static YamlFile Parse(string path, string text)
    {
        try
        {
            RefuseAliases(path, text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root) return new YamlFile(path, root);
            throw new InvalidSettingsException([new(path, 1, "", "expected one YAML document with settings by name (store:, sources:, ...)")]);
        }
        catch (YamlException broken)
        {
            throw new InvalidSettingsException([new(path, broken.Start.Line, "", $"no valid YAML: {broken.InnerException?.Message ?? broken.Message}")]);
        }
    }

    // One value under many names can be a circle, or a billion values in ten lines.
    static void RefuseAliases(string path, string text)
    {
        var parser = new Parser(new StringReader(text));
        while (parser.MoveNext())
            if (parser.Current is AnchorAlias alias) throw new InvalidSettingsException([new(path, alias.Start.Line, $"*{alias.Value}", "aliases are not taken; write the value again")]);
    }

    /// <summary>Puts the secrets in.</summary>
    /// <exception cref="UnresolvedReferenceException">A variable or file is not there.</exception>
    public static string Resolve(string value) => Reference().Replace(value, match =>
    {
        var name = match.Groups["name"].Value;
        if (!name.StartsWith("file:", StringComparison.Ordinal))
        {
            return Environment.GetEnvironmentVariable(name) ?? (match.Groups["default"].Success ? match.Groups["default"].Value
                : throw new UnresolvedReferenceException($"the environment variable {name} is not set"));
        }
        try
        {
            return File.ReadAllText(name[5..]).TrimEnd('\r', '\n');
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new UnresolvedReferenceException($"the secret's file {name[5..]} cannot be read: {unreadable.Message}");
        }
    });

    [GeneratedRegex(@"\$\{(?<name>file:[^}]+|[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>[^}]*))?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}

/// <summary>A variable or file that a setting refers to is not there.</summary>
public sealed class UnresolvedReferenceException(string message) : FormatException(message);
