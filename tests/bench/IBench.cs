using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CdcSync.Bench;

/// <summary>A benchmark: one class, one file, found at start.</summary>
public interface IBench
{
    /// <summary>What it is called on the command line.</summary>
    string Name { get; }

    /// <summary>Measures and shows.</summary>
    Task RunAsync(BenchArguments args, BenchOutput output, CancellationToken stop);
}

/// <summary>What stands behind the benchmark's name.</summary>
public sealed class BenchArguments(IReadOnlyList<string> args)
{
    /// <summary>True when the option is given.</summary>
    public bool Has(string option) => args.Contains(option);

    /// <summary>The word behind an option; null when it is not given.</summary>
    public string? Text(string option)
    {
        for (var i = 0; i + 1 < args.Count; i++)
            if (args[i] == option) return args[i + 1];
        return null;
    }

    /// <summary>The number behind an option.</summary>
    public int Number(string option, int absent) => Text(option) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : absent;
}

/// <summary>Figures: one JSON object a line for machines, or a table for people.</summary>
public sealed class BenchOutput(bool json)
{
    const int NameWidth = 44, FigureWidth = 22;
    string _head = "";

    /// <summary>Shows one result; the keys are those of the first of a table.</summary>
    public void Show(string name, params (string Key, object? Value)[] figures)
    {
        if (json)
        {
            var line = new JsonObject { ["name"] = name };
            foreach (var (key, value) in figures) line[key] = JsonSerializer.SerializeToNode(value);
            Console.WriteLine(line.ToJsonString());
            return;
        }
        var head = "name".PadRight(NameWidth) + string.Concat(figures.Select(f => f.Key.PadLeft(FigureWidth)));
        if (head != _head) Console.WriteLine(_head = head);
        Console.WriteLine(name.PadRight(NameWidth) + string.Concat(figures.Select(f => Shown(f.Value).PadLeft(FigureWidth))));
    }

    /// <summary>A remark; machines see it on the error stream.</summary>
    public void Note(string text) => (json ? Console.Error : Console.Out).WriteLine(text);

    static string Shown(object? value) => value switch
    {
        null => "-",
        double number => number.ToString(number < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString("#,0", CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
