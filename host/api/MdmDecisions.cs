using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;
using CdcSync.Mdm;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Reviewing;

namespace CdcSync.Host.Api;

/// <summary><c>POST /mdm/...</c>: deciding, and taking questions. Who decides is whose token it is.</summary>
static class MdmDecisions
{
    sealed record Pair(string One, string Other, string Why);

    sealed record SplitRequest(string Golden, IReadOnlyList<string> Records, string Why);

    sealed record PinRequest(string Subject, string Attribute, JsonElement Value, DateTimeOffset? Until, string Why);

    sealed record UnpinRequest(string Subject, string Attribute, string Why);

    sealed record UndoRequest(long Act, string Why);

    sealed record ClaimRequest(int Count, int? Minutes);

    sealed record RenewRequest(IReadOnlyList<long>? Questions, int? Minutes);

    sealed record ReleaseRequest(IReadOnlyList<long>? Questions);

    public static void Map(RouteGroupBuilder mdm, Appliance appliance, MdmSettings settings, ILoggerFactory loggers)
    {
        var (steward, queue) = (new Steward(appliance.Store, settings, loggers.CreateLogger<Steward>()), new ReviewQueue(appliance.Store));
        var group = mdm.MapGroup("/{object}").WithMetadata(new LetIn(HttpRole.Steward));
        Decides<Pair>(group, "same", b => b.Why, (kind, b, author, stop) => steward.SameAsync(kind, Key(b.One), Key(b.Other), author, stop));
        Decides<Pair>(group, "distinct", b => b.Why, (kind, b, author, stop) => steward.DistinctAsync(kind, Key(b.One), Key(b.Other), author, stop));
        Decides<Pair>(group, "merge", b => b.Why, (kind, b, author, stop) => steward.MergeAsync(kind, Text(b.One, "one"), Text(b.Other, "other"), author, stop));
        Decides<SplitRequest>(group, "split", b => b.Why, (kind, b, author, stop) => steward.SplitAsync(kind, Text(b.Golden, "golden"), [.. (b.Records ?? []).Select(Key)], author, stop));
        Decides<PinRequest>(group, "pin", b => b.Why, (kind, b, author, stop) => steward.PinAsync(kind, Text(b.Subject, "subject"), Text(b.Attribute, "attribute"), Value(b.Value), b.Until, author, stop));
        Decides<UnpinRequest>(group, "unpin", b => b.Why, (kind, b, author, stop) => steward.UnpinAsync(kind, Text(b.Subject, "subject"), Text(b.Attribute, "attribute"), author, stop));
        Decides<UndoRequest>(group, "undo", b => b.Why, (kind, b, author, stop) => steward.UndoAsync(b.Act, kind, author, stop));
        Takes<ClaimRequest>(group, "claim", async (kind, b, by, stop) => await queue.ClaimAsync(kind, Count(b.Count), by, Time(b.Minutes, settings), stop));
        Takes<RenewRequest>(group, "renew", async (kind, b, by, stop) => new { Questions = await queue.RenewAsync(kind, b.Questions ?? [], by, Time(b.Minutes, settings), stop) });
        Takes<ReleaseRequest>(group, "release", async (kind, b, by, stop) => new { Questions = await queue.ReleaseAsync(kind, b.Questions ?? [], by, stop) });
    }

    static void Decides<T>(RouteGroupBuilder group, string verb, Func<T, string?> why, Func<string, T, Author, CancellationToken, Task<ActOutcome>> act) where T : class =>
        group.MapPost($"/decisions/{verb}", async (string @object, HttpRequest request, CancellationToken stop) =>
        {
            DecisionHistory.Require(@object);
            var body = await Answers.ReadAsync<T>(request, stop);
            var outcome = await act(@object, body, new Author(Access.CallerOf(request.HttpContext), Text(why(body), "why")), stop);
            if (!outcome.Repeated) request.HttpContext.Response.Headers.Location = $"/mdm/{@object}/decisions/{outcome.Act}";
            return Results.Json(outcome, Answers.Json, statusCode: outcome.Repeated ? 200 : 201);
        });

    static void Takes<T>(RouteGroupBuilder group, string verb, Func<string, T, string, CancellationToken, Task<object>> take) where T : class =>
        group.MapPost($"/queue/{verb}", async (string @object, HttpRequest request, CancellationToken stop) =>
        {
            DecisionHistory.Require(@object);
            return Answers.Ok(await take(@object, await Answers.ReadAsync<T>(request, stop), Access.CallerOf(request.HttpContext), stop));
        });

    static CanonicalKey Key(string? text) => text?.Split('/', 2) is [{ Length: > 0 } source, { Length: > 0 } id]
        ? new CanonicalKey(source, id)
        : throw new RefusedDecisionException(Refusal.Wrong, "a record is named as SOURCE/ID: \"erp/4711\"");

    static string Text(string? text, string name) => string.IsNullOrWhiteSpace(text) ? throw new RefusedDecisionException(Refusal.Wrong, $"'{name}' is missing") : text;

    static string Value(JsonElement value) => value.ValueKind == JsonValueKind.Undefined ? throw new RefusedDecisionException(Refusal.Wrong, "'value' is missing: it is JSON; null says that there is none") : value.GetRawText();

    static int Count(int count) => count is >= 1 and <= ReviewQueue.MostAtOnce ? count : throw new RefusedDecisionException(Refusal.Wrong, $"count is a number from 1 to {ReviewQueue.MostAtOnce}");

    static TimeSpan Time(int? minutes, MdmSettings settings) => minutes is null ? settings.Review.Claim
        : minutes is >= 1 and <= 7 * 24 * 60 ? TimeSpan.FromMinutes(minutes.Value) : throw new RefusedDecisionException(Refusal.Wrong, "minutes is a number from 1 to 10080");
}
