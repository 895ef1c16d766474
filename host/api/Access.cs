using System.Security.Cryptography;
using System.Text;
using CdcSync.Host.Settings;
using Microsoft.Net.Http.Headers;

namespace CdcSync.Host.Api;

/// <summary>What an endpoint needs of who calls it.</summary>
/// <param name="Role">At least this role.</param>
/// <param name="OpenWithoutTokens">As long as no tokens are set anybody may who reaches it: what stood here before there were tokens.</param>
sealed record LetIn(HttpRole Role, bool OpenWithoutTokens = false);

/// <summary>Lets in who may: by the token of a request, and without tokens only who sits at this machine, to read.</summary>
sealed class Access(HttpSettings settings, ILogger logger)
{
    static readonly object Caller = new();

    readonly List<(byte[] Hash, HttpToken Token)> _tokens = [.. settings.Tokens.Select(t => (SHA256.HashData(Encoding.UTF8.GetBytes(t.Token)), t))];

    /// <summary>Whose token a request came with.</summary>
    public static string CallerOf(HttpContext context) => ((HttpToken)context.Items[Caller]!).Name;

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<LetIn>() is not { } needs) return next(context);
        var (status, why) = _tokens.Count == 0 ? WithoutTokens(context.Request, needs) : WithTokens(context, needs);
        if (status == 0) return next(context);
        Log.NotLetIn(logger, context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "", status);
        if (status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer realm=\"cdcsync\"";
        return Results.Problem(why, statusCode: status).ExecuteAsync(context);
    }

    (int Status, string Why) WithTokens(HttpContext context, LetIn needs)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return (401, "a token is needed: send 'Authorization: Bearer TOKEN'; http.tokens of the settings names who has which");
        if (Find(header["Bearer ".Length..].Trim()) is not { } token) return (401, "the token is none of http.tokens");
        context.Items[Caller] = token;
        return token.Role >= needs.Role ? default : (403, $"{token.Name} is {Word(token.Role)}; this takes {Word(needs.Role)}");
    }

    // Golden records are names and addresses of people: whoever is not at this machine says who they are. A page in a browser here reaches loopback too, under a name of its own.
    (int Status, string Why) WithoutTokens(HttpRequest request, LetIn needs)
    {
        if (needs.OpenWithoutTokens) return default;
        if (needs.Role > HttpRole.Viewer) return (403, "deciding needs to know who decides: set http.tokens, a list of { name, role: steward, token: ${NAME_OF_A_VARIABLE} }. The commands 'cdcsync mdm ...' decide without");
        return ListenAddress.IsLoopback(settings.Listen) && ListenAddress.IsLoopback(request.Host.Value ?? "") ? default
            : (403, "golden records are not shown to everybody on the network: set http.tokens, a list of { name, role: viewer, token: ${NAME_OF_A_VARIABLE} }, or listen on 127.0.0.1 and ask from there");
    }

    // All are looked at, each in the same time: how long it takes tells nothing of a token.
    HttpToken? Find(string presented)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(presented));
        HttpToken? found = null;
        foreach (var (known, token) in _tokens)
            if (CryptographicOperations.FixedTimeEquals(known, hash)) found = token;
        return found;
    }

    static string Word(HttpRole role) => role == HttpRole.Admin ? "an admin" : $"a {role.ToString().ToLowerInvariant()}";
}

static partial class Log
{
    [LoggerMessage(6050, LogLevel.Warning, "{Method} {Route} was not let in: {Status}")]
    public static partial void NotLetIn(ILogger logger, string method, string route, int status);
}
