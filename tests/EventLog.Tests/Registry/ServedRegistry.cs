using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.EventLog.Registry;
using CdcSync.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.EventLog.Tests.Registry;

/// <summary>A registry on a database of its own, served on loopback, and a plain client of it.</summary>
sealed class ServedRegistry : IAsyncDisposable
{
    readonly WebApplication _app;

    ServedRegistry(NpgsqlDataSource store, WebApplication app, Uri url) => (Store, _app, Url, Http) = (store, app, url, new HttpClient { BaseAddress = url });

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public NpgsqlDataSource Store { get; }

    public StoreRegistry Registry => new(Store);

    public Uri Url { get; }

    public HttpClient Http { get; }

    public static async Task<ServedRegistry> StartAsync(TestPostgres postgres, RegistryServerSettings? settings = null)
    {
        var store = NpgsqlDataSource.Create(await postgres.NewDatabaseAsync("registry"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapSchemaRegistry(await StoreRegistry.OpenAsync(store, Stop), settings);
        await app.StartAsync(Stop);
        return new ServedRegistry(store, app, new Uri(app.Urls.First() + "/" + settings?.Prefix.Trim('/')));
    }

    /// <summary>Status and body of a request; the path may have a body as JSON behind it.</summary>
    public async Task<(int Status, JsonNode? Body)> AskAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/vnd.schemaregistry.v1+json"));
        using var answer = await Http.SendAsync(request, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        return ((int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async Task<string> OkAsync(string method, string path, string? body = null)
    {
        var (status, answer) = await AskAsync(method, path, body);
        Assert.True(status == (int)HttpStatusCode.OK, $"{method} {path}: {status} {answer}");
        return answer!.ToJsonString();
    }

    /// <summary>The request is refused with this error code, and with the status that belongs to it.</summary>
    public async Task<string> RefusedAsync(int code, string method, string path, string? body = null)
    {
        var (status, answer) = await AskAsync(method, path, body);
        Assert.Equal((code < 1000 ? code : code / 100, code), (status, (int?)answer?["error_code"]));
        return (string)answer!["message"]!;
    }

    public Task<string> RegisterAsync(string subject, string schema, string rest = "") =>
        OkAsync("POST", $"/subjects/{Uri.EscapeDataString(subject)}/versions", Body(schema, rest));

    public static string Body(string schema, string rest = "") => $$"""{"schema":{{JsonSerializer.Serialize(schema)}}{{rest}}}""";

    /// <summary>A record of one name with these fields, JSON.</summary>
    public static string Record(params string[] fields) => $$"""{"type":"record","name":"R","fields":[{{string.Join(',', fields)}}]}""";

    public static string Field(string name, string type, string? initial = null) =>
        $$"""{"name":"{{name}}","type":"{{type}}"{{(initial is null ? "" : $",\"default\":{initial}")}}}""";

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await Store.DisposeAsync();
    }
}
