using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CdcSync.Contract.Settings;

namespace CdcSync.Sinks.Http;

/// <summary>How we show a target who we are.</summary>
public sealed record HttpCredentials
{
    /// <summary>Which way. Default none.</summary>
    public HttpAuth Kind { get; init; }

    /// <summary>User name, for basic.</summary>
    public string User { get; init; } = "";

    /// <summary>Password, for basic.</summary>
    public string Password { get; init; } = "";

    /// <summary>Token, for bearer and api_key.</summary>
    public string Token { get; init; } = "";

    /// <summary>Header of the token, for api_key. Default X-Api-Key.</summary>
    public string Header { get; init; } = "X-Api-Key";

    /// <summary>Where tokens are issued, for oauth2 (client credentials).</summary>
    public Uri? TokenUrl { get; init; }

    /// <summary>Client id, for oauth2.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Client secret, for oauth2.</summary>
    public string ClientSecret { get; init; } = "";

    /// <summary>Scope, for oauth2. Default none.</summary>
    public string Scope { get; init; } = "";

    internal IEnumerable<string> Secrets => new[] { Password, Token, ClientSecret }.Where(s => s.Length > 0);

    internal void Validate()
    {
        var missing = Kind switch
        {
            HttpAuth.Basic when User.Length == 0 => "user",
            HttpAuth.Bearer or HttpAuth.ApiKey when Token.Length == 0 => "token",
            HttpAuth.Oauth2 when TokenUrl is null => "token_url",
            HttpAuth.Oauth2 when ClientId.Length == 0 => "client_id",
            _ => null,
        };
        if (missing is not null) throw new SettingsException($"auth.{missing}", $"is missing; {Kind} needs it");
    }
}

/// <summary>Ways to show who we are.</summary>
public enum HttpAuth
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>User and password.</summary>
    Basic,

    /// <summary>A fixed token in Authorization.</summary>
    Bearer,

    /// <summary>A fixed token in a header.</summary>
    ApiKey,

    /// <summary>A token from a token server, by client credentials.</summary>
    Oauth2,
}

/// <summary>Puts credentials on requests; a token from a token server is fetched once for all who wait, and again shortly before its end.</summary>
internal sealed class Authorizer(HttpCredentials settings, HttpClient client, TimeProvider clock) : IDisposable
{
    static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    readonly SemaphoreSlim _single = new(1, 1);
    (string Text, DateTimeOffset Until)? _token;

    public async ValueTask ApplyAsync(HttpRequestMessage request, CancellationToken stop)
    {
        switch (settings.Kind)
        {
            case HttpAuth.Basic:
                request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.User}:{settings.Password}")));
                break;
            case HttpAuth.Bearer:
                request.Headers.Authorization = new("Bearer", settings.Token);
                break;
            case HttpAuth.ApiKey:
                request.Headers.TryAddWithoutValidation(settings.Header, settings.Token);
                break;
            case HttpAuth.Oauth2:
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(stop));
                break;
        }
    }

    /// <summary>A token was refused: true when a fresh one may help.</summary>
    public bool Forget(HttpRequestMessage refused)
    {
        if (settings.Kind != HttpAuth.Oauth2) return false;
        if (_token?.Text == refused.Headers.Authorization?.Parameter) _token = null;
        return true;
    }

    public void Dispose() => _single.Dispose();

    async ValueTask<string> TokenAsync(CancellationToken stop)
    {
        if (_token is { } fresh && clock.GetUtcNow() < fresh.Until) return fresh.Text;
        await _single.WaitAsync(stop);
        try
        {
            if (_token is { } fetched && clock.GetUtcNow() < fetched.Until) return fetched.Text;
            var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = settings.ClientId, ["client_secret"] = settings.ClientSecret };
            if (settings.Scope.Length > 0) form["scope"] = settings.Scope;
            using var content = new FormUrlEncodedContent(form);
            using var answer = await client.PostAsync(settings.TokenUrl, content, stop);
            if ((int)answer.StatusCode is >= 400 and < 500 and not 429)
                throw new CredentialsException($"{settings.TokenUrl} gives no token: {(int)answer.StatusCode}; check client_id, client_secret and scope");
            answer.EnsureSuccessStatusCode();
            using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(stop));
            var seconds = json.RootElement.TryGetProperty("expires_in", out var life) && life.TryGetDouble(out var number) ? number : 300;
            var text = json.RootElement.GetProperty("access_token").GetString()!;
            // A token that lives shorter than the margin is used for half its life.
            var use = TimeSpan.FromSeconds(seconds) - Margin is { Ticks: > 0 } most ? most : TimeSpan.FromSeconds(seconds / 2);
            _token = (text, clock.GetUtcNow() + use);
            return text;
        }
        finally
        {
            _single.Release();
        }
    }
}

/// <summary>The token server does not know us.</summary>
internal sealed class CredentialsException(string message) : Exception(message);
