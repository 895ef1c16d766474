using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CdcSync.Contract.Avro;
using CdcSync.EventLog.Registry;
using CdcSync.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.EventLog.Tests;

/// <summary>The registry as its clients see it: over HTTP, on a real store, with Confluent's own client among them.</summary>
public sealed class RegistryTests(TestPostgres postgres) : IAsyncLifetime
{
    const string First = """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"}]}""";
    const string Evolved = """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"},{"name":"note","type":["null","string"],"default":null}]}""";
    const string Refused = """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"},{"name":"must","type":"int"}]}""";
    NpgsqlDataSource _store = null!;
    StoreRegistry _registry = null!;
    WebApplication _app = null!;
    HttpClient _http = null!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("registry"));
        _registry = await StoreRegistry.OpenAsync(_store, Stop);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapSchemaRegistry(_registry);
        await _app.StartAsync(Stop);
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
    }

    async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(string method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = body is string raw ? new StringContent(raw, Encoding.UTF8, "application/json") : JsonContent.Create(body);
        using var answer = await _http.SendAsync(request, Stop);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)));
    }

    async Task FailsAsync(string method, string path, int code, object? body = null)
    {
        var (status, answer) = await AskAsync(method, path, body);
        Assert.Equal((code > 1000 ? code / 100 : code, code), ((int)status, answer.GetProperty("error_code").GetInt32()));
        Assert.NotEmpty(answer.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Schemas_are_registered_read_and_evolved()
    {
        var (_, first) = await AskAsync("POST", "/subjects/a.b-value/versions", new { schema = First });
        Assert.Equal(first.GetProperty("id").GetInt32(), (await AskAsync("POST", "/subjects/other/versions", new { schema = First })).Body.GetProperty("id").GetInt32());
        await AskAsync("POST", "/subjects/a.b-value/versions", new { schema = Evolved });
        Assert.Equal("[1,2]", (await AskAsync("GET", "/subjects/a.b-value/versions")).Body.GetRawText());
        var latest = (await AskAsync("GET", "/subjects/a.b-value/versions/latest")).Body;
        Assert.Equal((2, Evolved), (latest.GetProperty("version").GetInt32(), latest.GetProperty("schema").GetString()));
        Assert.Equal(1, (await AskAsync("POST", "/subjects/a.b-value", new { schema = First })).Body.GetProperty("version").GetInt32());
        Assert.Equal("""["a.b-value","other"]""", (await AskAsync("GET", $"/schemas/ids/{first.GetProperty("id")}/subjects")).Body.GetRawText());
        Assert.Equal("""["AVRO"]""", (await AskAsync("GET", "/schemas/types")).Body.GetRawText());
    }

    [Fact]
    public async Task Each_refusal_has_its_code()
    {
        await AskAsync("POST", "/subjects/s/versions", new { schema = First });
        await FailsAsync("GET", "/subjects/none/versions", 40401);
        await FailsAsync("GET", "/subjects/s/versions/9", 40402);
        await FailsAsync("GET", "/schemas/ids/999", 40403);
        await FailsAsync("POST", "/subjects/s", 40403, new { schema = Evolved });
        await FailsAsync("GET", "/subjects/s/versions/zero", 42202);
        await FailsAsync("POST", "/subjects/s/versions", 42201, new { schema = "{\"type\":\"recrd\"}" });
        await FailsAsync("POST", "/subjects/s/versions", 42201, new { schema = First, schemaType = "PROTOBUF" });
        await FailsAsync("POST", "/subjects/s/versions", 409, new { schema = Refused });
        await FailsAsync("PUT", "/config", 42203, new { compatibility = "SIDEWAYS" });
        await FailsAsync("GET", "/config/s", 40408);
        await FailsAsync("PUT", "/mode", 42204, new { mode = "ASLEEP" });
        await FailsAsync("DELETE", "/subjects/s?permanent=true", 40405);
        await FailsAsync("POST", "/subjects/s/versions", 400, "{no json");
        await AskAsync("PUT", "/mode/s", new { mode = "READONLY" });
        await FailsAsync("POST", "/subjects/s/versions", 42205, new { schema = Evolved });
    }

    [Fact]
    public async Task Compatibility_is_checked_at_the_subjects_level()
    {
        await AskAsync("POST", "/subjects/s/versions", new { schema = First });
        var (_, answer) = await AskAsync("POST", "/compatibility/subjects/s/versions/latest?verbose=true", new { schema = Refused });
        Assert.False(answer.GetProperty("is_compatible").GetBoolean());
        Assert.Contains("READER_FIELD_MISSING_DEFAULT_VALUE", answer.GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
        await AskAsync("PUT", "/config/s", new { compatibility = "FORWARD" });
        Assert.Equal("FORWARD", (await AskAsync("GET", "/config/s")).Body.GetProperty("compatibilityLevel").GetString());
        Assert.True((await AskAsync("POST", "/compatibility/subjects/s/versions/latest", new { schema = Refused })).Body.GetProperty("is_compatible").GetBoolean());
        await AskAsync("DELETE", "/config/s");
        Assert.Equal("BACKWARD", (await AskAsync("GET", "/config/s?defaultToGlobal=true")).Body.GetProperty("compatibilityLevel").GetString());
    }

    [Fact]
    public async Task Deleting_is_soft_at_first_and_keeps_what_is_referred_to()
    {
        await AskAsync("POST", "/subjects/address/versions", new { schema = """{"type":"record","name":"Address","namespace":"shop","fields":[]}""" });
        const string customer = """{"type":"record","name":"Customer","namespace":"shop","fields":[{"name":"home","type":"shop.Address"}]}""";
        await AskAsync("POST", "/subjects/customer/versions", new { schema = customer, references = new[] { new { name = "shop.Address", subject = "address", version = 1 } } });
        await FailsAsync("DELETE", "/subjects/address/versions/1", 42206);
        Assert.Equal("[1]", (await AskAsync("DELETE", "/subjects/customer")).Body.GetRawText());
        await FailsAsync("DELETE", "/subjects/customer", 40404);
        Assert.DoesNotContain("customer", (await AskAsync("GET", "/subjects")).Body.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("customer", (await AskAsync("GET", "/subjects?deleted=true")).Body.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("[1]", (await AskAsync("DELETE", "/subjects/customer?permanent=true")).Body.GetRawText());
        await FailsAsync("GET", "/subjects/customer/versions", 40401);
    }

    [Fact]
    public async Task Registering_side_by_side_gives_one_id_and_dense_versions()
    {
        var second = new StoreRegistry(_store);
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? _registry : second).RegisterAsync("s", new RegisteredSchema(First), Stop)));
        Assert.Single(ids.Distinct());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? _registry : second).RegisterAsync($"t{i % 4}", new RegisteredSchema(i < 4 ? First : Evolved), Stop)));
        for (var i = 0; i < 4; i++) Assert.Equal([1, 2], (await _registry.VersionsAsync($"t{i}", Shown.All, Stop)).Select(v => v.Version));
    }

    [Fact]
    public async Task Our_client_registers_reads_and_says_why_it_was_refused()
    {
        var client = new HttpRegistry(_http);
        var id = await client.RegisterAsync("s", new RegisteredSchema(First), Stop);
        Assert.Equal(First, (await client.GetAsync(id, Stop)).Text);
        var refused = await Assert.ThrowsAsync<SchemaRegistryException>(() => client.RegisterAsync("s", new RegisteredSchema(Refused), Stop));
        Assert.Equal(409, refused.Code);
        Assert.Contains("must", refused.Message, StringComparison.Ordinal);
        using var nobody = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:1/") };
        Assert.Contains("cannot be reached", (await Assert.ThrowsAsync<SchemaRegistryException>(() => new HttpRegistry(nobody).GetAsync(1, Stop))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Confluents_client_works_with_it()
    {
        var tools = Path.Combine(Needs.Root, "tests", "tools");
        if (!Directory.Exists(Path.Combine(tools, "node_modules", "@confluentinc", "schemaregistry"))) Needs.Missing("@confluentinc/schemaregistry is not in tests/tools: run `npm install` there, or ./dev setup");
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(tools, "registry_client.cjs"), _http.BaseAddress!.ToString().TrimEnd('/')])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(Stop), node.StandardError.ReadToEndAsync(Stop));
        await node.WaitForExitAsync(Stop);
        Assert.True(node.ExitCode == 0, await errors);
        var seen = JsonDocument.Parse(await output).RootElement;
        int Number(string name) => seen.GetProperty(name).GetInt32();
        Assert.Equal(Number("first"), Number("again"));
        Assert.NotEqual(Number("first"), Number("evolved"));
        Assert.Equal("[1,2]", seen.GetProperty("versions").GetRawText());
        Assert.Equal((2, 409), (Number("latest"), Number("refused")));
        Assert.True(seen.GetProperty("compatible").GetBoolean());
        Assert.False(seen.GetProperty("incompatible").GetBoolean());
        Assert.Equal("NONE", seen.GetProperty("level").GetString());
        Assert.True(Number("afterNone") > Number("evolved"));
        Assert.DoesNotContain("shop.customer", seen.GetProperty("afterDelete").EnumerateArray().Select(s => s.GetString()));

        var bytes = Convert.FromHexString(seen.GetProperty("serialized").GetString()!);
        var schema = await _registry.GetAsync(System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)), Stop);
        var record = Assert.IsType<AvroRecord>(AvroReader.For(AvroSchema.Parse(schema.Text)).Read(bytes.AsSpan(5)));
        Assert.Equal((42L, "fragile"), ((long)record["id"]!, (string)record["note"]!));
    }
}
