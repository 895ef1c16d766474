using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Host.Api;
using CdcSync.Host.Cli;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Likeness;
using CdcSync.Mdm.Reviewing;
using CdcSync.Servers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using static CdcSync.Host.Tests.StewardRig;

namespace CdcSync.Host.Tests;

/// <summary>A steward's day over HTTP and by commands, against a running appliance.</summary>
public sealed class MdmApiTests(TestPostgres postgres)
{
    static Customer Of(string source, string id, string name, string? vat = null, decimal? credit = null) => new()
    {
        Source = source, SourceId = id, Version = "1:0", Name = name, CreditLimit = credit, TaxIds = vat is null ? [] : [new TaxId { Scheme = "vat", Value = vat }],
    };

    async Task<StewardRig> StartAsync(bool tokens = true)
    {
        var rig = await StewardRig.StartAsync(postgres, tokens);
        await rig.FeedAsync(Of("erp", "1", "Acme Ltd", credit: 1000), Of("wms", "a/9", "ACME Holding"), Of("erp", "3", "Nordwind GmbH", "DE123456781"), Of("wms", "3", "Nordwind", "DE123456781"));
        return rig;
    }

    [Fact]
    public async Task A_steward_finds_compares_decides_undoes_and_sees_why()
    {
        await using var rig = await StartAsync();
        var (status, found, _) = await rig.AskAsync(Viewer, "/mdm/customer/search?q=acme");
        Assert.Equal((200, 2), (status, found.GetArrayLength()));
        Assert.Equal(["1", "a/9"], found.EnumerateArray().Select(h => h.GetProperty("key").GetProperty("id").GetString()).Order());
        var record = (await rig.AskAsync(Viewer, "/mdm/customer/records/wms/a/9")).Body;
        Assert.Equal("ACME Holding", record.GetProperty("object").GetProperty("name").GetString());
        var gone = record.GetProperty("goldenId").GetString()!;

        var (created, said, answer) = await rig.AskAsync(Ann, "/mdm/customer/decisions/same", new { one = "erp/1", other = "wms/a/9", why = "same house" });
        Assert.Equal(201, created);
        var (act, stays) = (said.GetProperty("act").GetInt64(), said.GetProperty("moved")[0].GetProperty("to").GetString()!);
        Assert.Equal(gone, said.GetProperty("moved")[0].GetProperty("from").GetString());
        Assert.Equal($"/mdm/customer/decisions/{act}", answer.Headers.Location!.ToString());
        Assert.Equal(200, (await rig.AskAsync(Bob, "/mdm/customer/decisions/same", new { one = "wms/a/9", other = "erp/1", why = "again" })).Status);
        var golden = (await rig.AskAsync(Viewer, $"/mdm/customer/golden/{gone}")).Body;
        Assert.Equal((stays, 2, 1000m), (golden.GetProperty("id").GetString(), golden.GetProperty("members").GetArrayLength(), golden.GetProperty("object").GetProperty("credit_limit").GetDecimal()));
        var values = (await rig.AskAsync(Viewer, $"/mdm/customer/golden/{gone}/values")).Body;
        Assert.Equal("erp", values.GetProperty("values").EnumerateArray().Single(v => v.GetProperty("attribute").GetString() == "name").GetProperty("from")[0].GetProperty("key").GetProperty("source").GetString());
        var why = (await rig.AskAsync(Viewer, "/mdm/customer/explanation/wms/a/9")).Body;
        Assert.Equal(act, why.GetProperty("decided")[0].GetProperty("act").GetInt64());
        await UntilAsync(async () => await rig.CountAsync("select count(*) from mdm.outbox") == 0);

        var (conflict, problem, refused) = await rig.AskAsync(Bob, "/mdm/customer/decisions/distinct", new { one = "erp/1", other = "wms/a/9", why = "no" });
        Assert.Equal((409, "application/problem+json"), (conflict, refused.Content.Headers.ContentType!.MediaType));
        Assert.Contains($"act {act} (same by ann, ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(201, (await rig.AskAsync(Bob, "/mdm/customer/decisions/undo", new { act, why = "sold" })).Status);
        Assert.Equal(404, (await rig.AskAsync(Bob, "/mdm/item/decisions/undo", new { act, why = "sold" })).Status);
        var history = (await rig.AskAsync(Viewer, "/mdm/customer/history/records/wms/a/9")).Body;
        Assert.Equal([("undo", "bob", "sold"), ("same", "ann", "same house")], history.EnumerateArray().Select(a => (a.GetProperty("verb").GetString(), a.GetProperty("by").GetString(), a.GetProperty("why").GetString())));

        var split = (await rig.AskAsync(Ann, "/mdm/customer/decisions/split", new { golden = (await rig.AskAsync(Ann, "/mdm/customer/records/wms/3")).Body.GetProperty("goldenId").GetString(), records = new[] { "wms/3" }, why = "two" })).Body;
        Assert.Equal("wms", split.GetProperty("moved")[0].GetProperty("record").GetProperty("source").GetString());
        var near = Assert.Single((await rig.AskAsync(Viewer, "/mdm/customer/candidates/erp/3")).Body.EnumerateArray());
        Assert.Equal(("3", "kept_apart"), (near.GetProperty("record").GetProperty("id").GetString(), near.GetProperty("links")[0].GetProperty("verdict").GetString()));
        var stats = (await rig.AskAsync(Viewer, "/mdm/customer/stats")).Body;
        Assert.Equal((4, 4), (stats.GetProperty("records").GetInt32(), stats.GetProperty("golden").GetInt32()));

        // Who did what is in the log, and nobody's name, address or number.
        Assert.Contains(rig.Logged, l => l.StartsWith($"Act {act}: same of a customer by ann;", StringComparison.Ordinal));
        Assert.DoesNotContain(rig.Logged, l => l.Contains("acme", StringComparison.OrdinalIgnoreCase) || l.Contains("123456781", StringComparison.Ordinal) || l.Contains("0123456789-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_day_by_commands()
    {
        await using var rig = await StartAsync();
        var (_, hits) = await rig.CommandAsync("mdm", "search", "customer", "acme", "ho");
        Assert.Equal("a/9", Assert.Single(hits).GetProperty("key").GetProperty("id").GetString());
        var (code, said) = await rig.CommandAsync("mdm", "decide", "same", "customer", "erp/1", "wms/a/9", "--why", "same house", "--by", "ann");
        Assert.Equal(ExitCode.Done, code);
        var act = said[0].GetProperty("act").GetInt64();
        Assert.Equal(ExitCode.Failed, (await rig.CommandAsync("mdm", "decide", "distinct", "customer", "erp/1", "wms/a/9", "--why", "no")).Code);
        Assert.Equal(ExitCode.WrongSettings, (await rig.CommandAsync("mdm", "decide", "distinct", "customers", "erp/1", "wms/a/9", "--why", "no")).Code);
        Assert.Equal(ExitCode.WrongSettings, (await rig.CommandAsync("mdm", "decide", "distinct", "customer", "erp", "wms/a/9", "--why", "no")).Code);
        Assert.Equal(ExitCode.Done, (await rig.CommandAsync("mdm", "undo", $"{act}", "--why", "sold")).Code);
        var (_, history) = await rig.CommandAsync("mdm", "history", "customer", "wms/a/9");
        Assert.Equal(["undo", "same"], history.Select(a => a.GetProperty("verb").GetString()));
        var golden = (await rig.CommandAsync("mdm", "search", "customer", "erp/3")).Lines[0].GetProperty("goldenId").GetString()!;
        Assert.Equal(ExitCode.Done, (await rig.CommandAsync("mdm", "split", "customer", golden, "wms/3", "--why", "two")).Code);
        Assert.Equal(ExitCode.Failed, (await rig.CommandAsync("mdm", "merge", "customer", golden, "C00000099", "--why", "one")).Code);
        Assert.Equal(ExitCode.WrongSettings, (await rig.CommandAsync("mdm", "pin", "customer", golden, "credit_limt", "5", "--why", "x")).Code);
        Assert.Equal(ExitCode.Done, (await rig.CommandAsync("mdm", "pin", "customer", golden, "credit_limit", "5", "--until", "2999-01-01", "--why", "x")).Code);
        Assert.Equal(ExitCode.Done, (await rig.CommandAsync("mdm", "unpin", "customer", "erp/3", "credit_limit", "--why", "x")).Code);
        Assert.Equal(ExitCode.Failed, (await rig.CommandAsync("mdm", "unpin", "customer", "erp/3", "credit_limit", "--why", "x")).Code);
        await QuestionsAsync(rig);
        var (_, mine) = await rig.CommandAsync("mdm", "queue", "customer", "--claim", "1", "--by", "ann");
        Assert.Equal("doubt", Assert.Single(mine).GetProperty("reason").GetString());
        Assert.Single((await rig.CommandAsync("mdm", "queue", "customer", "--mine", "--by", "ann")).Lines);
        Assert.Equal(1, (await rig.CommandAsync("mdm", "queue", "customer", "--release", "--by", "ann")).Lines[0].GetProperty("questions").GetInt32());
    }

    // Of records that nothing resolves again meanwhile: what is not found any more is not asked any more.
    static async Task QuestionsAsync(StewardRig rig)
    {
        await rig.FeedAsync(Of("erp", "6", "Solo"), Of("erp", "7", "Septem"));
        await rig.SqlAsync(
            """
            insert into mdm.review (kind, one, other, reason, bits, cost)
            select 'customer', least(a.id, b.id), greatest(a.id, b.id), 'doubt', 0, case when a.source_id = '1' then 9 else 1 end
            from mdm.record a, mdm.record b where (a.source, a.source_id, b.source, b.source_id) in (('erp', '1', 'wms', 'a/9'), ('erp', '6', 'erp', '7'))
            """);
    }

    [Fact]
    public async Task Two_stewards_share_the_queue_and_deciding_answers_a_question()
    {
        await using var rig = await StartAsync();
        await QuestionsAsync(rig);
        Assert.Equal(2, (await rig.AskAsync(Viewer, "/mdm/customer/queue")).Body.GetArrayLength());
        var anns = Assert.Single((await rig.AskAsync(Ann, "/mdm/customer/queue/claim", new { count = 1 })).Body.EnumerateArray());
        Assert.Equal(9, anns.GetProperty("cost").GetInt32());
        var bobs = Assert.Single((await rig.AskAsync(Bob, "/mdm/customer/queue/claim", new { count = 5, minutes = 5 })).Body.EnumerateArray());
        Assert.NotEqual(anns.GetProperty("number").GetInt64(), bobs.GetProperty("number").GetInt64());
        Assert.Equal(0, (await rig.AskAsync(Ann, "/mdm/customer/queue/release", new { questions = new[] { bobs.GetProperty("number").GetInt64() } })).Body.GetProperty("questions").GetInt32());
        Assert.Equal(1, (await rig.AskAsync(Bob, "/mdm/customer/queue/renew", new { minutes = 60 })).Body.GetProperty("questions").GetInt32());
        Assert.Equal(201, (await rig.AskAsync(Ann, "/mdm/customer/decisions/same", new { one = "erp/1", other = "wms/a/9", why = "seen" })).Status);
        var left = Assert.Single((await rig.AskAsync(Viewer, "/mdm/customer/queue?reason=doubt&free=false&limit=5")).Body.EnumerateArray());
        Assert.Equal("bob", left.GetProperty("claimedBy").GetString());
        Assert.Empty((await rig.AskAsync(Viewer, "/mdm/customer/queue?free=true")).Body.EnumerateArray());
    }

    [Fact]
    public async Task What_is_asked_and_what_moved_stands_in_topics()
    {
        await using var rig = await StartAsync();
        Customer At(string source, string vat) => Of(source, "5", "Zenith AG", vat) with { Addresses = [new Address { Street = "Main St 5", PostalCode = "10115", Country = "DE" }] };
        await rig.FeedAsync(At("erp", "DE123456783"), At("wms", "DE123456784"));
        await UntilAsync(async () => (await rig.AskAsync(Viewer, "/mdm/customer/queue?reason=vetoed")).Body.GetArrayLength() == 1);
        Assert.Equal(201, (await rig.AskAsync(Ann, "/mdm/customer/decisions/same", new { one = "erp/5", other = "wms/5", why = "moved its seat" })).Status);
        Assert.Empty((await rig.AskAsync(Viewer, "/mdm/customer/queue?reason=vetoed")).Body.EnumerateArray());
        await UntilAsync(async () => await rig.CountAsync("select count(*) from mdm.outbox") == 0);
        var asked = await rig.ReadAsync("review.customer");
        var review = Assert.IsType<Review>(asked[0].Object);
        Assert.Equal(("vetoed", "5", "5", "different vat"), (review.Reason, review.RecordId, review.OtherId, review.Note));
        Assert.Contains(asked, a => a.Object is null && a.Key == asked[0].Key);
        // Whose VAT number is right is another question.
        Assert.Equal(("conflict", "tax_ids"), Assert.IsType<Review>(asked[^1].Object) is var left ? (left.Reason, left.Note) : default);
        var move = Assert.IsType<GoldenMove>(Assert.Single(await rig.ReadAsync("moves.customer")).Object);
        Assert.Equal((true, "5"), (move.Merged, Assert.Single(move.Records).SourceId));
        Assert.NotEqual(move.SourceId, move.GoldenId);
        Assert.Contains("invoice", move.Dependents);
    }

    [Fact]
    public async Task Only_who_may_is_let_in_and_what_is_wrong_is_told()
    {
        await using var rig = await StartAsync();
        var same = new { one = "erp/1", other = "wms/a/9", why = "w" };
        Assert.Equal(401, (await rig.AskAsync(null, "/mdm/customer/search?q=a")).Status);
        Assert.Equal(401, (await rig.AskAsync(Ann + "x", "/mdm/customer/search?q=a")).Status);
        Assert.Equal(401, (await rig.AskAsync(null, "/mdm/customer/decisions/same", same)).Status);
        var (status, problem, _) = await rig.AskAsync(Viewer, "/mdm/customer/decisions/same", same);
        Assert.Equal((403, "eve is a viewer; this takes a steward"), (status, problem.GetProperty("detail").GetString()));
        Assert.Equal(403, (await rig.AskAsync(Ann, "/sources/erp/pause", new { })).Status);
        Assert.Equal(404, (await rig.AskAsync(Admin, "/sources/nowhere/pause", new { })).Status);
        foreach (var open in new[] { "/health", "/status", "/mdm/openapi.json" }) Assert.Equal(200, (int)(await rig.Http.GetAsync(open, TestContext.Current.CancellationToken)).StatusCode);

        async Task WrongAsync(int expected, string says, string path, object? body = null)
        {
            var (code, told, answer) = await rig.AskAsync(Admin, path, body);
            Assert.Equal((expected, "application/problem+json"), (code, answer.Content.Headers.ContentType?.MediaType));
            Assert.Contains(says, told.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        await WrongAsync(400, "customer, item or location", "/mdm/custmer/search?q=a");
        await WrongAsync(400, "say ?q=TEXT", "/mdm/customer/search");
        await WrongAsync(400, "limit is a number from 1 to 500", "/mdm/customer/search?q=a&limit=501");
        await WrongAsync(400, "there is no parameter 'limt'", "/mdm/customer/search?q=a&limt=5");
        await WrongAsync(400, "reason is doubt", "/mdm/customer/queue?reason=7");
        await WrongAsync(404, "there is no customer erp/77", "/mdm/customer/records/erp/77");
        await WrongAsync(404, "there is no golden item C00000001", "/mdm/item/golden/C00000001");
        await WrongAsync(400, "'why' is missing", "/mdm/customer/decisions/same", new { one = "erp/1", other = "wms/a/9" });
        await WrongAsync(400, "SOURCE/ID", "/mdm/customer/decisions/same", new { one = "erp1", other = "wms/a/9", why = "w" });
        await WrongAsync(400, "no such JSON object", "/mdm/customer/decisions/same", new { one = "erp/1", othr = "wms/a/9", why = "w" });
        await WrongAsync(400, "no such JSON object", "/mdm/customer/decisions/same", "[1, 2");
        await WrongAsync(400, "the body is null", "/mdm/customer/decisions/same", "null");
        await WrongAsync(413, "too large", "/mdm/customer/decisions/same", $"{{\"why\": \"{new string('x', 300_000)}\"}}");
        await WrongAsync(400, "longer than 1000 characters", "/mdm/customer/decisions/same", new { one = "erp/1", other = "wms/a/9", why = new string('x', 1001) });
        await WrongAsync(400, "cannot be stored", "/mdm/customer/decisions/same", new { one = "erp/\0", other = "wms/a/9", why = "w" });
        await WrongAsync(400, "cannot be stored", "/mdm/customer/queue?claimed_by=%00");
        await WrongAsync(400, "'value' is missing", "/mdm/customer/decisions/pin", new { subject = "erp/1", attribute = "name", why = "w" });
        await WrongAsync(400, "count is a number", "/mdm/customer/queue/claim", new { count = 0 });
        Assert.Equal(0, await rig.CountAsync("select count(*) from mdm.act"));
    }

    [Fact]
    public async Task Without_tokens_this_machine_reads_and_nobody_decides()
    {
        await using var rig = await StartAsync(tokens: false);
        Assert.Equal(2, (await rig.AskAsync(null, "/mdm/customer/search?q=acme")).Body.GetArrayLength());
        // A page of elsewhere whose name leads to this machine.
        var (status, problem, _) = await rig.AskAsync(null, "/mdm/customer/search?q=acme", host: "evil.example");
        Assert.Equal(403, status);
        Assert.Contains("http.tokens", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        (status, problem, _) = await rig.AskAsync(null, "/mdm/customer/decisions/same", new { one = "erp/1", other = "wms/a/9", why = "w" });
        Assert.Equal(403, status);
        Assert.Contains("set http.tokens", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(404, (await rig.AskAsync(null, "/sources/nowhere/pause", new { })).Status);
    }

    [Fact]
    public async Task What_is_described_is_there_and_what_is_there_is_described()
    {
        await using var rig = await StartAsync();
        var document = (await rig.AskAsync(null, "/mdm/openapi.json")).Body;
        var described = document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name} {p.Name}")).Order(StringComparer.Ordinal);
        using var metrics = new PrometheusMetrics();
        await using var web = Web.Build(rig.Appliance, new RoleSupervisor(TimeProvider.System, NullLogger.Instance), metrics, NullLoggerFactory.Instance);
        var mapped = ((IEndpointRouteBuilder)web).DataSources.SelectMany(d => d.Endpoints).OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText!.StartsWith("/mdm", StringComparison.Ordinal)).ToList();
        var there = mapped.SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            .Select(m => $"{m.ToLowerInvariant()} {e.RoutePattern.RawText!.Replace("{**id}", "{id}", StringComparison.Ordinal).Replace(":long", "", StringComparison.Ordinal)}")).Order(StringComparer.Ordinal);
        Assert.Equal(there, described);
        Assert.All(mapped.Where(e => e.RoutePattern.RawText != "/mdm/openapi.json"), e => Assert.NotNull(e.Metadata.GetMetadata<LetIn>()));
        string[] Words(string schema, string member) => [.. document.GetProperty("components").GetProperty("schemas").GetProperty(schema).GetProperty("properties").GetProperty(member).GetProperty("enum").EnumerateArray().Select(w => w.GetString()!)];
        static IEnumerable<string> Names<T>() where T : struct, Enum => Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName);
        Assert.Equal(Names<Verdict>(), Words("Link", "verdict"));
        Assert.Equal(Names<LikenessVerdict>().Order(), Words("Waterfall", "verdict").Order());
        Assert.Equal(Names<ReviewReason>(), Words("Question", "reason"));
        Assert.Equal(Names<Mdm.Likeness.ThresholdSource>(), Words("Thresholds", "source"));
        Assert.Equal((404, "nothing was learnt of item yet"), await rig.AskAsync(Viewer, "/mdm/item/thresholds") is var (status, problem, _) ? (status, problem.GetProperty("detail").GetString()) : default);
        foreach (var reference in References(document)) Assert.True(Resolves(document, reference), $"{reference} leads nowhere");
    }

    static IEnumerable<string> References(JsonElement at) => at.ValueKind switch
    {
        JsonValueKind.Object => at.EnumerateObject().SelectMany(p => p.Name == "$ref" ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => at.EnumerateArray().SelectMany(References),
        _ => [],
    };

    static bool Resolves(JsonElement document, string reference)
    {
        foreach (var part in reference.Split('/').Skip(1))
            if (!document.TryGetProperty(part, out document)) return false;
        return true;
    }

    [Theory]
    [InlineData("tokens: [{ name: ann, role: steward, token: short }]", "token: is shorter than 20 characters")]
    [InlineData("tokens: [{ name: ann, token: 0123456789012345678901 }, { name: ann, token: 1123456789012345678901 }]", "two tokens are called 'ann'")]
    [InlineData("tokens: [{ name: ann, token: 0123456789012345678901 }, { name: bob, token: 0123456789012345678901 }]", "ann and bob have the same token")]
    [InlineData("tokens: [{ name: ann, role: stewart, token: 0123456789012345678901 }]", "steward")]
    public void Tokens_are_judged_and_never_shown(string http, string says)
    {
        var wrong = Assert.Throws<InvalidSettingsException>(() => ApplianceLoader.Parse("c.yaml", $"store: Host=h\nhttp: {{ {http} }}\n"));
        Assert.Contains(says, string.Join('\n', wrong.Errors), StringComparison.Ordinal);
        Assert.DoesNotContain("012345678901234", string.Join('\n', wrong.Errors), StringComparison.Ordinal);
        Assert.Equal("ann (Admin)", new HttpToken { Name = "ann", Role = HttpRole.Admin, Token = "0123456789012345678901" }.ToString());
    }
}
