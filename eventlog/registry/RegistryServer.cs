using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace CdcSync.EventLog.Registry;

/// <summary>The registry over HTTP, with Confluent's REST API: paths, bodies, statuses and error codes.</summary>
public static class RegistryServer
{
    const string ContentType = "application/vnd.schemaregistry.v1+json";
    static readonly string[] SchemaTypes = ["AVRO"];
    const int LargestBody = 10 * 1024 * 1024;
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    sealed record Reference(string Name, string Subject, int Version);
    sealed record Body(string? Schema, string? SchemaType, IReadOnlyList<Reference>? References);
    sealed record SettingBody(string? Compatibility, string? Mode);
    sealed record Registered(string Subject, int Version, int Id, string Schema, IReadOnlyList<Reference>? References);

    /// <summary>Maps the API's paths.</summary>
    public static RouteGroupBuilder MapSchemaRegistry(this IEndpointRouteBuilder app, StoreRegistry registry, NpgsqlDataSource store)
    {
        var routes = app.MapGroup("");
        var rows = new RegistryStore(store);
        var subjects = new SubjectRules(rows);
        Map(routes, "GET", "/", _ => Task.FromResult<object?>(new { }));
        Map(routes, "GET", "/schemas/types", _ => Task.FromResult<object?>(SchemaTypes));
        MapSchemas(routes, registry, rows);
        MapSubjects(routes, registry, rows, subjects);
        MapCompatibility(routes, registry, subjects);
        MapSettings(routes, rows, "config", "compatibility", RegistryStore.Levels, "BACKWARD", (42203, "Invalid compatibility level. Valid values are"), 40408);
        MapSettings(routes, rows, "mode", "mode", RegistryStore.Modes, "READWRITE", (42204, "Invalid mode. Valid values are"), 40409);
        return routes;
    }

    static void MapSchemas(RouteGroupBuilder routes, StoreRegistry registry, RegistryStore rows)
    {
        Map(routes, "GET", "/schemas/ids/{id}", async c =>
        {
            var schema = await registry.GetAsync(Id(c), c.RequestAborted);
            return new { schema = schema.Text, references = References(schema) };
        });
        Map(routes, "GET", "/schemas/ids/{id}/schema", async c => JsonDocument.Parse((await registry.GetAsync(Id(c), c.RequestAborted)).Text));
        Map(routes, "GET", "/schemas/ids/{id}/subjects", async c =>
        {
            await registry.GetAsync(Id(c), c.RequestAborted);
            return (await rows.OfSchemaAsync(Id(c), c.RequestAborted)).Select(v => v.Subject).Distinct().ToList();
        });
        Map(routes, "GET", "/schemas/ids/{id}/versions", async c =>
        {
            await registry.GetAsync(Id(c), c.RequestAborted);
            return (await rows.OfSchemaAsync(Id(c), c.RequestAborted)).Select(v => new { subject = v.Subject, version = v.Number }).ToList();
        });
    }

    static void MapSubjects(RouteGroupBuilder routes, StoreRegistry registry, RegistryStore rows, SubjectRules subjects)
    {
        Map(routes, "GET", "/subjects", async c => await rows.SubjectsAsync(c.Request.Query["subjectPrefix"].ToString(), Flag(c, "deleted"), c.RequestAborted));
        Map(routes, "GET", "/subjects/{subject}/versions", async c => (await subjects.VersionsAsync(Subject(c), Flag(c, "deleted"), c.RequestAborted)).Select(v => v.Number).ToList());
        Map(routes, "GET", "/subjects/{subject}/versions/{version}", async c => await DescribeAsync(registry, await subjects.VersionAsync(Subject(c), Text(c, "version"), Flag(c, "deleted"), c.RequestAborted), c));
        Map(routes, "GET", "/subjects/{subject}/versions/{version}/schema", async c =>
            JsonDocument.Parse((await registry.GetAsync((await subjects.VersionAsync(Subject(c), Text(c, "version"), Flag(c, "deleted"), c.RequestAborted)).SchemaId, c.RequestAborted)).Text));
        Map(routes, "GET", "/subjects/{subject}/versions/{version}/referencedby", async c =>
            await rows.ReferencedByAsync(Subject(c), (await subjects.VersionAsync(Subject(c), Text(c, "version"), false, c.RequestAborted)).Number, c.RequestAborted));
        Map(routes, "POST", "/subjects/{subject}/versions", async c =>
        {
            await subjects.MayWriteAsync(Subject(c), c.RequestAborted);
            return new { id = await registry.RegisterAsync(Subject(c), Schema(await ReadAsync(c)), c.RequestAborted) };
        });
        Map(routes, "POST", "/subjects/{subject}", async c =>
        {
            var schema = Schema(await ReadAsync(c));
            await subjects.VersionsAsync(Subject(c), false, c.RequestAborted);
            await registry.ParseAsync(schema, c.RequestAborted);
            return await registry.FindAsync(Subject(c), schema, c.RequestAborted) is { } found
                ? new Registered(Subject(c), found.Version, found.Id, schema.Text, References(schema)) : throw new SchemaRegistryException(40403, "Schema not found");
        });
        Map(routes, "DELETE", "/subjects/{subject}", async c => await subjects.DeleteAsync(Subject(c), Flag(c, "permanent"), c.RequestAborted));
        Map(routes, "DELETE", "/subjects/{subject}/versions/{version}", async c => await subjects.DeleteVersionAsync(Subject(c), Text(c, "version"), Flag(c, "permanent"), c.RequestAborted));
    }

    static void MapCompatibility(RouteGroupBuilder routes, StoreRegistry registry, SubjectRules subjects)
    {
        async Task<object?> CheckAsync(HttpContext c, string? version)
        {
            var schema = await registry.ParseAsync(Schema(await ReadAsync(c)), c.RequestAborted);
            var found = version is null
                ? await registry.IncompatibilitiesAsync(Subject(c), schema, c.RequestAborted)
                : await registry.IncompatibilitiesAsync(Subject(c), schema, [(await subjects.VersionAsync(Subject(c), version, false, c.RequestAborted)).Number], c.RequestAborted);
            return new { is_compatible = found.Count == 0, messages = Flag(c, "verbose") ? found : null };
        }
        Map(routes, "POST", "/compatibility/subjects/{subject}/versions", c => CheckAsync(c, null));
        Map(routes, "POST", "/compatibility/subjects/{subject}/versions/{version}", c => CheckAsync(c, Text(c, "version")));
    }

    // Levels and modes are kept the same way: of all, or of a subject, which then goes before.
    static void MapSettings(RouteGroupBuilder routes, RegistryStore rows, string path, string name, string[] known, string initial, (int Code, string Text) wrong, int missing)
    {
        object Answer(string value, bool read) => path == "config" ? read ? new { compatibilityLevel = value } : new { compatibility = value } : new { mode = value };
        async Task<object?> SetAsync(HttpContext c, string subject)
        {
            var body = await JsonSerializer.DeserializeAsync<SettingBody>(c.Request.Body, Json, c.RequestAborted);
            var value = (path == "config" ? body?.Compatibility : body?.Mode)?.ToUpperInvariant();
            if (!known.Contains(value)) throw new SchemaRegistryException(wrong.Code, $"{wrong.Text} {string.Join(", ", known)}");
            await rows.SetAsync(name, subject, value, c.RequestAborted);
            return Answer(value!, read: false);
        }
        Map(routes, "GET", $"/{path}", async c => Answer(await rows.SettingAsync(name, "", c.RequestAborted) ?? initial, read: true));
        Map(routes, "PUT", $"/{path}", c => SetAsync(c, ""));
        Map(routes, "GET", $"/{path}/{{subject}}", async c =>
            await rows.SettingAsync(name, Subject(c), c.RequestAborted) is { } own ? Answer(own, read: true)
            : Flag(c, "defaultToGlobal") ? Answer(await rows.SettingAsync(name, "", c.RequestAborted) ?? initial, read: true)
            : throw new SchemaRegistryException(missing, $"Subject '{Subject(c)}' does not have subject-level {name} configured"));
        Map(routes, "PUT", $"/{path}/{{subject}}", c => SetAsync(c, Subject(c)));
        Map(routes, "DELETE", $"/{path}/{{subject}}", async c =>
        {
            var own = await rows.SettingAsync(name, Subject(c), c.RequestAborted) ?? throw new SchemaRegistryException(missing, $"Subject '{Subject(c)}' does not have subject-level {name} configured");
            await rows.SetAsync(name, Subject(c), null, c.RequestAborted);
            return Answer(own, read: true);
        });
        Map(routes, "DELETE", $"/{path}", async c =>
        {
            var own = await rows.SettingAsync(name, "", c.RequestAborted) ?? initial;
            await rows.SetAsync(name, "", null, c.RequestAborted);
            return Answer(own, read: true);
        });
    }

    static void Map(RouteGroupBuilder routes, string method, string path, Func<HttpContext, Task<object?>> answer) => routes.MapMethods(path, [method], async context =>
    {
        object? body;
        try
        {
            if (context.Request.ContentLength > LargestBody) throw new SchemaRegistryException(413, $"The request is larger than {LargestBody} bytes");
            body = await answer(context);
        }
        catch (SchemaRegistryException refused)
        {
            context.Response.StatusCode = refused.Code > 1000 ? refused.Code / 100 : refused.Code;
            body = new { error_code = refused.Code, message = refused.Message };
        }
        catch (JsonException broken)
        {
            context.Response.StatusCode = 400;
            body = new { error_code = 400, message = $"The body is no JSON of the expected form: {broken.Message}" };
        }
        await context.Response.WriteAsJsonAsync(body, Json, ContentType, context.RequestAborted);
    });

    static void Map<T>(RouteGroupBuilder routes, string method, string path, Func<HttpContext, Task<T>> answer) => Map(routes, method, path, async c => (object?)await answer(c));

    static async Task<object?> DescribeAsync(StoreRegistry registry, RegistryStore.Version version, HttpContext context)
    {
        var schema = await registry.GetAsync(version.SchemaId, context.RequestAborted);
        return new Registered(version.Subject, version.Number, version.SchemaId, schema.Text, References(schema));
    }

    static async Task<Body> ReadAsync(HttpContext context) => await JsonSerializer.DeserializeAsync<Body>(context.Request.Body, Json, context.RequestAborted) ?? new Body(null, null, null);

    static RegisteredSchema Schema(Body body)
    {
        if (body.SchemaType is not (null or "" or "AVRO")) throw new SchemaRegistryException(42201, $"Schema type {body.SchemaType} is not served here; AVRO is");
        if (string.IsNullOrWhiteSpace(body.Schema)) throw new SchemaRegistryException(42201, "Empty schema");
        return new RegisteredSchema(body.Schema, body.References?.Select(r => new SchemaReference(r.Name, r.Subject, r.Version)).ToArray());
    }

    static List<Reference>? References(RegisteredSchema schema) =>
        schema.References is { Count: > 0 } references ? [.. references.Select(r => new Reference(r.Name, r.Subject, r.Version))] : null;

    // A slash in a subject comes escaped, and routing leaves it so.
    static string Subject(HttpContext context) => Text(context, "subject").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    static string Text(HttpContext context, string name) => (string)context.GetRouteValue(name)!;

    static int Id(HttpContext context) => int.TryParse(Text(context, "id"), out var id) ? id : throw new SchemaRegistryException(404, "HTTP 404 Not Found");

    static bool Flag(HttpContext context, string name) => context.Request.Query[name] == "true";
}
