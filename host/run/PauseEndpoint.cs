using System.Text.Json;
using CdcSync.Capture.Care;
using CdcSync.Host.Api;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Run;

/// <summary><c>POST /sources/NAME/pause</c> and <c>/resume</c> with <c>{"table": "schema.name", "by": ..., "why": ...}</c>, all of it optional.</summary>
static class PauseEndpoint
{
    sealed record Request(string? Table, string? By, string? Why);

    public static void MapPauses(this WebApplication app, Appliance appliance)
    {
        app.MapPost("/sources/{name}/pause", (string name, HttpRequest request, CancellationToken stop) => AnswerAsync(request, async asked =>
        {
            if (await new Pausing(appliance).RefusedAsync(name, asked.Table, stop) is { } why) return Results.Json(new { error = why }, statusCode: 404);
            var by = asked.By ?? request.HttpContext.Connection.RemoteIpAddress?.ToString() ?? "http";
            var changed = await new PauseStore(appliance.Store).PauseAsync(new Pause(name, asked.Table, by, TimeProvider.System.GetUtcNow(), asked.Why), stop);
            return Results.Json(new { source = name, table = asked.Table, paused = true, changed }, statusCode: 202);
        }, stop)).WithMetadata(new LetIn(HttpRole.Admin, OpenWithoutTokens: true));
        app.MapPost("/sources/{name}/resume", (string name, HttpRequest request, CancellationToken stop) => AnswerAsync(request, async asked =>
        {
            var changed = await new PauseStore(appliance.Store).ResumeAsync(name, asked.Table, stop);
            return Results.Json(new { source = name, table = asked.Table, paused = false, changed }, statusCode: changed ? 202 : 404);
        }, stop)).WithMetadata(new LetIn(HttpRole.Admin, OpenWithoutTokens: true));
    }

    static async Task<IResult> AnswerAsync(HttpRequest request, Func<Request, Task<IResult>> answer, CancellationToken stop)
    {
        using var body = new StreamReader(request.Body);
        try
        {
            var text = await body.ReadToEndAsync(stop);
            return await answer(text.Trim().Length == 0 ? new Request(null, null, null) : JsonSerializer.Deserialize<Request>(text, StatusReader.Json) ?? new Request(null, null, null));
        }
        catch (JsonException wrong)
        {
            return Results.Json(new { error = $"the body is a JSON object with table, by and why, or nothing: {wrong.Message}" }, statusCode: 400);
        }
    }
}
