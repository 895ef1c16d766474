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
        if (name == "traffic") Assert.Equal("true", service["healthcheck"]["disable"].ToString());     // it serves nobody: it works or is restarted
        else Assert.True(Has(service, "healthcheck") || (Has(service, "build") && Text(Dockerfile(service)).Contains("HEALTHCHECK", StringComparison.Ordinal)), $"{name} has no health check");
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
        var lines = Text(".env.example").Split('\n').Where(l => l.Contains('=', StringComparison.Ordinal)).ToList();
        var example = lines.Where(l => !l.StartsWith('#')).Select(l => l.Split('=')[0]);
        var used = Variable().Matches(Text("docker-compose.yml")).Select(m => m.Groups["name"].Value).Distinct().Where(v => !lines.Exists(l => l.StartsWith($"#{v}=", StringComparison.Ordinal)));
        Assert.Equal(example.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
        Assert.Contains(".env", Text(".gitignore").Split('\n'));
        Assert.Contains(".env", Text(".dockerignore").Split('\n'));
    }

    [Theory]
    [InlineData("docker-compose.yml", @"CDCSYNC_CONFIG:-(?<paths>[^}]+)\}", 2)]
    [InlineData(".env.example", @"#CDCSYNC_CONFIG=(?<paths>\S+)", 3)]
    public void The_appliance_takes_its_configuration_and_names_only_services(string file, string setting, int sources)
    {
        var appliance = (YamlMappingNode)Services["cdcsync"];
        foreach (var (name, value) in ((YamlMappingNode)appliance["environment"]).Children.Where(e => e.Key.ToString() != "CDCSYNC_CONFIG"))
            Environment.SetEnvironmentVariable(name.ToString(), Variable().Replace(value.ToString(), "secret"));
        var mounts = Items(appliance, "volumes").Select(v => v.Split(':')).ToDictionary(v => v[1], v => v[0]);

        var settings = ApplianceLoader.Load([.. Regex.Match(Text(file), setting, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["paths"].Value.Split(':').Select(p => Path.Combine(Needs.Root, mounts[p]))]);

        Assert.Equal(sources, settings.Sources.Count);
        var hosts = settings.Sources.OfType<Capture.Postgres.PostgresSettings>().Select(s => s.Connection).Append(settings.Store)
            .Concat(settings.Sinks.Select(s => s.Target).OfType<CdcSync.Sinks.Tables.TablesSettings>().Select(t => t.Connection)).Select(c => new Npgsql.NpgsqlConnectionStringBuilder(c).Host!)
            .Concat(settings.Sources.OfType<Capture.SqlServer.SqlServerSettings>().Select(s => new Microsoft.Data.SqlClient.SqlConnectionStringBuilder(s.Connection).DataSource))
            .Append(settings.Log.Bootstrap!.Split(':')[0]).Append(settings.Registry.Url!.Host).Append(settings.Sinks.Select(s => s.Target).OfType<CdcSync.Sinks.Http.HttpSettings>().Single().Url.Host);
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
        var mounted = Items((YamlMappingNode)Services["cdcsync"], "volumes").Select(v => v.Split(':')[1]).ToList();
        Assert.Contains($"CDCSYNC_CONFIG={mounted[0]}", file, StringComparison.Ordinal);
        Assert.Contains($"VOLUME {mounted[^1]}", file, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop"), InlineData("traffic")]
    public void The_demos_parts_are_commands_of_the_image(string name)
    {
        var service = (YamlMappingNode)Services[name];
        Assert.Empty(Cli.CommandLine.Create().Parse(Items(service, "command")).Errors);
        Assert.Equal(Dockerfile((YamlMappingNode)Services["cdcsync"]), Dockerfile(service));
        foreach (var port in Items(service, "ports")) Assert.Contains($"0.0.0.0:{port.Split(':')[2]}", Items(service, "command"));
        if (Has(service, "environment")) foreach (var (variable, _) in ((YamlMappingNode)service["environment"]).Children) Assert.Contains($"${{{variable}}}", Text("host/cli/DemoTrafficCommand.cs"), StringComparison.Ordinal);
        foreach (var folder in Items(service, "volumes")) Assert.Contains($"VOLUME {folder.Split(':')[1]}", Text(Dockerfile(service)), StringComparison.Ordinal);
    }

    [Fact]
    public void Databases_that_are_connected_to_are_made()
    {
        var made = Text("deploy/docker/postgres-init.sh") + Text("deploy/docker/sqlserver-init.sql");
        var databases = Database().Matches(Text("docker-compose.yml") + Text("deploy/docker/cdcsync.yaml") + Text("deploy/docker/sqlserver.yaml")).Select(m => m.Groups["name"].Value).Distinct().ToList();
        Assert.Equal(["cdcsync", "crm", "erp", "finance", "wms"], databases.Order(StringComparer.Ordinal));
        Assert.All(databases, d => Assert.Contains($"create database {d};", made, StringComparison.Ordinal));
        Assert.All(Role().Matches(Text("docker-compose.yml") + Text("deploy/docker/sqlserver.yaml")).Select(m => m.Groups["name"].Value).Where(r => r != "postgres"), r => Assert.Matches($"create (role|login) {r}", made));
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

    [GeneratedRegex(@"(?<!\$)\$\{(?<name>\w+)[^}]*\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"Database=(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Database();

    [GeneratedRegex(@"(Username|User ID)=(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Role();
}
