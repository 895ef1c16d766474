using CdcSync.Servers;
using static CdcSync.EventLog.Tests.Registry.ServedRegistry;

namespace CdcSync.EventLog.Tests.Registry;

/// <summary>What the API answers.</summary>
public sealed class RegistryRestTests(TestPostgres postgres)
{
    static readonly string One = Record(Field("a", "int"));
    static readonly string Two = Record(Field("a", "int"), Field("b", "int", "0"));

    [Fact]
    public async Task One_schema_has_one_id_and_versions_count_up()
    {
        await using var registry = await StartAsync(postgres);
        Assert.Equal("""{"id":1}""", await registry.RegisterAsync("s", One));
        Assert.Equal("""{"id":1}""", await registry.RegisterAsync("s", "  " + One.Replace(":", " : ", StringComparison.Ordinal)));   // white space is no other schema
        Assert.Equal("""{"id":1}""", await registry.RegisterAsync("t", One));
        Assert.Equal("""{"id":2}""", await registry.RegisterAsync("s", Two));
        Assert.Equal("[1,2]", await registry.OkAsync("GET", "/subjects/s/versions"));
        Assert.Equal("""[{"subject":"s","version":1},{"subject":"t","version":1}]""", await registry.OkAsync("GET", "/schemas/ids/1/versions"));
        Assert.Equal("""["s","t"]""", await registry.OkAsync("GET", "/schemas/ids/1/subjects"));
        Assert.Equal("""{"schema":"{\u0022type\u0022:\u0022record\u0022,\u0022name\u0022:\u0022R\u0022,\u0022fields\u0022:[{\u0022name\u0022:\u0022a\u0022,\u0022type\u0022:\u0022int\u0022}]}"}""", await registry.OkAsync("GET", "/schemas/ids/1"));
        Assert.Equal(One, await registry.OkAsync("GET", "/schemas/ids/1/schema"));
        Assert.Equal(Two, await registry.OkAsync("GET", "/subjects/s/versions/latest/schema"));
        var (_, version) = await registry.AskAsync("GET", "/subjects/s/versions/-1");
        Assert.Equal(("s", 2, 2, Two), ((string?)version!["subject"], (int)version["version"]!, (int)version["id"]!, (string?)version["schema"]));
        var (_, found) = await registry.AskAsync("POST", "/subjects/s", Body(One));
        Assert.Equal((1, 1), ((int)found!["version"]!, (int)found["id"]!));
    }

    [Fact]
    public async Task Deleted_versions_are_hidden_then_gone_and_their_numbers_do_not_come_twice()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("s", One);
        await registry.RegisterAsync("s", Two);
        await registry.RegisterAsync("t", One);
        Assert.Equal("2", await registry.OkAsync("DELETE", "/subjects/s/versions/latest"));
        Assert.Equal("[1]", await registry.OkAsync("GET", "/subjects/s/versions"));
        Assert.Equal("[1,2]", await registry.OkAsync("GET", "/subjects/s/versions?deleted=true"));
        Assert.Equal("[2]", await registry.OkAsync("GET", "/subjects/s/versions?deletedOnly=true"));
        await registry.RefusedAsync(40402, "GET", "/subjects/s/versions/2");
        Assert.Contains("\"deleted\":true", await registry.OkAsync("GET", "/subjects/s/versions/2?deleted=true"), StringComparison.Ordinal);
        await registry.OkAsync("GET", "/schemas/ids/2");                       // records with this id are still there
        await registry.OkAsync("POST", "/subjects/s?deleted=true", Body(Two));
        Assert.Equal("""{"id":2}""", await registry.RegisterAsync("s", Two));   // the same schema again: a new version, the same id
        Assert.Equal("[1,3]", await registry.OkAsync("GET", "/subjects/s/versions?deleted=true"));

        await registry.OkAsync("DELETE", "/subjects/s");
        Assert.Equal("""["t"]""", await registry.OkAsync("GET", "/subjects"));
        Assert.Equal("""["s","t"]""", await registry.OkAsync("GET", "/subjects?deleted=true"));
        Assert.Equal("""["s"]""", await registry.OkAsync("GET", "/subjects?deletedOnly=true"));
        await registry.OkAsync("DELETE", "/subjects/s?permanent=true");
        await registry.RefusedAsync(40403, "GET", "/schemas/ids/2");
        Assert.Equal(Two, (await registry.Registry.GetAsync(2, TestContext.Current.CancellationToken)).Text);   // ours stay readable
        Assert.Equal("""{"id":2}""", await registry.RegisterAsync("u", Two));
        Assert.Equal("""{"id":3}""", await registry.RegisterAsync("v", "\"long\""));
    }

    [Theory]
    [InlineData("BACKWARD", "int", "long", true)]
    [InlineData("BACKWARD", "long", "int", false)]
    [InlineData("FORWARD", "int", "long", false)]
    [InlineData("FORWARD", "long", "int", true)]
    [InlineData("FULL", "int", "long", false)]
    [InlineData("FULL", "string", "bytes", true)]
    [InlineData("NONE", "int", "string", true)]
    public async Task A_level_says_what_may_follow(string level, string before, string after, bool fits)
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("s", $"\"{before}\"");
        Assert.Equal($$"""{"compatibility":"{{level}}"}""", await registry.OkAsync("PUT", "/config/s", $$"""{"compatibility":"{{level}}"}"""));
        var (_, answer) = await registry.AskAsync("POST", "/compatibility/subjects/s/versions/latest?verbose=true", Body($"\"{after}\""));
        Assert.Equal((fits, fits), ((bool)answer!["is_compatible"]!, answer["messages"]!.AsArray().Count == 0));
        var (status, _) = await registry.AskAsync("POST", "/subjects/s/versions", Body($"\"{after}\""));
        Assert.Equal(fits ? 200 : 409, status);
    }

    [Fact]
    public async Task Transitive_levels_look_at_all_versions()
    {
        await using var registry = await StartAsync(postgres);
        var (bare, initial, required) = (Record(Field("a", "int")), Record(Field("a", "int"), Field("b", "int", "0")), Record(Field("a", "int"), Field("b", "int")));
        await registry.RegisterAsync("s", bare);
        await registry.RegisterAsync("s", initial);
        const string Path = "/compatibility/subjects/s/versions";
        Assert.Equal("""{"is_compatible":true}""", await registry.OkAsync("POST", Path, Body(required)));
        Assert.Equal("""{"is_compatible":false}""", await registry.OkAsync("POST", Path + "/1", Body(required)));
        await registry.OkAsync("PUT", "/config", """{"compatibility":"backward_transitive"}""");
        Assert.Equal("""{"is_compatible":false}""", await registry.OkAsync("POST", Path, Body(required)));
        Assert.Contains("{oldSchemaVersion: 1}", await registry.RefusedAsync(409, "POST", "/subjects/s/versions", Body(required)), StringComparison.Ordinal);
        Assert.Equal("""{"is_compatible":true}""", await registry.OkAsync("POST", "/compatibility/subjects/new/versions/latest", Body(required)));
    }

    [Fact]
    public async Task Settings_of_a_subject_go_before_the_global_ones()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("s", One);
        Assert.Equal("""{"compatibilityLevel":"BACKWARD"}""", await registry.OkAsync("GET", "/config"));
        await registry.OkAsync("PUT", "/config", """{"compatibility":"FULL"}""");
        Assert.Equal("""{"compatibilityLevel":"FULL"}""", await registry.OkAsync("GET", "/config/s?defaultToGlobal=true"));
        Assert.Equal("""{"compatibility":"NONE","normalize":true}""", await registry.OkAsync("PUT", "/config/s", """{"compatibility":"NONE","normalize":true}"""));
        Assert.Equal("""{"compatibilityLevel":"NONE","normalize":true}""", await registry.OkAsync("GET", "/config/s"));
        Assert.Equal("""{"compatibilityLevel":"NONE","normalize":true}""", await registry.OkAsync("DELETE", "/config/s"));
        await registry.RefusedAsync(40408, "GET", "/config/s");
        Assert.Equal("""{"compatibilityLevel":"FULL"}""", await registry.OkAsync("DELETE", "/config"));
        Assert.Equal("""{"compatibilityLevel":"BACKWARD"}""", await registry.OkAsync("GET", "/config"));

        Assert.Equal("""{"mode":"READWRITE"}""", await registry.OkAsync("GET", "/mode"));
        await registry.OkAsync("PUT", "/mode/s", """{"mode":"READONLY"}""");
        Assert.Equal("""{"mode":"READONLY"}""", await registry.OkAsync("GET", "/mode/s"));
        Assert.Equal("""{"mode":"READONLY"}""", await registry.OkAsync("DELETE", "/mode/s"));
        Assert.Equal("""{"mode":"READWRITE"}""", await registry.OkAsync("GET", "/mode/s?defaultToGlobal=true"));
        await registry.OkAsync("PUT", "/config/s", """{"compatibility":"NONE"}""");
        await registry.OkAsync("DELETE", "/subjects/s");
        await registry.RefusedAsync(40408, "GET", "/config/s");   // it went with the last version
    }

    [Fact]
    public async Task References_are_resolved_through_several_subjects()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("id", """{"type":"fixed","name":"Id","size":16}""");
        await registry.RegisterAsync("line", """{"type":"record","name":"Line","fields":[{"name":"id","type":"Id"}]}""", ""","references":[{"name":"Id","subject":"id","version":1}]""");
        const string Order = """{"type":"record","name":"Order","fields":[{"name":"id","type":"Id"},{"name":"lines","type":{"type":"array","items":"Line"}}]}""";
        const string References = ""","references":[{"name":"Line","subject":"line","version":-1},{"name":"Id","subject":"id","version":1}]""";
        Assert.Equal("""{"id":3}""", await registry.RegisterAsync("order", Order, References));
        Assert.Equal("""{"id":3}""", await registry.RegisterAsync("order", Order, References));
        Assert.Equal(Order, await registry.OkAsync("GET", "/schemas/ids/3/schema"));
        Assert.Contains("""[{"name":"Line","subject":"line","version":1},""", await registry.OkAsync("GET", "/schemas/ids/3"), StringComparison.Ordinal);
        Assert.Equal("[2,3]", await registry.OkAsync("GET", "/subjects/id/versions/1/referencedby"));
        Assert.Equal("[]", await registry.OkAsync("GET", "/subjects/order/versions/1/referencedby"));
    }

    [Fact]
    public async Task Normalising_makes_one_of_schemas_that_differ_in_words_only()
    {
        await using var registry = await StartAsync(postgres);
        const string Sparse = """{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":{"type":"int","x":1,"b":{"d":1,"c":2}}}]}""";
        const string Other = """{"fields":[{"type":{"b":{"c":2,"d":1},"x":1,"type":"int"},"name":"a"}],"name":"n.R","type":"record"}""";
        Assert.Equal("""{"id":1}""", await registry.OkAsync("POST", "/subjects/s/versions?normalize=true", Body(Sparse)));
        Assert.Equal("""{"id":1}""", await registry.OkAsync("POST", "/subjects/s/versions?normalize=true", Body(Other)));
        Assert.Equal("""{"type":"record","name":"n.R","fields":[{"name":"a","type":{"type":"int","b":{"c":2,"d":1},"x":1}}]}""", await registry.OkAsync("GET", "/schemas/ids/1/schema"));
        await registry.RefusedAsync(40403, "POST", "/subjects/s", Body(Other));
        await registry.OkAsync("POST", "/subjects/s?normalize=true", Body(Other));
        await registry.OkAsync("PUT", "/config/s", """{"normalize":true}""");
        await registry.OkAsync("POST", "/subjects/s", Body(Other));
        Assert.Equal("""{"id":2}""", await registry.RegisterAsync("t", Other));
    }

    [Fact]
    public async Task Import_mode_takes_ids_and_versions_from_elsewhere()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("there", "\"int\"");
        await registry.RefusedAsync(42205, "PUT", "/mode", """{"mode":"IMPORT"}""");
        await registry.RefusedAsync(42205, "PUT", "/mode/there", """{"mode":"IMPORT"}""");
        Assert.Equal("""{"mode":"IMPORT"}""", await registry.OkAsync("PUT", "/mode/s", """{"mode":"IMPORT"}"""));
        Assert.Equal("""{"id":700}""", await registry.RegisterAsync("s", One, ""","id":700,"version":4"""));
        Assert.Equal("""{"id":700}""", await registry.RegisterAsync("s", One, ""","id":700,"version":4"""));
        Assert.Equal("""{"id":701}""", await registry.RegisterAsync("s", "\"string\"", ""","id":701,"version":2"""));   // unchecked, in any order
        Assert.Equal("[2,4]", await registry.OkAsync("GET", "/subjects/s/versions"));
        Assert.Contains("id 700", await registry.RefusedAsync(42205, "POST", "/subjects/s/versions", Body(Two, ""","id":700,"version":9""")), StringComparison.Ordinal);
        await registry.RefusedAsync(42205, "POST", "/subjects/s/versions", Body(Two, ""","id":702,"version":4"""));
        await registry.RefusedAsync(42205, "POST", "/subjects/s/versions", Body(Two));
        await registry.OkAsync("PUT", "/mode/there?force=true", """{"mode":"IMPORT"}""");
        await registry.OkAsync("PUT", "/mode/there", """{"mode":"READWRITE"}""");
        Assert.Equal("""{"id":702}""", await registry.RegisterAsync("there", "\"long\""));
    }

    [Fact]
    public async Task Listings_take_a_prefix_and_pages()
    {
        await using var registry = await StartAsync(postgres);
        foreach (var subject in (string[])["a-key", "a-value", "b_value"]) await registry.RegisterAsync(subject, One);
        await registry.RegisterAsync("a-value", Two);
        Assert.Equal("""["a-key","a-value"]""", await registry.OkAsync("GET", "/subjects?subjectPrefix=a-"));
        Assert.Equal("""["a-key","a-value","b_value"]""", await registry.OkAsync("GET", "/subjects?subjectPrefix=:*:"));
        Assert.Equal("""["a-value"]""", await registry.OkAsync("GET", "/subjects?offset=1&limit=1"));
        Assert.Equal("[]", await registry.OkAsync("GET", "/subjects?subjectPrefix=_"));
        var (_, all) = await registry.AskAsync("GET", "/schemas");
        Assert.Equal(["a-key 1", "a-value 1", "a-value 2", "b_value 1"], all!.AsArray().Select(v => $"{v!["subject"]} {v["version"]}"));
        var (_, latest) = await registry.AskAsync("GET", "/schemas?latestOnly=true&subjectPrefix=a");
        Assert.Equal(["a-key 1", "a-value 2"], latest!.AsArray().Select(v => $"{v!["subject"]} {v["version"]}"));
        Assert.Equal("""["AVRO"]""", await registry.OkAsync("GET", "/schemas/types"));
        Assert.Equal("""["."]""", await registry.OkAsync("GET", "/contexts"));
        Assert.Equal("{}", await registry.OkAsync("GET", "/"));
        Assert.Contains("schema-registry-cluster", await registry.OkAsync("GET", "/v1/metadata/id"), StringComparison.Ordinal);
        Assert.Contains("\"maxId\":2", await registry.OkAsync("GET", "/schemas/ids/1?fetchMaxId=true"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b c")]
    [InlineData("a%2Fb")]
    [InlineData("größe?&#+%")]
    [InlineData("%2F/%2f")]
    public async Task A_subject_may_have_any_characters(string subject)
    {
        await using var registry = await StartAsync(postgres, new() { Prefix = "/registry" });
        var path = $"/registry/subjects/{Uri.EscapeDataString(subject)}";
        await registry.OkAsync("POST", path + "/versions", Body(One));
        Assert.Equal([subject], await registry.Registry.SubjectsAsync("", CdcSync.EventLog.Registry.Shown.Alive, TestContext.Current.CancellationToken));
        var (_, version) = await registry.AskAsync("GET", path + "/versions/1");
        Assert.Equal(subject, (string?)version!["subject"]);
    }

    [Theory]
    [InlineData(null, "application/vnd.schemaregistry.v1+json")]
    [InlineData("*/*", "application/vnd.schemaregistry.v1+json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, application/json", "application/vnd.schemaregistry.v1+json")]
    public async Task The_answer_is_of_a_type_the_client_takes(string? accept, string type)
    {
        await using var registry = await StartAsync(postgres);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/subjects");
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await registry.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
    }
}
