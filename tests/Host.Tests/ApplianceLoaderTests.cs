using CdcSync.Host.Settings;
using CdcSync.Servers;

namespace CdcSync.Host.Tests;

public class ApplianceLoaderTests
{
    const string Good = """
        store: Host=127.0.0.1;Database=s
        sources:
          - { name: erp, kind: postgres, connection: "Host=127.0.0.1;Database=erp" }
        canonical:
          - object: customer
            source: erp
            key: party.id
            query: select p.id, p.name from party p where p.id = any(@keys)
        mdm: { sources: [erp] }
        sinks:
          - name: dw
            kind: tables
            objects: { customer: golden }
            target: { connection: "Host=127.0.0.1;Database=dw" }
        reconcile:
          - { name: nightly, object: customer, sink: dw, schedule: "0 2 * * *" }
        """;

    static string Errors(string yaml) => Assert.Throws<InvalidSettingsException>(() => ApplianceLoader.Parse("a.yaml", yaml)).Message;

    [Fact]
    public void A_whole_configuration_is_bound()
    {
        var settings = ApplianceLoader.Parse("a.yaml", Good);
        Assert.Equal("erp", settings.Sources.Single().Name);
        Assert.Equal("erp.customer", settings.Canonical.Single().Name);
        Assert.Equal("tables", settings.Sinks.Single().Kind);
        Assert.Equal("0 2 * * *", settings.Reconcile.Single().Schedule);
    }

    [Fact]
    public void Several_files_are_read_as_one_and_errors_name_theirs()
    {
        var (first, second) = (Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.yaml"), Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.yaml"));
        const string more = "sources:\n  - { name: wms, kind: postgres, connection: \"Host=127.0.0.1;Database=wms\" }\nlog: { kind: kafka, bootstrap: \"k:9092\" }\n";
        try
        {
            File.WriteAllText(first, Good);
            File.WriteAllText(second, more);
            var settings = ApplianceLoader.Load(first, second);
            Assert.Equal(["erp", "wms"], settings.Sources.Select(s => s.Name));
            Assert.Equal("k:9092", settings.Log.Bootstrap);

            File.WriteAllText(second, more.Replace("connection", "conection", StringComparison.Ordinal));
            Assert.Contains($"{second}:2: sources[1].conection: unknown setting", Assert.Throws<InvalidSettingsException>(() => ApplianceLoader.Load(first, second)).Message, StringComparison.Ordinal);

            File.WriteAllText(second, "mdm: { sources: [erp] }\n");
            Assert.Contains($"{second}:1: mdm: stands in {first} as well", Assert.Throws<InvalidSettingsException>(() => ApplianceLoader.Load(first, second)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(first);
            File.Delete(second);
        }
    }

    [Fact]
    public void The_documented_settings_of_records_are_bound()
    {
        var page = File.ReadAllText(Path.Combine(Needs.Root, "docs", "sources", "debezium.md"));
        var yaml = page.Split("```yaml\n")[1].Split("```")[0];
        var settings = ApplianceLoader.Parse("a.yaml", "store: Host=127.0.0.1;Database=s\n" + yaml.Replace("${ERP}", "Host=127.0.0.1;Database=erp", StringComparison.Ordinal).Replace("${SALT}", "s", StringComparison.Ordinal));
        var records = ((CdcSync.Capture.Postgres.PostgresSettings)settings.Sources.Single()).Records;
        Assert.Equal(CdcSync.Capture.Debezium.RecordFidelity.Debezium, records.Fidelity);
        Assert.Equal("SHA-256", records.Masks.Single().Hash);
        Assert.Equal(["sale", "line"], records.Keys.Single().Columns);
        Assert.Equal("shard", records.Topics.Routes.Single().KeyField);
        Assert.NotNull(records.Outbox);
    }

    [Theory]
    [InlineData("store: Host", "stores: Host", "unknown setting 'stores'; did you mean 'store'?")]
    [InlineData("kind: postgres", "kind: postgress", "sources[0].kind: there is no 'postgress'; did you mean 'postgres'?")]
    [InlineData("object: customer\n    source", "object: custommer\n    source", "there is no canonical object 'custommer'; did you mean 'customer'?")]
    [InlineData("source: erp", "source: epr", "there is no source 'epr'; did you mean 'erp'?")]
    [InlineData("where p.id = any(@keys)", "", "has no '... = any(@keys)'")]
    [InlineData("sink: dw", "sink: dv", "there is no sink 'dv'; did you mean 'dw'?")]
    [InlineData("object: customer, sink", "object: item, sink", "sink 'dw' takes no item")]
    [InlineData("kind: tables", "kind: table", "there is no 'table'; did you mean 'tables'?")]
    [InlineData("connection: \"Host=127.0.0.1;Database=dw\"", "conection: x", "sinks[0].target.conection: unknown setting; did you mean 'connection'?")]
    [InlineData("mdm: { sources: [erp] }", "", "golden customer needs an 'mdm:' section")]
    [InlineData("0 2 * * *", "0 25 * * *", "schedule")]
    [InlineData("store: Host=127.0.0.1;Database=s", "", "store: is missing")]
    [InlineData("store: Host=127.0.0.1;Database=s", "store: postgres://secret@h/s", "a.yaml:1: store: is no PostgreSQL connection string")]
    [InlineData("connection: \"Host=127.0.0.1;Database=dw\"", "connection: \"Hots=secret\"", "sinks[0].target.connection: is no PostgreSQL connection string")]
    [InlineData("connection: \"Host=127.0.0.1;Database=erp\"", "connection: \"Hots=secret\"", "sources[0].connection: is no PostgreSQL connection string")]
    [InlineData("connection: \"Host=127.0.0.1;Database=erp\"", "connection:", "sources[0].connection: is missing")]
    [InlineData("mdm: { sources: [erp] }", "mdm: { sources: [epr] }", "mdm: there is no source 'epr'; did you mean 'erp'?")]
    [InlineData("mdm: { sources: [erp] }", "mdm: { sources: [erp], survivorship: { customer: { attributes: { name: { sources: epr } } } } }", "mdm: survivorship.customer.attributes.name.sources: there is no source 'epr'; did you mean 'erp'?")]
    [InlineData("mdm: { sources: [erp] }", "mdm: { sources: [erp], survivorship: { customer: { attributes: { nmae: { rules: trust } } } } }", "mdm.survivorship.customer.attributes.nmae: customer has no attribute 'nmae'; did you mean 'name'?")]
    [InlineData("mdm: { sources: [erp] }", "mdm: { sources: [erp], survivorship: { customer: { attributes: { name: { rules: recent } } } } }", "mdm.survivorship.customer.attributes.name.rules: there is no rule of survivorship 'recent'; did you mean 'recency'?")]
    [InlineData("sink: dw, schedule", "sink: dw, sources: [epr], schedule", "reconcile: nightly: there is no source 'epr'; did you mean 'erp'?")]
    [InlineData("sink: dw, schedule", "sink: , schedule", "reconcile[0].sink: is missing")]
    [InlineData("mdm:", "http: { listen: 8080 }\nmdm:", "http.listen: '8080' is no address with a port")]
    [InlineData("mdm:", "registry: { listen: \"http://127.0.0.1:8081\" }\nmdm:", "registry.listen: 'http://127.0.0.1:8081' is no address with a port")]
    [InlineData("kind: tables\n    objects: { customer: golden }\n    target: { connection: \"Host=127.0.0.1;Database=dw\" }",
        "kind: http\n    objects: { customer: golden }\n    target: { url: \"http://h\", objects: {} }", "sinks[0].target: objects.customer: is missing: the sink takes customer")]
    public void A_wrong_one_is_told_with_the_cure(string right, string wrong, string expected)
    {
        Assert.Contains(right, Good, StringComparison.Ordinal);
        var errors = Errors(Good.Replace(right, wrong, StringComparison.Ordinal));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sources_of_one_name_and_one_topic_twice_are_refused()
    {
        const string second = "sources:\n  - { name: NAME, kind: postgres, connection: \"Host=h\", topic_prefix: erp }\n";
        Assert.Contains("two sources are called 'erp'", Errors(Good.Replace("sources:\n", second.Replace("NAME", "erp", StringComparison.Ordinal), StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("would publish to the same topics", Errors(Good.Replace("sources:\n", second.Replace("NAME", "wms", StringComparison.Ordinal), StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deploy/demo/local.yaml", "deploy/demo/cdcsync.yaml")]
    [InlineData("deploy/tryton/cdcsync.yaml")]
    [InlineData("deploy/tables/cdcsync.yaml")]
    public void Shipped_examples_load(params string[] paths)
    {
        foreach (var name in (string[])["DEMO_ERP", "DEMO_WMS", "DEMO_STORE", "DEMO_FINANCE", "CDCSYNC_STORE", "TRYTON_CONNECTION", "SHOP_CONNECTION", "PRICES_CONNECTION"]) Environment.SetEnvironmentVariable(name, "Host=127.0.0.1;Database=x");
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("DEMO_SHOP", "http://127.0.0.1:1"), ("DEMO_LISTEN", "127.0.0.1:1"), ("DEMO_REGISTRY", "127.0.0.1:2"), ("DEMO_REPORTS", "r")])
            Environment.SetEnvironmentVariable(name, value);
        Assert.NotEmpty(ApplianceLoader.Load([.. paths.Select(p => Path.Combine(Needs.Root, p))]).Canonical);
    }

    [Fact]
    public void The_commented_part_of_the_Tryton_example_loads_without_its_marks()
    {
        foreach (var name in (string[])["CDCSYNC_STORE", "TRYTON_CONNECTION", "REPORTING_CONNECTION", "KAFKA_PASSWORD", "REGISTRY_LOGIN", "SHOP_TOKEN"]) Environment.SetEnvironmentVariable(name, "Host=127.0.0.1;Database=x");
        var (before, after) = File.ReadAllText(Path.Combine(Needs.Root, "deploy/tryton/cdcsync.yaml")).Split("# ---- What comes after the mappings.") is [var a, var b] ? (a, b) : throw new InvalidDataException("The example has no such part");
        var lines = after.Split('\n').Skip(1).Select(l => l.StartsWith("# ", StringComparison.Ordinal) ? l[2..] : l.TrimStart('#'));
        var settings = ApplianceLoader.Parse("cdcsync.yaml", before + string.Join('\n', lines));
        Assert.Equal((LogKind.Kafka, RegistryKind.Http), (settings.Log.Kind, settings.Registry.Kind));
        Assert.NotNull(settings.Mdm);
        Assert.Equal(["http", "tables"], settings.Sinks.Select(s => s.Kind));
        Assert.Equal(4, settings.Reconcile.Count);
    }
}
