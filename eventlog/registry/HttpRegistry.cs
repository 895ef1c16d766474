using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace CdcSync.EventLog.Registry;

/// <summary>A Confluent-compatible registry elsewhere. What was learnt is kept: an id never changes its schema. Callers that ask for the same at once share one request.</summary>
public sealed class HttpRegistry(RegistryNodes nodes) : ISchemaRegistry
{
    readonly SharedAnswers<(string Subject, string Text, string References), int> _ids = new();
    readonly SharedAnswers<int, RegisteredSchema> _schemas = new();

    /// <summary>Asks one registry, through a client of the caller's; its base address is the registry's.</summary>
    public HttpRegistry(HttpClient http) : this(new RegistryNodes(http, [http.BaseAddress ?? throw new ArgumentException("The client needs a base address: the registry's URL", nameof(http))]))
    {
    }

    /// <summary>Connects when it is asked.</summary>
    /// <param name="url">Its URL, a path included where it has one.</param>
    /// <param name="credentials"><c>user:password</c> for basic authentication; null for none.</param>
    public static HttpRegistry Open(Uri url, string? credentials) => Open([url], credentials);

    /// <summary>Connects when it is asked, to the first node that answers.</summary>
    /// <param name="urls">URLs of nodes of one registry.</param>
    /// <param name="credentials"><c>user:password</c> for basic authentication; null for none.</param>
    public static HttpRegistry Open(IReadOnlyList<Uri> urls, string? credentials)
    {
        var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20), MaxResponseContentBufferSize = 64 << 20 };
        if (credentials is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        return new HttpRegistry(new RegistryNodes(http, urls));
    }

    /// <inheritdoc/>
    public Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop) =>
        _ids.GetAsync((subject, schema.Text, StoredVersions.Write(schema.References)), async _ =>
        {
            var body = new SchemaBody { Schema = schema.Text, References = SubjectEndpoints.References(schema) };
            var answer = await nodes.AskAsync(
                $"register a schema for '{subject}'", HttpMethod.Post, $"subjects/{Uri.EscapeDataString(subject)}/versions",
                () => JsonContent.Create(body, RegistryJson.Default.SchemaBody, new MediaTypeHeaderValue("application/vnd.schemaregistry.v1+json")), RegistryJson.Default.IdAnswer);
            return answer.Id;
        }, stop);

    /// <inheritdoc/>
    public Task<RegisteredSchema> GetAsync(int id, CancellationToken stop) =>
        _schemas.GetAsync(id, async _ =>
        {
            var answer = await nodes.AskAsync($"give schema {id}", HttpMethod.Get, $"schemas/ids/{id}", () => null, RegistryJson.Default.SchemaBody);
            return answer.SchemaType is null or "" or "AVRO"
                ? new RegisteredSchema(answer.Schema ?? throw new SchemaRegistryException(50005, $"The schema registry gave schema {id} without its text"), answer.References)
                : throw new SchemaRegistryException(42201, $"Schema {id} is of type {answer.SchemaType}; CdcSync reads AVRO");
        }, stop);
}

/// <summary>Answers that never change, by question. Those who ask the same at once wait for one answer; a failure is theirs alone and is not kept.</summary>
sealed class SharedAnswers<TQuestion, TAnswer> where TQuestion : notnull
{
    readonly ConcurrentDictionary<TQuestion, Lazy<Task<TAnswer>>> _answers = new();

    public async Task<TAnswer> GetAsync(TQuestion question, Func<TQuestion, Task<TAnswer>> ask, CancellationToken stop)
    {
        // A failure nobody waited for any more may still be there.
        if (_answers.TryGetValue(question, out var old) && old is { IsValueCreated: true, Value.IsFaulted: true }) _answers.TryRemove(KeyValuePair.Create(question, old));
        var shared = _answers.GetOrAdd(question, q => new Lazy<Task<TAnswer>>(() => ask(q)));
        try
        {
            // One who gives up does not take the answer from the others: the request itself is bounded by the client's timeout.
            return await shared.Value.WaitAsync(stop);
        }
        catch when (shared.Value.IsFaulted)
        {
            _answers.TryRemove(KeyValuePair.Create(question, shared));
            throw;
        }
    }
}
