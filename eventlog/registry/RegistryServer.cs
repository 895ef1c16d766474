using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.EventLog.Registry;

/// <summary>How the registry is served.</summary>
public sealed record RegistryServerSettings
{
    /// <summary>Path before the API's own, such as <c>/registry</c>. Default none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Largest request taken, bytes. Default 4 MiB.</summary>
    public long MaxRequestBytes { get; init; } = 4 << 20;
}

/// <summary>Serves the store's registry with Confluent's REST API.</summary>
public static class RegistryServer
{
    const string V1 = "application/vnd.schemaregistry.v1+json";
    static readonly string[] Types = [V1, "application/vnd.schemaregistry+json", "application/json"];

    /// <summary>Maps the API. There is no login: bind it to loopback, or put a proxy in front. What comes back takes conventions for all endpoints, such as <c>RequireHost</c>.</summary>
    public static RouteGroupBuilder MapSchemaRegistry(this IEndpointRouteBuilder routes, StoreRegistry registry, RegistryServerSettings? settings = null)
    {
        settings ??= new();
        var group = routes.MapGroup(settings.Prefix);
        var api = new RegistryRoutes(group, answer => http => ServeAsync(http, answer, settings));
        SubjectEndpoints.Map(api, registry);
        SchemaEndpoints.Map(api, registry);
        SettingEndpoints.Map(api, registry);
        return group;
    }

    static async Task ServeAsync(HttpContext http, RegistryAnswer answer, RegistryServerSettings settings)
    {
        try
        {
            var value = await answer(new RegistryRequest(http, settings));
            await WriteAsync(http, StatusCodes.Status200OK, value);
        }
        catch (SchemaRegistryException refused)
        {
            await WriteAsync(http, Status(refused.Code), new ErrorAnswer(refused.Code, refused.Message));
        }
        catch (NpgsqlException lost)
        {
            Log.RegistryStoreLost(Logger(http), http.Request.Method, http.Request.Path, lost.Message);
            await WriteAsync(http, 500, new ErrorAnswer(50001, "Error in the backend data store: the registry's PostgreSQL did not do it; its log says why"));
        }
        catch (Exception failed) when (!http.RequestAborted.IsCancellationRequested && failed is not BadHttpRequestException)
        {
            Log.RegistryFailed(Logger(http), http.Request.Method, http.Request.Path, failed);
            await WriteAsync(http, 500, new ErrorAnswer(500, "Internal Server Error; the registry's log says more"));
        }
    }

    static int Status(int code) => code < 1000 ? code : code / 100;

    static async Task WriteAsync(HttpContext http, int status, object value)
    {
        var text = value is RawAnswer raw ? Encoding.UTF8.GetBytes(raw.Text) : JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), RegistryJson.Default);
        http.Response.StatusCode = status;
        http.Response.ContentType = ContentType(http.Request.Headers.Accept.ToString());
        http.Response.ContentLength = text.Length;
        await http.Response.Body.WriteAsync(text, http.RequestAborted);
    }

    /// <summary>The one of the API's types that the client names first; the versioned one for clients that take anything.</summary>
    static string ContentType(string accept) =>
        Types.Select(t => (Type: t, Place: accept.IndexOf(t, StringComparison.OrdinalIgnoreCase))).Where(t => t.Place >= 0).OrderBy(t => t.Place).Select(t => t.Type).FirstOrDefault() ?? V1;

    static ILogger Logger(HttpContext http) => http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("CdcSync.EventLog.Registry");
}

/// <summary>Answers a request: something that <see cref="RegistryJson"/> knows.</summary>
delegate Task<object> RegistryAnswer(RegistryRequest request);

/// <summary>Where the endpoints go.</summary>
sealed class RegistryRoutes(RouteGroupBuilder group, Func<RegistryAnswer, RequestDelegate> serve)
{
    public void Get(string path, RegistryAnswer answer) => group.MapGet(path, serve(answer));

    public void Post(string path, RegistryAnswer answer) => group.MapPost(path, serve(answer));

    public void Put(string path, RegistryAnswer answer) => group.MapPut(path, serve(answer));

    public void Delete(string path, RegistryAnswer answer) => group.MapDelete(path, serve(answer));
}
