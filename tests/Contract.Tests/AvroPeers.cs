using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.Contract.Avro;
using CdcSync.Servers;

namespace CdcSync.Contract.Tests;

/// <summary>Other implementations of Avro, each one process for a batch of cases (tests/tools).</summary>
static class AvroPeers
{
    public sealed record Case(AvroSchema Writer, AvroSchema? Reader, byte[] Data);

    static string Tools => Path.Combine(Needs.Root, "tests", "tools");

    /// <summary>Debian's package python3-avro; the python on the path may be another than Debian's.</summary>
    public static async Task<IReadOnlyList<string>> PythonAsync(IReadOnlyList<Case> cases)
    {
        foreach (var python in (string[])["python3", "/usr/bin/python3"])
            if (await RunAsync(python, ["-c", "import avro.io"], "", Path.GetTempPath()) is not null)
                return Lines(await RunAsync(python, [Path.Combine(Tools, "avro_batch.py")], Input(cases), Tools));
        Needs.Missing("python3-avro is not installed: apt-get install python3-avro");
        return [];
    }

    /// <summary>npm's avsc, in tests/tools/node_modules.</summary>
    public static async Task<IReadOnlyList<string>> NodeAsync(IReadOnlyList<Case> cases)
    {
        if (!Directory.Exists(Path.Combine(Tools, "node_modules", "avsc"))) Needs.Missing("avsc is not installed: npm install in tests/tools");
        if (await RunAsync("node", ["--version"], "", Tools) is null) Needs.Missing("node is not installed: apt-get install nodejs");
        return Lines(await RunAsync("node", [Path.Combine(Tools, "avro_batch.mjs")], Input(cases), Tools));
    }

    static string Input(IReadOnlyList<Case> cases) => string.Concat(cases.Select(c => new JsonObject
    {
        ["writer"] = JsonNode.Parse(c.Writer.ToJson()),
        ["reader"] = c.Reader is null ? null : JsonNode.Parse(c.Reader.ToJson()),
        ["hex"] = Convert.ToHexStringLower(c.Data),
    }.ToJsonString(Wide) + "\n"));

    static readonly JsonSerializerOptions Wide = new() { MaxDepth = 500 };

    static List<string> Lines(string? output)
    {
        Assert.NotNull(output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))
            .Select(answer => answer.TryGetProperty("hex", out var hex) ? hex.GetString()! : answer.GetProperty("error").GetString()!)];
    }

    /// <summary>What it printed; null when it is not there or failed.</summary>
    static async Task<string?> RunAsync(string program, string[] arguments, string input, string folder)
    {
        var stop = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        try
        {
            using var process = Process.Start(start)!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
            await process.StandardInput.WriteAsync(input.AsMemory(), stop);
            process.StandardInput.Close();
            await process.WaitForExitAsync(stop);
            await errors;
            return process.ExitCode == 0 ? await output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
