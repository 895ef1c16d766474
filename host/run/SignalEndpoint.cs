using CdcSync.Capture.Snapshot;
using CdcSync.Host.Api;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Run;

/// <summary>Signals over HTTP: <c>POST /sources/NAME/signals</c> with <c>{"type": ..., "data": {...}, "id": ...}</c>.</summary>
static class SignalEndpoint
{
    public static void MapSignals(this WebApplication app, Appliance appliance) => app.MapPost("/sources/{name}/signals", async (string name, HttpRequest request, CancellationToken stop) =>
    {
        if (appliance.Settings.Sources.All(s => s.Name != name)) return Results.Json(new { error = $"there is no source '{name}'" }, statusCode: 404);
        using var body = new StreamReader(request.Body);
        try
        {
            var signal = SignalText.Parse(await body.ReadToEndAsync(stop));
            // The id is the sender's: sent twice, it is carried out once.
            var number = await new SignalStore(appliance.Store).SendAsync(name, "http", signal.Id, signal, stop);
            return Results.Json(new { id = signal.Id, number, repeated = number is null }, statusCode: 202);
        }
        catch (FormatException wrong)
        {
            return Results.Json(new { error = wrong.Message }, statusCode: 400);
        }
    }).WithMetadata(new LetIn(HttpRole.Admin, OpenWithoutTokens: true));
}
