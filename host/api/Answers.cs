using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Mdm.Decisions;
using Npgsql;

namespace CdcSync.Host.Api;

/// <summary>How the API speaks: JSON in camelCase, canonical objects in their own snake_case, and <c>application/problem+json</c> when it does not do what was asked.</summary>
static class Answers
{
    // A list of two thousand records to split is 100 kB; addresses to pin are less.
    public const long LargestBody = 256 * 1024;

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false), new CanonicalConverter() },
    };

    public static IResult Ok(object value) => Results.Json(value, Json);

    /// <summary>The body of a request.</summary>
    public static async Task<T> ReadAsync<T>(HttpRequest request, CancellationToken stop) where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, Json, stop) ?? throw new RefusedDecisionException(Refusal.Wrong, "the body is null: it is a JSON object");
        }
        catch (JsonException wrong)
        {
            throw new RefusedDecisionException(Refusal.Wrong, $"the body is no such JSON object as /mdm/openapi.json describes: {Reason(wrong)}");
        }
    }

    /// <summary>A number of the query; what stands there else is refused.</summary>
    public static long Number(HttpRequest request, string name, long otherwise, long least, long most) => request.Query[name] is not [{ } text] ? otherwise
        : long.TryParse(text, out var number) && number >= least && number <= most ? number
        : throw new RefusedDecisionException(Refusal.Wrong, $"{name} is a number from {least} to {most}");

    /// <summary>A parameter of the query that there is none of is told, not left out.</summary>
    public static void Known(HttpRequest request, params string[] names)
    {
        if (request.Query.Keys.FirstOrDefault(k => !names.Contains(k)) is { } unknown) throw new RefusedDecisionException(Refusal.Wrong, $"there is no parameter '{unknown}'{NearestName.Hint(unknown, names)}");
    }

    /// <summary>What an endpoint throws becomes a problem that a program can read.</summary>
    public static async ValueTask<object?> ToProblemAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RefusedDecisionException refused)
        {
            if (refused.Why == Refusal.Busy) context.HttpContext.Response.Headers.RetryAfter = "30";
            return Results.Problem(refused.Message, statusCode: StatusOf(refused.Why));
        }
        catch (BadHttpRequestException bad)
        {
            return Results.Problem(bad.Message, statusCode: bad.StatusCode);
        }
        catch (PostgresException odd) when (odd.SqlState is PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter)
        {
            return Results.Problem("a text holds a character that cannot be stored, such as NUL", statusCode: 400);
        }
        catch (NpgsqlException away) when (away.IsTransient)
        {
            context.HttpContext.Response.Headers.RetryAfter = "5";
            return Results.Problem("the store does not answer: try again", statusCode: 503);
        }
    }

    static int StatusOf(Refusal why) => why switch
    {
        Refusal.Wrong => 400,
        Refusal.Missing => 404,
        Refusal.Contradiction => 409,
        Refusal.TooLarge => 422,
        _ => 503,
    };

    // What stands before the place is System.Text.Json's own; it quotes names of members, never values.
    static string Reason(JsonException wrong) => wrong.Path is { Length: > 1 } path ? $"wrong at {path}" : wrong.LineNumber is { } line ? $"wrong in line {line + 1}" : "a member is missing or too many";

    sealed class CanonicalConverter : JsonConverter<CanonicalObject>
    {
        public override CanonicalObject Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new JsonException();

        public override void Write(Utf8JsonWriter writer, CanonicalObject value, JsonSerializerOptions options) =>
            JsonSerializer.SerializeToNode(value, value.GetType(), CanonicalJson.Default)!.WriteTo(writer);
    }
}
