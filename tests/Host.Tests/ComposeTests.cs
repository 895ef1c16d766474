using System.Text.RegularExpressions;
using CdcSync.Host.Settings;
using CdcSync.Servers;
using YamlDotNet.RepresentationModel;

namespace CdcSync.Host.Tests;

/// <summary>No container engine is needed to see that the files fit each other and the code.</summary>
public sealed partial class ComposeTests
{
    static readonly YamlMappingNode Compose = Read("docker-compose.yml");
    static readonly YamlMappingNode Services = (YamlMappingNode)Compose["services"];

    public static TheoryData<string> ServiceNames => [.. Services.Children.Keys.Select(k => k.ToString())];

    [Theory, MemberData(nameof(ServiceNames))]
    public void A_service_is_healthy_or_not_and_never_privileged(string name)
    {
        var service = (YamlMappingNode)Services[name];
        Assert.True(Has(service, "healthcheck") || (Has(service, "build") && Text(Dockerfile(service)).Contains("HEALTHCHECK", StringComparison.Ordinal)), $"{name} has no health check");
        Assert.False(Has(service, "privileged"), $"{name} is privileged");
        Assert.Contains("no-new-privileges:true", ((YamlSequenceNode)service["security_opt"]).Select(o => o.ToString()));
        foreach (var port in Items(service, "ports")) Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(ServiceNames))]
    public void What_it_mounts_is_there(string name)
    {
        var volumes = ((YamlMappingNode)Compose["volumes"]).Children.Keys.Select(k => k.ToString()).ToHashSet();
        foreach (var mount in Items((YamlMappingNode)Services[name], "volumes"))
        {
            var from = mount.Split(':')[0];
            Assert.True(from.StartsWith('.') ? Path.Exists(Path.Combine(Needs.Root, from)) : volumes.Contains(from), $"{name} mounts {from}, which is not there");
        }
    }

    [Fact]
    public void Every_variable_is_in_the_example_and_used()
    {
        var example = Text(".env.example").Split('\n').Where(l => l.Contains('=', StringComparison.Ordinal) && !l.StartsWith('#')).Select(l => l.Split('=')[0]);
        var used = Variable().Matches(Text("docker-compose.yml")).Select(m => m.Groups["name"].Value).Distinct();
        Assert.Equal(example.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
        Assert.Contains(".env", Text(".gitignore").Split('\n'));
        Assert.Contains(".env", Text(".dockerignore").Split('\n'));
    }

    [Fact]
    public void The_appliance_takes_its_configuration_and_names_only_services()
    {
        var appliance = (YamlMappingNode)Services["cdcsync"];
        foreach (var (name, _) in ((YamlMappingNode)appliance["environment"]).Children) Environment.SetEnvironmentVariable(name.ToString(), "secret");

        var settings = ApplianceLoader.Load(Path.Combine(Needs.Root, "deploy/docker/cdcsync.yaml"));

        var hosts = settings.Sources.OfType<Capture.Postgres.PostgresSettings>().Select(s => s.Connection).Append(settings.Store).Select(c => new Npgsql.NpgsqlConnectionStringBuilder(c).Host!)
            .Append(settings.Log.Bootstrap!.Split(':')[0]).Append(settings.Registry.Url!.Host);
        Assert.All(hosts, h => Assert.Contains(h, ServiceNames.Select(r => r.Data)));
        var port = settings.Http.Listen.Split(':')[1];
        Assert.EndsWith($":{port}", Items(appliance, "ports").Single(), StringComparison.Ordinal);
        Assert.Contains($"EXPOSE {port}", Text(Dockerfile(appliance)), StringComparison.Ordinal);
        Assert.Contains($"PLAINTEXT://:{settings.Log.Bootstrap.Split(':')[1]}", Services["kafka"]["environment"]["KAFKA_LISTENERS"].ToString(), StringComparison.Ordinal);
        Assert.Contains($":{settings.Registry.Url.Port}", Services["registry"]["environment"]["SCHEMA_REGISTRY_LISTENERS"].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_is_not_root_and_runs_what_is_built()
    {
        var file = Text("deploy/docker/Dockerfile");
        Assert.Matches(@"(?m)^USER 1\d+:1\d+$", file);
        Assert.True(File.Exists(Path.Combine(Needs.Root, "host/CdcSync.Host.csproj")) && file.Contains("host/CdcSync.Host.csproj", StringComparison.Ordinal));
        Assert.Contains("<AssemblyName>cdcsync</AssemblyName>", Text("host/CdcSync.Host.csproj"), StringComparison.Ordinal);
        Assert.Equal("true", Services["cdcsync"]["read_only"].ToString());
        var config = Items((YamlMappingNode)Services["cdcsync"], "volumes")[0].Split(':');
        Assert.Contains($"CDCSYNC_CONFIG={config[1]}", file, StringComparison.Ordinal);
        Assert.Contains($"VOLUME {Items((YamlMappingNode)Services["cdcsync"], "volumes")[1].Split(':')[1]}", file, StringComparison.Ordinal);
    }

    static string Dockerfile(YamlMappingNode service) => service["build"]["dockerfile"].ToString();
    static bool Has(YamlMappingNode node, string key) => node.Children.ContainsKey(new YamlScalarNode(key));
    static List<string> Items(YamlMappingNode node, string key) => Has(node, key) ? [.. ((YamlSequenceNode)node[key]).Select(i => i.ToString())] : [];
    static string Text(string path) => File.ReadAllText(Path.Combine(Needs.Root, path));

    static YamlMappingNode Read(string path)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Text(path)));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    [GeneratedRegex(@"(?<!\$)\$\{(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
