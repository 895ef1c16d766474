using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcSync.Host.Cli;

/// <summary>Exit codes, the same for every command: schedulers read them.</summary>
public static class ExitCode
{
    public const int Done = 0, Failed = 1, WrongSettings = 2, Differences = 3, CouldNotCompare = 4;
}

/// <summary>What every command has: the configuration's path, whether to answer in JSON, and where to write.</summary>
public sealed class CommandContext(ParseResult parsed)
{
    /// <summary>The settings files.</summary>
    public static Option<string[]> Config { get; } = new("--config", "-c")
    {
        Description = "The settings file; given several times, their lists go on in each other (or CDCSYNC_CONFIG: paths between colons)",
        HelpName = "file",
        Recursive = true,
        DefaultValueFactory = _ => (Environment.GetEnvironmentVariable("CDCSYNC_CONFIG") is { Length: > 0 } set ? set : "cdcsync.yaml").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
    };

    /// <summary>Answer for machines.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Answer in JSON, one object a line", Recursive = true };

    static readonly JsonSerializerOptions Lines = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    readonly TextWriter _output = parsed.InvocationConfiguration.Output;

    public ParseResult Parsed { get; } = parsed;

    public IReadOnlyList<string> ConfigPaths => Parsed.GetValue(Config)!;

    public bool AsJson => Parsed.GetValue(Json);

    /// <summary>One object: a line of JSON, or what <paramref name="text"/> makes of it for people.</summary>
    public void Write<T>(T value, Func<T, string> text) => _output.WriteLine(AsJson ? JsonSerializer.Serialize(value, Lines) : text(value));

    /// <summary>A line for people; nothing with --json.</summary>
    public void Say(string text)
    {
        if (!AsJson) _output.WriteLine(text);
    }

    /// <summary>Rows as aligned columns for people, an object a line for machines.</summary>
    public void WriteTable<T>(IReadOnlyList<T> rows, params (string Title, Func<T, string> Cell)[] columns)
    {
        if (AsJson)
        {
            foreach (var row in rows) _output.WriteLine(JsonSerializer.Serialize(row, Lines));
            return;
        }
        var cells = rows.Select(r => columns.Select(c => c.Cell(r)).ToArray()).Prepend([.. columns.Select(c => c.Title)]).ToList();
        var widths = columns.Select((_, i) => cells.Max(c => c[i].Length)).ToArray();
        foreach (var line in cells) _output.WriteLine(string.Join("  ", line.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }
}
