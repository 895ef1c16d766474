using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CdcSync.Sinks.Http;

/// <summary>An answer and what it means.</summary>
internal sealed record HttpAnswer(Outcome Outcome, int? Status = null, JsonElement? Body = null)
{
    /// <summary>What was asked for is not there.</summary>
    public bool Gone { get; init; }

    /// <summary>Our token was refused, and a fresh one may not be.</summary>
    public bool MayBeRenewed { get; init; }
}

/// <summary>What a status means.</summary>
internal static class HttpMeaning
{
    public static OutcomeClass Of(int status, HttpStatuses statuses) =>
        statuses.Done.Contains(status) ? OutcomeClass.Done
        : statuses.Retry.Contains(status) ? OutcomeClass.Retry
        : statuses.Refused.Contains(status) ? OutcomeClass.Refused
        : statuses.Conflict.Contains(status) ? OutcomeClass.Conflict
        : status switch
        {
            >= 200 and < 300 => OutcomeClass.Done,
            401 or 403 or 407 => OutcomeClass.Stop,
            409 or 412 => OutcomeClass.Conflict,
            429 => OutcomeClass.Throttled,
            408 or 425 or >= 500 => OutcomeClass.Retry,
            _ => OutcomeClass.Refused,
        };

    public static bool IsGone(int status, HttpStatuses statuses) => status is 404 or 410 || statuses.Gone.Contains(status);
}

/// <summary>Makes calls and says what came of them; throws only when cancelled.</summary>
internal sealed class HttpCaller : IDisposable
{
    readonly string _name;
    readonly HttpSettings _settings;
    readonly TimeProvider _clock;
    readonly HttpClient _client;
    readonly Authorizer _authorizer;

    public HttpCaller(string name, HttpSettings settings, TimeProvider clock)
    {
        (_name, _settings, _clock) = (name, settings, clock);
        _client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        _authorizer = new Authorizer(settings.Auth, _client, clock);
    }

    public async Task<HttpAnswer> CallAsync(
        HttpMethod method, string path, byte[]? body, Func<string, JsonElement?> fields, HttpStatuses statuses, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(_settings.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            var answer = await SendAsync(method, path, body, fields, statuses, either.Token);
            return answer.MayBeRenewed ? await SendAsync(method, path, body, fields, statuses, either.Token) : answer;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new HttpAnswer(new Outcome(OutcomeClass.Ambiguous, $"{method} {path}: no answer within {_settings.Timeout}"));
        }
        catch (CredentialsException refused)
        {
            return new HttpAnswer(new Outcome(OutcomeClass.Stop, refused.Message));
        }
        catch (HttpRequestException failed)
        {
            var neverSent = failed.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;
            return new HttpAnswer(new Outcome(neverSent ? OutcomeClass.Retry : OutcomeClass.Ambiguous, $"{method} {path}: {failed.Message}"));
        }
        catch (IOException cut)
        {
            return new HttpAnswer(new Outcome(OutcomeClass.Ambiguous, $"{method} {path}: {cut.Message}"));
        }
    }

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];

    public void Dispose()
    {
        _authorizer.Dispose();
        _client.Dispose();
    }

    async Task<HttpAnswer> SendAsync(HttpMethod method, string path, byte[]? body, Func<string, JsonElement?> fields, HttpStatuses statuses, CancellationToken stop)
    {
        var address = new Uri(_settings.Url.ToString().TrimEnd('/') + (path.StartsWith('/') ? path : "/" + path));
        using var request = new HttpRequestMessage(method, address);
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        foreach (var (header, template) in _settings.Headers) request.Headers.TryAddWithoutValidation(header, Template.Text(template, fields));
        if (_settings.IdempotencyHeader.Length > 0 && method != HttpMethod.Get && CanonicalFields.Text(fields("idempotency_key")) is { } key)
            request.Headers.TryAddWithoutValidation(_settings.IdempotencyHeader, key);
        await _authorizer.ApplyAsync(request, stop);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        var status = (int)response.StatusCode;
        var renewable = status == 401 && _authorizer.Forget(request);
        var content = await response.Content.ReadAsByteArrayAsync(stop);
        var meaning = HttpMeaning.Of(status, statuses);
        if (meaning == OutcomeClass.Done) return new HttpAnswer(Outcome.Done, status, Json(content));
        var excerpt = Redaction.Of(Encoding.UTF8.GetString(content.AsSpan(0, Math.Min(content.Length, 4000))), _settings.Secrets);
        var reason = meaning == OutcomeClass.Stop ? $"{_name} refuses us with {status} at {method} {address.AbsolutePath}; check 'auth' and our rights there" : $"{method} {address.AbsolutePath} was answered {status}";
        return new HttpAnswer(new Outcome(meaning, reason, excerpt, RetryAfterOf(response)), status, Json(content)) { Gone = HttpMeaning.IsGone(status, statuses), MayBeRenewed = renewable };
    }

    TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        var wanted = response.Headers.RetryAfter is not { } after ? null : after.Delta ?? after.Date - _clock.GetUtcNow();
        return wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted;
    }

    static JsonElement? Json(byte[] content)
    {
        if (content.Length == 0) return null;
        try
        {
            using var document = JsonDocument.Parse(content);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;   // an answer that is no JSON says nothing but its status
        }
    }
}
