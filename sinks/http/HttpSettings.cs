using System.Text.Json.Nodes;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;

namespace CdcSync.Sinks.Http;

/// <summary>A target with a JSON API over HTTP.</summary>
public sealed record HttpSettings
{
    /// <summary>Where it is: scheme, host, port and the part of the path that all calls share.</summary>
    public required Uri Url { get; init; }

    /// <summary>How we show who we are. Default: not at all.</summary>
    public HttpCredentials Auth { get; init; } = new();

    /// <summary>Headers of every call; values may hold <c>{fields}</c>, also <c>{version}</c> and <c>{idempotency_key}</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Header that carries the idempotency key (hash of target, object, key and version); empty sends none. Default Idempotency-Key.</summary>
    public string IdempotencyHeader { get; init; } = "Idempotency-Key";

    /// <summary>How long a call may take. Default 10s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls at a time for one object. Default 8.</summary>
    public int MaxConcurrency { get; init; } = 8;

    /// <summary>How it takes each object, by the object's name.</summary>
    public required IReadOnlyDictionary<string, HttpObject> Objects { get; init; }

    /// <summary>What must not stand in a log or a dead letter: credentials, and fixed headers, which often are some.</summary>
    internal IEnumerable<string> Secrets => Auth.Secrets.Concat(Headers.Values.Where(v => v.Length >= 8 && !v.Contains('{', StringComparison.Ordinal)));

    /// <summary>Checks what types alone do not.</summary>
    public void Validate()
    {
        if (Url.UserInfo.Length > 0) throw new SettingsException("url", "holds a user or password, which would be logged; write 'auth: { kind: basic, user: ..., password: ... }'");
        if (Url.Scheme is not ("http" or "https")) throw new SettingsException("url", $"'{Url.Scheme}' is no scheme we speak; use http or https");
        if (Timeout <= TimeSpan.Zero) throw new SettingsException("timeout", "must be more than nothing");
        if (MaxConcurrency < 1) throw new SettingsException("max_concurrency", "must be at least 1");
        Auth.Validate();
        foreach (var (name, settings) in Objects)
        {
            var kind = CanonicalCatalog.Find(name)
                ?? throw new SettingsException($"objects.{name}", $"there is no object '{name}'; known: {string.Join(", ", CanonicalCatalog.All.Select(k => k.Name))}");
            settings.Validate($"objects.{name}", kind);
        }
    }
}

/// <summary>How the target takes one object. Templates name the object's fields in braces: <c>/products/{number}</c>.</summary>
public sealed record HttpObject
{
    /// <summary>The fields that are the record's key at the target: <c>number</c>, or <c>[item_number, location_number]</c>.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>Only records whose fields have these values; null means absent. Others are removed at the target, where it has them.</summary>
    public IReadOnlyDictionary<string, string?> Where { get; init; } = new Dictionary<string, string?>();

    /// <summary>Creates it, or brings it to a state.</summary>
    public required HttpCall Upsert { get; init; }

    /// <summary>Changes one that is there, where that is another call. Default: as <see cref="Upsert"/>.</summary>
    public HttpCall? Update { get; init; }

    /// <summary>Removes it. Without it a delete becomes a dead letter, unless <see cref="IgnoreDeletes"/>.</summary>
    public HttpCall? Delete { get; init; }

    /// <summary>Deletes stop here on purpose. Default false.</summary>
    public bool IgnoreDeletes { get; init; }

    /// <summary>Upserts many at once.</summary>
    public HttpBatch? Batch { get; init; }

    /// <summary>The upsert may be repeated without harm, as PUT. False for a POST that makes a second one: then <see cref="LookUp"/> is needed. Default true.</summary>
    public bool Repeatable { get; init; } = true;

    /// <summary>Finds one by external reference before a doubtful create is repeated.</summary>
    public HttpLookUp? LookUp { get; init; }

    /// <summary>What answers mean, where it differs from custom.</summary>
    public HttpStatuses Statuses { get; init; } = new();

    /// <summary>Path to the id that the target gives, in the answer to a create: <c>id</c>.</summary>
    public string? Id { get; init; }

    /// <summary>How it is read back, for reconciliation.</summary>
    public HttpRead? Read { get; init; }

    IEnumerable<HttpCall> Calls => new[] { Upsert, Update, Delete }.OfType<HttpCall>();

    internal void Validate(string path, CanonicalKind kind)
    {
        if (Key.Count == 0) throw new SettingsException($"{path}.key", "names no field; say which fields are the key at the target");
        foreach (var field in Key.Concat(Where.Keys).Concat(Read?.Fields.Keys ?? []))
            if (!CanonicalFields.Has(kind, field)) throw new SettingsException(path, $"{kind.Name} has no field '{field}'; known: {string.Join(", ", CanonicalFields.NamesOf(kind))}");
        foreach (var field in Calls.SelectMany(c => Template.Names(c.Path).Concat(Template.Names(c.Body))).Concat(Template.Names(LookUp?.Path ?? "")).Where(f => !Fields.Extra.Contains(f)))
            if (!CanonicalFields.Has(kind, field.Split('.')[0]))
                throw new SettingsException(path, $"'{{{field}}}': {kind.Name} has no such field{NearestName.Hint(field, CanonicalFields.NamesOf(kind).Concat(Fields.Extra))}");
        if (!Repeatable && LookUp is null) throw new SettingsException($"{path}.look_up", "is missing: a create that must not happen twice is looked up after a doubtful answer");
        if (!Repeatable && Batch is not null) throw new SettingsException($"{path}.batch", "does not go with 'repeatable: false': which of a doubtful batch happened is not known");
        if (!Repeatable && Update is null && !kind.IsDocument) throw new SettingsException($"{path}.update", "is missing: say how one that is there is changed");
        if (Batch is { Max: < 1 }) throw new SettingsException($"{path}.batch.max", "must be at least 1");
        if (Read is { } read && read.Key.Count != Key.Count) throw new SettingsException($"{path}.read.key", $"names {read.Key.Count} fields, key names {Key.Count}; they correspond one by one");
    }
}

/// <summary>A call.</summary>
public sealed record HttpCall
{
    /// <summary>Method. Default PUT; DELETE where it stands for a delete.</summary>
    public string? Method { get; init; }

    /// <summary>Path and query with <c>{fields}</c>, which are escaped.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// JSON body as a tree. A text that is one field alone (<c>"{available}"</c>) becomes the field's value with its type; a field within text becomes text;
    /// <c>{each: "{lines}", item: ...}</c> becomes a list. Default: none.
    /// </summary>
    public JsonNode? Body { get; init; }
}

/// <summary>A call for many records.</summary>
public sealed record HttpBatch
{
    /// <summary>Method. Default POST.</summary>
    public string Method { get; init; } = "POST";

    /// <summary>Path and query.</summary>
    public required string Path { get; init; }

    /// <summary>The body; <c>"{items}"</c> is the list of records. Default: the list itself.</summary>
    public JsonNode? Body { get; init; }

    /// <summary>One record in the list. Default: the upsert's body.</summary>
    public JsonNode? Item { get; init; }

    /// <summary>Records a call. Default 100.</summary>
    public int Max { get; init; } = 100;

    /// <summary>Path to the list of results in the answer, one a record in their order; null when the answer is for all.</summary>
    public string? Results { get; init; }

    /// <summary>Path to a result's status: a number as HTTP's, or <c>ok</c>. Default status.</summary>
    public string Status { get; init; } = "status";

    /// <summary>Path to a result's reason. Default error.</summary>
    public string Reason { get; init; } = "error";
}

/// <summary>What statuses mean. Custom: 2xx done; 404 and 410 gone; 409 and 412 conflict; 429 throttled; 408, 425 and 5xx retry; 401, 403 and 407 stop; the rest refused.</summary>
public sealed record HttpStatuses
{
    /// <summary>Further statuses that mean done.</summary>
    public IReadOnlyList<int> Done { get; init; } = [];

    /// <summary>Further statuses that mean try again.</summary>
    public IReadOnlyList<int> Retry { get; init; } = [];

    /// <summary>Further statuses that mean this record is refused.</summary>
    public IReadOnlyList<int> Refused { get; init; } = [];

    /// <summary>Further statuses that mean somebody else changed it.</summary>
    public IReadOnlyList<int> Conflict { get; init; } = [];

    /// <summary>Further statuses that mean it is not there: done for a delete, refused otherwise.</summary>
    public IReadOnlyList<int> Gone { get; init; } = [];
}

/// <summary>Finds a record by external reference.</summary>
public sealed record HttpLookUp
{
    /// <summary>Path and query with <c>{fields}</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Path to the list of what was found; empty when the answer is the record itself.</summary>
    public string Items { get; init; } = "";

    /// <summary>Path to the id within a record. Default id.</summary>
    public string Id { get; init; } = "id";
}

/// <summary>How the target's records are read back.</summary>
public sealed record HttpRead
{
    /// <summary>Path and query of the list.</summary>
    public required string Path { get; init; }

    /// <summary>Path to the list in the answer; empty when the answer is the list.</summary>
    public string Items { get; init; } = "";

    /// <summary>Path of one record with <c>{fields}</c> of the key, for reading some again. Default: the whole list is read.</summary>
    public string? One { get; init; }

    /// <summary>The fields of the key in the target's record, in the order of the object's <c>key</c>.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>What is compared: canonical field to path in the target's record.</summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    /// <summary>How the list goes on.</summary>
    public HttpPaging Paging { get; init; } = new();
}

/// <summary>How a list goes on.</summary>
public sealed record HttpPaging
{
    /// <summary>Which way. Default none: one answer has all.</summary>
    public PagingKind Kind { get; init; }

    /// <summary>Query parameter for the page number, the offset or the cursor. Default page.</summary>
    public string Parameter { get; init; } = "page";

    /// <summary>Query parameter for the page's size. Default limit.</summary>
    public string SizeParameter { get; init; } = "limit";

    /// <summary>Records a page. Default 200.</summary>
    public int Size { get; init; } = 200;

    /// <summary>First page's number. Default 1.</summary>
    public int First { get; init; } = 1;

    /// <summary>Path to the next cursor in the answer. Default next.</summary>
    public string Next { get; init; } = "next";
}

/// <summary>Ways a list goes on.</summary>
public enum PagingKind
{
    /// <summary>One answer has all.</summary>
    None,

    /// <summary>By page number.</summary>
    Page,

    /// <summary>By how many to skip.</summary>
    Offset,

    /// <summary>By a cursor from the answer.</summary>
    Cursor,
}
