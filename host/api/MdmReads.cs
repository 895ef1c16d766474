using CdcSync.Contract.Canonical;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;
using CdcSync.Mdm;
using CdcSync.Mdm.Decisions;
using CdcSync.Mdm.Likeness;
using CdcSync.Mdm.Reviewing;

namespace CdcSync.Host.Api;

/// <summary><c>GET /mdm/...</c>: records, golden records, why they are one, what was decided, what is asked.</summary>
static class MdmReads
{
    const int Usual = 50;

    public static void Map(RouteGroupBuilder mdm, Appliance appliance, MdmSettings settings)
    {
        var (store, directory) = (appliance.Store, new GoldenDirectory(appliance.Store, settings));
        var (search, comparison, history, queue) = (new GoldenSearch(store), new GoldenComparison(store), new DecisionHistory(store), new ReviewQueue(store));
        var group = mdm.MapGroup("/{object}").WithMetadata(new LetIn(HttpRole.Viewer));
        group.MapGet("/search", async (string @object, HttpRequest request, CancellationToken stop) =>
        {
            Answers.Known(request, "q", "limit");
            DecisionHistory.Require(@object);
            var text = request.Query["q"] is [{ Length: > 0 and <= 200 } q] ? q : throw new RefusedDecisionException(Refusal.Wrong, "say ?q=TEXT, 200 characters at most");
            return Answers.Ok(await search.FindAsync(@object, text, Limit(request), stop));
        });
        group.MapGet("/records/{source}/{**id}", async (string @object, string source, string id, CancellationToken stop) =>
        {
            DecisionHistory.Require(@object);
            return Answers.Ok(await search.ReadAsync(@object, new CanonicalKey(source, id), stop) ?? throw NoRecord(@object, source, id));
        });
        group.MapGet("/golden/{golden}", async (string @object, string golden, CancellationToken stop) =>
        {
            DecisionHistory.Require(@object);
            return Answers.Ok(await directory.ReadAsync(golden, stop) is { } found && found.Id[0] == char.ToUpperInvariant(@object[0]) ? found : throw NoGolden(@object, golden));
        });
        group.MapGet("/golden/{golden}/values", async (string @object, string golden, CancellationToken stop) =>
        {
            DecisionHistory.Require(@object);
            return Answers.Ok(await directory.WhyAsync(golden, stop) is { } found && found.GoldenId[0] == char.ToUpperInvariant(@object[0]) ? found : throw NoGolden(@object, golden));
        });
        group.MapGet("/explanation/{source}/{**id}", async (string @object, string source, string id, CancellationToken stop) =>
        {
            DecisionHistory.Require(@object);
            return Answers.Ok(await directory.ExplainAsync(@object, new CanonicalKey(source, id), stop) ?? throw NoRecord(@object, source, id));
        });
        group.MapGet("/candidates/{source}/{**id}", async (string @object, string source, string id, CancellationToken stop) =>
        {
            DecisionHistory.Require(@object);
            return Answers.Ok(Candidate.Of(await directory.ExplainAsync(@object, new CanonicalKey(source, id), stop) ?? throw NoRecord(@object, source, id)));
        });
        group.MapGet("/comparison/{source}/{**id}", async (string @object, string source, string id, HttpRequest request, CancellationToken stop) =>
        {
            Answers.Known(request, "with");
            DecisionHistory.Require(@object);
            var other = request.Query["with"] is [{ } key] && key.Split('/', 2) is [{ Length: > 0 } from, { Length: > 0 } its] ? new CanonicalKey(from, its) : throw new RefusedDecisionException(Refusal.Wrong, "say ?with=SOURCE/ID");
            return Answers.Ok(await comparison.OfAsync(@object, new CanonicalKey(source, id), other, stop));
        });
        group.MapGet("/history/records/{source}/{**id}", async (string @object, string source, string id, HttpRequest request, CancellationToken stop) =>
        {
            Answers.Known(request, "before", "limit");
            DecisionHistory.Require(@object);
            return Answers.Ok(await history.OfRecordAsync(@object, new CanonicalKey(source, id), Before(request), Limit(request), stop));
        });
        group.MapGet("/history/golden/{golden}", async (string @object, string golden, HttpRequest request, CancellationToken stop) =>
        {
            Answers.Known(request, "before", "limit");
            DecisionHistory.Require(@object);
            return Answers.Ok(await history.OfGoldenAsync(@object, golden, Before(request), Limit(request), stop) ?? throw NoGolden(@object, golden));
        });
        group.MapGet("/decisions", async (string @object, HttpRequest request, CancellationToken stop) =>
        {
            Answers.Known(request, "before", "limit");
            DecisionHistory.Require(@object);
            return Answers.Ok(await history.ListAsync(@object, Before(request), Limit(request), stop));
        });
        group.MapGet("/decisions/{act:long}", async (string @object, long act, CancellationToken stop) =>
            Answers.Ok(await history.ReadAsync(act, stop) is { } found && found.Kind == @object ? found : throw new RefusedDecisionException(Refusal.Missing, $"there is no act {act} about a {@object}")));
        group.MapGet("/queue", async (string @object, HttpRequest request, CancellationToken stop) =>
        {
            Answers.Known(request, "reason", "claimed_by", "free", "offset", "limit");
            DecisionHistory.Require(@object);
            var filter = new ReviewFilter(Reason(request), request.Query["claimed_by"] is [{ Length: > 0 } by] ? by : null, request.Query["free"] == "true");
            return Answers.Ok(await queue.ListAsync(@object, filter, (int)Answers.Number(request, "offset", 0, 0, 1_000_000), Limit(request), stop));
        });
        group.MapGet("/thresholds", async (string @object, CancellationToken stop) =>
        {
            DecisionHistory.Require(@object);
            return Answers.Ok(await LearntThresholds.ReadAsync(store, CanonicalCatalog.Find(@object)!, stop) ?? throw new RefusedDecisionException(Refusal.Missing, $"nothing was learnt of {@object} yet"));
        });
        group.MapGet("/stats", async (string @object, CancellationToken stop) =>
        {
            DecisionHistory.Require(@object);
            var counts = (await directory.CountAsync(stop)).Single(c => c.Kind == @object);
            return Answers.Ok(new { Object = @object, counts.Records, counts.Golden, counts.Merged, Queue = (await queue.CountAsync(stop)).Where(c => c.Kind == @object), Decisions = await history.CountAsync(@object, stop) });
        });
    }

    static int Limit(HttpRequest request) => (int)Answers.Number(request, "limit", Usual, 1, GoldenSearch.MostAtOnce);

    static long? Before(HttpRequest request) => Answers.Number(request, "before", long.MaxValue, 1, long.MaxValue);

    static ReviewReason? Reason(HttpRequest request) => request.Query["reason"] is not [{ } text] ? null
        : Enum.TryParse<ReviewReason>(text, ignoreCase: true, out var reason) && Enum.IsDefined(reason) ? reason
        : throw new RefusedDecisionException(Refusal.Wrong, "reason is doubt, refused, vetoed or conflict");

    static RefusedDecisionException NoRecord(string kind, string source, string id) => new(Refusal.Missing, $"there is no {kind} {source}/{id}");

    static RefusedDecisionException NoGolden(string kind, string golden) => new(Refusal.Missing, $"there is no golden {kind} {golden}");
}
