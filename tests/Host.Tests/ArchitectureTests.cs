using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CdcSync.Servers;

namespace CdcSync.Host.Tests;

/// <summary>The shape of the house: who may know whom, and how large things may get.</summary>
public partial class ArchitectureTests
{
    static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["contract"] = [],
        ["eventlog"] = ["contract"],
        ["capture"] = ["contract", "eventlog"],
        ["mdm"] = ["contract", "eventlog"],
        ["sinks"] = ["contract", "eventlog"],
        ["reconcile"] = ["contract", "eventlog"],
        ["host"] = ["contract", "eventlog", "capture", "mdm", "sinks", "reconcile", "demo"],
    };

    [Fact]
    public void Stages_know_the_contract_and_the_log_and_never_each_other()
    {
        foreach (var (stage, allowed) in MayKnow)
        {
            var project = Directory.GetFiles(Path.Combine(Needs.Root, stage), "*.csproj").Single();
            var known = XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileName(Path.GetDirectoryName(r.Attribute("Include")!.Value.Replace('\\', '/'))!));
            Assert.All(known, other => Assert.True(allowed.Contains(other), $"{stage} refers to {other}; it may know {string.Join(", ", allowed)}"));
        }
    }

    [Fact]
    public void The_contract_needs_nothing_but_the_runtime()
    {
        var project = XDocument.Load(Path.Combine(Needs.Root, "contract", "CdcSync.Contract.csproj"));
        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("FrameworkReference"));
    }

    [Fact]
    public void Log_event_ids_are_unique()
    {
        var ids = Directory.GetFiles(Needs.Root, "*.cs", SearchOption.AllDirectories).Where(IsOurs)
            .SelectMany(f => LogId().Matches(File.ReadAllText(f)).Select(m => (Id: m.Groups["id"].Value, File: f))).ToList();
        Assert.All(ids.GroupBy(i => i.Id), same => Assert.True(same.Count() == 1, $"Event id {same.Key} is used in {string.Join(" and ", same.Select(s => s.File))}"));
    }

    [Fact]
    public void No_file_is_longer_than_500_lines()
    {
        var tooLong = Directory.GetFiles(Needs.Root, "*.cs", SearchOption.AllDirectories).Where(IsOurs).Where(f => File.ReadLines(f).Count() > 500);
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Every_plug_in_can_be_made_by_the_catalogue()
    {
        var stages = new[] { "CdcSync.Capture", "CdcSync.Sinks" }.Select(Assembly.Load);
        foreach (var type in stages.SelectMany(a => a.GetTypes()).Where(t => t is { IsClass: true, IsAbstract: false } && t.GetInterfaces().Any(i => i.Name is "ITargetType" or "ISourceType")))
            Assert.NotNull(Activator.CreateInstance(type));
    }

    static bool IsOurs(string file) => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/node_modules/", StringComparison.Ordinal);

    [GeneratedRegex(@"LoggerMessage\(\s*(EventId\s*=\s*)?(?<id>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LogId();
}
