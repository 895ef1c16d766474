using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace CdcSync.Host.Settings;

/// <summary>A YAML file as nodes with their lines; <c>${NAME}</c> and <c>${file:PATH}</c> in a value are secrets from the environment or a file.</summary>
public sealed partial class YamlFile
{
    YamlFile(string path, YamlMappingNode root) => (Path, Root) = (path, root);

    public string Path { get; }

    public YamlMappingNode Root { get; }

    /// <summary>Reads one; every way it can be no YAML is one error with its line.</summary>
    public static YamlFile Read(string path)
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
