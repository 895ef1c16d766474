using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcSync.EventLog.Registry;

/// <summary>A Confluent-compatible registry elsewhere, with what was learnt from it kept: ids and schemas never change.</summary>
public sealed class HttpRegistry(HttpClient http) : ISchemaRegistry
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    readonly ConcurrentDictionary<(string Subject, string Text), int> _ids = new();
    readonly ConcurrentDictionary<int, RegisteredSchema> _schemas = new();

    sealed record Body(string Schema, IReadOnlyList<SchemaReference>? References = null);
    sealed record Id([property: JsonPropertyName("id")] int Value);
    sealed record Error([property: JsonPropertyName("error_code")] int Code, string? Message);

    /// <summary>Connects when it is asked.</summary>
    /// <param name="url">Its URL, a path included where it has one.</param>
    /// <param name="credentials"><c>user:password</c> for basic authentication; null for none.</param>
    public static HttpRegistry Open(Uri url, string? credentials)
    {
        var http = new HttpClient { BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(20) };
        if (credentials is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        return new HttpRegistry(http);
    }

    /// <inheritdoc/>
    public async Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop)
    {
        if (_ids.TryGetValue((subject, schema.Text), out var known)) return known;
        var answer = await AskAsync<Id>($"register a schema for '{subject}'", () => new HttpRequestMessage(HttpMethod.Post, $"subjects/{Uri.EscapeDataString(subject)}/versions")
        {
            Content = JsonContent.Create(new Body(schema.Text, schema.References is { Count: > 0 } ? schema.References : null), new MediaTypeHeaderValue("application/vnd.schemaregistry.v1+json"), Json),
        }, stop);
        return _ids[(subject, schema.Text)] = answer.Value;
    }

    /// <inheritdoc/>
    public async Task<RegisteredSchema> GetAsync(int id, CancellationToken stop)
    {
        if (_schemas.TryGetValue(id, out var known)) return known;
        var answer = await AskAsync<Body>($"give schema {id}", () => new HttpRequestMessage(HttpMethod.Get, $"schemas/ids/{id}"), stop);
        return _schemas[id] = new RegisteredSchema(answer.Schema, answer.References);
    }

    async Task<T> AskAsync<T>(string what, Func<HttpRequestMessage> request, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var message = request();
                using var answer = await http.SendAsync(message, stop);
                if (answer.IsSuccessStatusCode) return (await answer.Content.ReadFromJsonAsync<T>(Json, stop))!;
                if ((int)answer.StatusCode < 500 || attempt == 3) throw await RefusedAsync(what, answer, stop);
            }
            catch (HttpRequestException lost) when (attempt == 3)
            {
                throw new SchemaRegistryException(50002, $"The schema registry {http.BaseAddress} cannot be reached to {what}: {lost.Message}", lost);
            }
            catch (HttpRequestException)
            {
                // Tried again below: a registry that restarts is back in a moment.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt * attempt), stop);
        }
    }

    async Task<SchemaRegistryException> RefusedAsync(string what, HttpResponseMessage answer, CancellationToken stop)
    {
        var text = await answer.Content.ReadAsStringAsync(stop);
        try
        {
            if (JsonSerializer.Deserialize<Error>(text, Json) is { Message: not null } error)
                return new SchemaRegistryException(error.Code, $"The schema registry {http.BaseAddress} refused to {what}: {error.Message}");
        }
        catch (JsonException)
        {
            // A proxy's page instead of the registry's answer: the status says what there is to say.
        }
        return new SchemaRegistryException((int)answer.StatusCode, $"The schema registry {http.BaseAddress} refused to {what}: HTTP {(int)answer.StatusCode}");
    }
}
