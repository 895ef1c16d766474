using System.Net;
using CdcSync.Servers;
using static CdcSync.EventLog.Tests.Registry.ServedRegistry;

namespace CdcSync.EventLog.Tests.Registry;

/// <summary>Every error code of the API, with its status.</summary>
public sealed class RegistryErrorTests(TestPostgres postgres)
{
    static readonly string One = Record(Field("a", "int"));
    static readonly string Two = Record(Field("a", "int"), Field("b", "int", "0"));
    static readonly string Wrong = Record(Field("a", "int"), Field("c", "int"));

    [Fact]
    public async Task What_is_not_there_is_40401_40402_40403()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("s", One);
        Assert.Equal("Subject 'x' not found.", await registry.RefusedAsync(40401, "GET", "/subjects/x/versions"));
        await registry.RefusedAsync(40401, "GET", "/subjects/x/versions/latest");
        await registry.RefusedAsync(40401, "DELETE", "/subjects/x");
        await registry.RefusedAsync(40401, "DELETE", "/subjects/x/versions/1");
        await registry.RefusedAsync(40401, "POST", "/subjects/x", Body(One));
        await registry.RefusedAsync(40401, "DELETE", "/config/x");
        await registry.RefusedAsync(40401, "DELETE", "/mode/x");
        Assert.Equal("Version 2 not found.", await registry.RefusedAsync(40402, "GET", "/subjects/s/versions/2"));
        await registry.RefusedAsync(40402, "DELETE", "/subjects/s/versions/2");
        await registry.RefusedAsync(40402, "POST", "/compatibility/subjects/s/versions/2", Body(One));
        await registry.RefusedAsync(40402, "GET", "/subjects/s/versions/2/referencedby");
        Assert.Equal("Schema 99 not found", await registry.RefusedAsync(40403, "GET", "/schemas/ids/99"));
        await registry.RefusedAsync(40403, "GET", "/schemas/ids/99/schema");
        await registry.RefusedAsync(40403, "GET", "/schemas/ids/99/subjects");
        await registry.RefusedAsync(40403, "GET", "/schemas/ids/99/versions");
        await registry.RefusedAsync(40403, "POST", "/subjects/s", Body(Two));
    }

    [Fact]
    public async Task Deleting_in_the_wrong_order_is_40404_to_40407()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("s", One);
        await registry.RegisterAsync("s", Two);
        await registry.RefusedAsync(40405, "DELETE", "/subjects/s?permanent=true");
        await registry.RefusedAsync(40407, "DELETE", "/subjects/s/versions/1?permanent=true");
        Assert.Equal("1", await registry.OkAsync("DELETE", "/subjects/s/versions/1"));
        await registry.RefusedAsync(40406, "DELETE", "/subjects/s/versions/1");
        Assert.Equal("[2]", await registry.OkAsync("DELETE", "/subjects/s"));
        await registry.RefusedAsync(40404, "DELETE", "/subjects/s");
        Assert.Equal("[1,2]", await registry.OkAsync("DELETE", "/subjects/s?permanent=true"));
        await registry.RefusedAsync(40401, "DELETE", "/subjects/s?permanent=true");
    }

    [Fact]
    public async Task Settings_that_are_not_there_are_40408_and_40409()
    {
        await using var registry = await StartAsync(postgres);
        Assert.Equal("Subject 's' does not have subject-level compatibility configured", await registry.RefusedAsync(40408, "GET", "/config/s"));
        Assert.Equal("Subject 's' does not have subject-level mode configured", await registry.RefusedAsync(40409, "GET", "/mode/s"));
    }

    [Fact]
    public async Task An_incompatible_schema_is_409_and_says_with_what_and_why()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("s", One);
        var message = await registry.RefusedAsync(409, "POST", "/subjects/s/versions", Body(Wrong));
        Assert.Contains("incompatible with an earlier schema for subject \"s\"", message, StringComparison.Ordinal);
        Assert.Contains("errorType:'READER_FIELD_MISSING_DEFAULT_VALUE'", message, StringComparison.Ordinal);
        Assert.Contains("additionalInfo:'c'", message, StringComparison.Ordinal);
        Assert.Contains("{oldSchemaVersion: 1}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"schema":"{"}""", 42201)]
    [InlineData("""{"schema":""}""", 42201)]
    [InlineData("""{}""", 42201)]
    [InlineData("""{"schema":"\"nothing.Known\""}""", 42201)]
    [InlineData("""{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"default\":\"x\"}]}"}""", 42201)]
    [InlineData("""{"schemaType":"PROTOBUF","schema":"\"int\""}""", 42201)]
    [InlineData("""{"schema":"\"int\"","metadata":{"tags":{}}}""", 42201)]
    [InlineData("""{"schema":"\"int\"","references":[{"name":"N","subject":"nobody","version":1}]}""", 42201)]
    [InlineData("""{"schema":"\"int\"","version":3}""", 42201)]
    [InlineData("""{"schema":"\"int\"","ruleSet":{"domainRules":[]}}""", 42210)]
    [InlineData("""{"schema":"\"int\"","id":7}""", 42205)]
    [InlineData("""{"schem":"\"int\""}""", 422)]
    [InlineData("null", 422)]
    [InlineData("{\"schema\":", 400)]
    [InlineData("""{"schema":7}""", 400)]
    [InlineData("", 400)]
    public async Task A_wrong_registration_is_refused(string body, int code)
    {
        await using var registry = await StartAsync(postgres);
        await registry.RefusedAsync(code, "POST", "/subjects/s/versions", body);
        Assert.Equal("[]", await registry.OkAsync("GET", "/subjects?deleted=true"));
    }

    [Fact]
    public async Task Wrong_words_are_42202_42203_42204_42208()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("s", One);
        foreach (var version in (string[])["0", "-2", "x", "2147483648"])
            Assert.Contains($"'{version}' is not a valid version id", await registry.RefusedAsync(42202, "GET", $"/subjects/s/versions/{version}"), StringComparison.Ordinal);
        await registry.RefusedAsync(42203, "PUT", "/config", """{"compatibility":"SOMETIMES"}""");
        await registry.RefusedAsync(42203, "PUT", "/config/s", """{}""");
        await registry.RefusedAsync(42204, "PUT", "/mode", """{"mode":"WRITEONLY"}""");
        await registry.RefusedAsync(42208, "POST", "/subjects/a%01b/versions", Body(One));
        await registry.RefusedAsync(42208, "POST", "/subjects/%3A.other%3As/versions", Body(One));
    }

    [Fact]
    public async Task What_the_mode_forbids_is_42205()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("s", One);
        await registry.OkAsync("PUT", "/mode/s", """{"mode":"readonly"}""");
        Assert.Equal("Subject s is in read-only mode", await registry.RefusedAsync(42205, "POST", "/subjects/s/versions", Body(Two)));
        await registry.RefusedAsync(42205, "DELETE", "/subjects/s");
        await registry.RefusedAsync(42205, "DELETE", "/subjects/s/versions/1");
        await registry.RefusedAsync(42205, "PUT", "/config/s", """{"compatibility":"FULL"}""");
        Assert.Equal("""{"id":1}""", await registry.RegisterAsync("s", One));   // it is there: nothing is written
        await registry.OkAsync("PUT", "/mode/s", """{"mode":"READWRITE"}""");
        await registry.OkAsync("PUT", "/mode", """{"mode":"READONLY_OVERRIDE"}""");
        await registry.RefusedAsync(42205, "POST", "/subjects/s/versions", Body(Two));
        await registry.OkAsync("PUT", "/mode", """{"mode":"READONLY"}""");
        await registry.RegisterAsync("s", Two);
        await registry.RefusedAsync(42205, "POST", "/subjects/t/versions", Body(Two));
    }

    [Fact]
    public async Task What_others_refer_to_stays_42206()
    {
        await using var registry = await StartAsync(postgres);
        await registry.RegisterAsync("inner", One);
        await registry.RegisterAsync("outer", """{"type":"array","items":"R"}""", ""","references":[{"name":"R","subject":"inner","version":1}]""");
        await registry.RefusedAsync(42206, "DELETE", "/subjects/inner");
        await registry.RefusedAsync(42206, "DELETE", "/subjects/inner/versions/1");
        await registry.OkAsync("DELETE", "/subjects/outer");
        await registry.OkAsync("DELETE", "/subjects/inner");
    }

    [Fact]
    public async Task A_request_beyond_the_limit_is_42209()
    {
        await using var registry = await StartAsync(postgres, new() { MaxRequestBytes = 2000 });
        await registry.RefusedAsync(42209, "POST", "/subjects/s/versions", Body(Record(Field(new string('a', 3000), "int"))));
        await registry.RegisterAsync("s", One);
    }

    [Fact]
    public async Task A_store_that_fails_is_50001()
    {
        await using var registry = await StartAsync(postgres);
        await TestPostgres.ExecuteAsync(registry.Store.ConnectionString, "drop schema registry cascade");
        await registry.RefusedAsync(50001, "GET", "/subjects");
        await registry.RefusedAsync(50001, "POST", "/subjects/s/versions", Body(One));
        Assert.Equal(HttpStatusCode.NotFound, (await registry.Http.GetAsync("/schemas/ids/one", TestContext.Current.CancellationToken)).StatusCode);
    }
}
