using System.Collections.Concurrent;

namespace CdcSync.Capture.SqlServer;

/// <summary>The source's T-SQL, from <c>sql/*.sql</c>. <c>$(name)</c> stands for identifiers and lists, as in sqlcmd; values are always parameters.</summary>
static class Statements
{
    static readonly ConcurrentDictionary<string, string> Texts = new();

    public static string Of(string name) => Texts.GetOrAdd(name, static n =>
    {
        using var stream = typeof(Statements).Assembly.GetManifestResourceStream($"sqlserver.{n}.sql") ?? throw new InvalidOperationException($"No statement {n}");
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n');
        // Of the comments only the name travels.
        return string.Join('\n', [lines[0], .. lines.Skip(1).Where(l => !l.StartsWith("--", StringComparison.Ordinal))]).Trim();
    });

    public static string Of(string name, params ReadOnlySpan<(string Variable, string Text)> variables)
    {
        var text = Of(name);
        foreach (var (variable, value) in variables) text = text.Replace($"$({variable})", value, StringComparison.Ordinal);
        return text;
    }

    public static string Quote(string name) => $"[{name.Replace("]", "]]", StringComparison.Ordinal)}]";

    public static string Quote(string schema, string name) => $"{Quote(schema)}.{Quote(name)}";

    /// <summary>A text literal: for statements that take no parameters.</summary>
    public static string Text(string value) => $"N'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
