using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CdcSync.EventLog.Registry;

/// <summary>What a client of the REST API asks.</summary>
sealed class RegistryRequest(HttpContext http, RegistryServerSettings settings)
{
    public CancellationToken Stop => http.RequestAborted;

    /// <summary>The subject in the path.</summary>
    /// <exception cref="SchemaRegistryException">42208.</exception>
    public string Subject => SubjectName.Check(Segment("subject"));

    public VersionName Version => VersionName.Parse(Segment("version"));

    public int Id => int.TryParse(Segment("id"), out var id) ? id : throw new SchemaRegistryException(404, "HTTP 404 Not Found");

    public bool Flag(string name) => "true".Equals(http.Request.Query[name], StringComparison.OrdinalIgnoreCase);

    public string Text(string name) => http.Request.Query[name].ToString();

    /// <summary>Which versions a listing shows, by <c>deleted</c> and <c>deletedOnly</c>.</summary>
    public Shown Shown => Flag("deletedOnly") ? Shown.Deleted : Flag("deleted") ? Shown.All : Shown.Alive;

    /// <summary>The page asked for with <c>offset</c> and <c>limit</c>; all when they are not there.</summary>
    public IEnumerable<T> Page<T>(IEnumerable<T> all)
    {
        var limit = Number("limit", -1);
        var rest = all.Skip(Math.Max(0, Number("offset", 0)));
        return limit < 0 ? rest : rest.Take(limit);
    }

    /// <exception cref="SchemaRegistryException">400 no JSON, 422 not what is expected, 42209 too large.</exception>
    public async Task<T> BodyAsync<T>(JsonTypeInfo<T> type) where T : RegistryBody
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = settings.MaxRequestBytes;
        try
        {
            var body = await JsonSerializer.DeserializeAsync(http.Request.Body, type, Stop) ?? throw new SchemaRegistryException(422, "The request has no body; it takes a JSON object");
            return body.Unknown is { Count: > 0 } unknown && !AcceptsUnknown ? throw new SchemaRegistryException(422, $"Unrecognized field: {unknown.Keys.First()}") : body;
        }
        catch (JsonException wrong)
        {
            throw new SchemaRegistryException(400, $"The request is not the JSON expected: {wrong.Message}", wrong);
        }
        catch (BadHttpRequestException large) when (large.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw RegistryErrors.TooLarge(settings.MaxRequestBytes);
        }
    }

    /// <summary>Newer clients say so: what they send beside what an older registry knows may be passed over.</summary>
    bool AcceptsUnknown => "true".Equals(http.Request.Headers["Confluent-Accept-Unknown-Properties"], StringComparison.OrdinalIgnoreCase);

    int Number(string name, int otherwise) => int.TryParse(http.Request.Query[name], out var number) ? number : otherwise;

    /// <summary>A segment of the path, unescaped once. The server leaves <c>%2F</c> as it is, so that <c>%252F</c> looks the same: the raw target decides.</summary>
    string Segment(string name)
    {
        var value = (string)http.Request.RouteValues[name]!;
        if (!value.Contains("%2F", StringComparison.OrdinalIgnoreCase)) return value;
        var raw = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var segment = raw.Split('?')[0].Split('/').FirstOrDefault(s => AsServed(s).Equals(value, StringComparison.OrdinalIgnoreCase));
        return segment is null ? value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) : Uri.UnescapeDataString(segment);
    }

    static string AsServed(string segment) => Uri.UnescapeDataString(segment.Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase));
}
