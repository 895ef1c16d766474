using System.Net;
using CdcSync.EventLog.Registry;
using CdcSync.Servers;

namespace CdcSync.EventLog.Tests.Registry;

public sealed class HttpRegistryTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_registers_and_reads_and_is_refused()
    {
        await using var served = await ServedRegistry.StartAsync(postgres, new() { Prefix = "/registry" });
        var registry = HttpRegistry.Open(served.Url, null);
        var inner = await registry.RegisterAsync("a/b", new RegisteredSchema("""{"type":"fixed","name":"F","size":2}"""), Stop);
        SchemaReference[] references = [new("F", "a/b", 1)];
        var outer = await registry.RegisterAsync("outer", new RegisteredSchema("""{"type":"array","items":"F"}""", references), Stop);
        var read = await HttpRegistry.Open(served.Url, null).GetAsync(outer, Stop);
        Assert.Equal((1, 2, """{"type":"array","items":"F"}"""), (inner, outer, read.Text));
        Assert.Equal(references, read.References);
        var refused = await Assert.ThrowsAsync<SchemaRegistryException>(() => registry.RegisterAsync("a/b", new RegisteredSchema("\"string\""), Stop));
        Assert.Equal(409, refused.Code);
        Assert.Contains("'a/b'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(40403, (await Assert.ThrowsAsync<SchemaRegistryException>(() => registry.GetAsync(99, Stop))).Code);
    }

    [Fact]
    public async Task The_same_question_is_asked_once()
    {
        using var asked = new Answers(async _ =>
        {
            await Task.Delay(50, Stop);
            return Answers.Json("""{"schema":"\"int\""}""");
        });
        var registry = asked.Registry();
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => registry.GetAsync(1, Stop)));
        Assert.All(all, schema => Assert.Equal("\"int\"", schema.Text));
        await registry.GetAsync(1, Stop);
        Assert.Single(asked.Seen);
    }

    [Fact]
    public async Task One_who_gives_up_leaves_the_answer_to_the_others()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var asked = new Answers(async _ =>
        {
            await open.Task;
            return Answers.Json("""{"id":5}""");
        });
        var registry = asked.Registry();
        using var impatient = new CancellationTokenSource();
        var first = registry.RegisterAsync("s", new RegisteredSchema("\"int\""), impatient.Token);
        var second = registry.RegisterAsync("s", new RegisteredSchema("\"int\""), Stop);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        open.SetResult();
        Assert.Equal(5, await second);
        Assert.Single(asked.Seen);
    }

    [Fact]
    public async Task Trouble_is_tried_again_and_on_the_next_node()
    {
        var failures = 3;
        using var asked = new Answers(request => Task.FromResult(
            request.RequestUri!.Host == "one" ? throw new HttpRequestException("refused")
            : failures-- > 0 ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) : Answers.Json("""{"id":5}""")));
        var registry = asked.Registry("http://one/", "http://two/");
        Assert.Equal(5, await registry.RegisterAsync("s", new RegisteredSchema("\"int\""), Stop));
        await registry.RegisterAsync("t", new RegisteredSchema("\"int\""), Stop);
        Assert.Equal(["one", "two", "one", "two", "one", "two", "one", "two", "two"], asked.Seen.Select(u => u.Host));   // the good one is asked first from then on
    }

    [Fact]
    public async Task Trouble_that_stays_is_reported_and_forgotten()
    {
        var down = true;
        using var asked = new Answers(_ => Task.FromResult(down ? throw new HttpRequestException("nobody there") : Answers.Json("""{"id":5}""")));
        var registry = asked.Registry("http://one/");
        var lost = await Assert.ThrowsAsync<SchemaRegistryException>(() => registry.RegisterAsync("s", new RegisteredSchema("\"int\""), Stop));
        Assert.Equal(50002, lost.Code);
        Assert.Contains("http://one/", lost.Message, StringComparison.Ordinal);
        Assert.Equal(4, asked.Seen.Count);
        down = false;
        Assert.Equal(5, await registry.RegisterAsync("s", new RegisteredSchema("\"int\""), Stop));
    }

    [Theory]
    [InlineData(HttpStatusCode.Conflict, """{"error_code":40901,"message":"no"}""", 409)]     // as newer registries say it
    [InlineData(HttpStatusCode.Unauthorized, "<html>log in</html>", 401)]
    [InlineData(HttpStatusCode.OK, "<html>welcome</html>", 50005)]
    public async Task Refusals_and_other_pages_are_told_at_once(HttpStatusCode status, string body, int code)
    {
        using var asked = new Answers(_ => Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) }));
        var refused = await Assert.ThrowsAsync<SchemaRegistryException>(() => asked.Registry().GetAsync(1, Stop));
        Assert.Equal((code, 1), (refused.Code, asked.Seen.Count));
    }

    /// <summary>Answers in place of a registry, and remembers the questions.</summary>
    sealed class Answers(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        public List<Uri> Seen { get; } = [];

        public HttpRegistry Registry(params string[] urls) => new(new RegistryNodes(
            new HttpClient(this, disposeHandler: false), [.. (urls.Length == 0 ? ["http://registry/"] : urls).Select(u => new Uri(u))], TimeSpan.FromMilliseconds(1)));

        public static HttpResponseMessage Json(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text) };

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (Seen) Seen.Add(request.RequestUri!);
            return await answer(request);
        }
    }
}
