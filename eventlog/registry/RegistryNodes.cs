using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CdcSync.EventLog.Registry;

/// <summary>The nodes of one registry: asks the one that answered last, the others where that fails, and all of them again after a pause.</summary>
/// <param name="http">Asks them. Its timeout bounds one request.</param>
/// <param name="urls">Their URLs.</param>
/// <param name="firstPause">Pause after the first round in vain; it doubles. Default 200 ms.</param>
public sealed class RegistryNodes(HttpClient http, IReadOnlyList<Uri> urls, TimeSpan? firstPause = null)
{
    const int Rounds = 4;
    readonly Uri[] _urls = urls.Count > 0 ? [.. urls.Select(u => new Uri(u.AbsoluteUri.TrimEnd('/') + "/"))] : throw new ArgumentException("A registry needs a URL", nameof(urls));
    int _good;

    /// <exception cref="SchemaRegistryException">Refused, or none could be reached.</exception>
    internal async Task<T> AskAsync<T>(string what, HttpMethod method, string path, Func<HttpContent?> body, JsonTypeInfo<T> type)
    {
        var pause = firstPause ?? TimeSpan.FromMilliseconds(200);
        for (var round = 1; ; round++)
        {
            SchemaRegistryException? failure = null;
            for (var i = 0; i < _urls.Length; i++)
            {
                var place = (Volatile.Read(ref _good) + i) % _urls.Length;
                var (answer, failed) = await TryAsync(what, _urls[place], new HttpRequestMessage(method, new Uri(_urls[place], path)) { Content = body() }, type);
                if (failed is null)
                {
                    Volatile.Write(ref _good, place);
                    return answer!;
                }
                failure = failed;
            }
            if (round == Rounds) throw failure!;
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), CancellationToken.None);
            pause *= 2;
        }
    }

    /// <summary>The answer, or why it may be tried again elsewhere or later.</summary>
    /// <exception cref="SchemaRegistryException">Refused for good.</exception>
    async Task<(T? Answer, SchemaRegistryException? Failed)> TryAsync<T>(string what, Uri node, HttpRequestMessage request, JsonTypeInfo<T> type)
    {
        using var message = request;
        try
        {
            using var response = await http.SendAsync(message, CancellationToken.None);
            var text = await response.Content.ReadAsStringAsync(CancellationToken.None);
            if (!response.IsSuccessStatusCode)
            {
                var refused = Refused(what, node, response.StatusCode, text);
                return response.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout ? (default, refused) : throw refused;
            }
            return (JsonSerializer.Deserialize(text, type) ?? throw new JsonException("it is null"), null);
        }
        catch (JsonException garbled)
        {
            throw new SchemaRegistryException(50005, $"{node} answered with something else than a schema registry does when asked to {what}: is the URL right? {garbled.Message}", garbled);
        }
        catch (Exception lost) when (lost is HttpRequestException or TaskCanceledException { InnerException: TimeoutException } or IOException)
        {
            return (default, new SchemaRegistryException(50002, $"The schema registry {node} cannot be reached to {what}: {lost.Message}", lost));
        }
    }

    static SchemaRegistryException Refused(string what, Uri node, HttpStatusCode status, string text)
    {
        try
        {
            if (JsonSerializer.Deserialize(text, RegistryJson.Default.ErrorAnswer) is { Message: not null, ErrorCode: > 0 } error)
                // Newer registries say 40901 for what was 409 before.
                return new SchemaRegistryException(error.ErrorCode == 40901 ? RegistryErrors.Incompatible : error.ErrorCode, $"The schema registry {node} refused to {what}: {error.Message}");
        }
        catch (JsonException)
        {
            // A proxy's page instead of the registry's answer: the status says what there is to say.
        }
        return new SchemaRegistryException((int)status, $"The schema registry {node} refused to {what}: HTTP {(int)status}");
    }
}
