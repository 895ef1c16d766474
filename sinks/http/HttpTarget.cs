using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;
using CdcSync.Contract.Settings;

namespace CdcSync.Sinks.Http;

/// <summary><c>kind: http</c>.</summary>
public sealed class HttpTargetType : ITargetType
{
    /// <inheritdoc/>
    public string Kind => "http";

    /// <inheritdoc/>
    public Type SettingsType => typeof(HttpSettings);

    /// <inheritdoc/>
    public void Check(object settings, IEnumerable<string> objects)
    {
        if (objects.FirstOrDefault(o => !((HttpSettings)settings).Objects.ContainsKey(o)) is { } missing)
            throw new SettingsException($"objects.{missing}", $"is missing: the sink takes {missing}, and its target is not told how");
    }

    /// <inheritdoc/>
    public ITarget Open(string name, object settings, TimeProvider clock) => new HttpTarget(name, (HttpSettings)settings, clock);
}

/// <summary>A target with a JSON API, as its settings declare it.</summary>
public sealed class HttpTarget(string name, HttpSettings settings, TimeProvider clock) : ITarget
{
    readonly HttpCaller _caller = new(name, settings, clock);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public TargetLimits LimitsOf(CanonicalKind kind) => new(Object(kind).Batch?.Max ?? 1, settings.MaxConcurrency, Object(kind).Repeatable);

    /// <inheritdoc/>
    public string? KeyOf(CanonicalKind kind, CanonicalKey key, CanonicalObject? value)
    {
        if (value is null) return null;
        var (declared, fields) = (Object(kind), CanonicalFields.Of(value));
        foreach (var (field, wanted) in declared.Where)
            if (CanonicalFields.Text(CanonicalFields.At(fields, field)) != wanted) return null;
        return TargetKeys.Join(declared.Key.Select(field => CanonicalFields.Text(CanonicalFields.At(fields, field)) is { Length: > 0 } part ? part
            : throw new FormatException($"{kind.Name} {key} has no '{field}', which is part of its key at {name}")));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Outcome>> DeliverAsync(CanonicalKind kind, IReadOnlyList<Parcel> batch, CancellationToken stop)
    {
        var declared = Object(kind);
        if (batch.Count > 1 && batch[0].Object is not null && declared.Batch is not null) return await BatchAsync(declared, batch, stop);
        return await Task.WhenAll(batch.Select(p => OneAsync(declared, p, stop)));
    }

    /// <inheritdoc/>
    public async Task<LookUp> FindAsync(CanonicalKind kind, Parcel parcel, CancellationToken stop)
    {
        var declared = Object(kind);
        if (declared.LookUp is not { } lookUp) return new LookUp(null);
        var fields = new Fields(name, declared, parcel);
        var answer = await _caller.CallAsync(HttpMethod.Get, Template.Path(lookUp.Path, fields.Find), null, fields.Find, declared.Statuses, stop);
        if (answer.Status is 404 or 410) return new LookUp(false);
        if (answer.Outcome.Class != OutcomeClass.Done) return new LookUp(null, Doubt: answer.Outcome);
        var found = answer.Body is { } body ? CanonicalFields.At(body, lookUp.Items) : null;
        if (found is { ValueKind: JsonValueKind.Array } list) found = list.GetArrayLength() > 0 ? list[0] : null;
        return found is null ? new LookUp(false) : new LookUp(true, CanonicalFields.Text(CanonicalFields.At(found.Value, lookUp.Id)));
    }

    /// <inheritdoc/>
    public ComparedRow? Project(CanonicalKind kind, CanonicalObject value)
    {
        if (KeyOf(kind, value.Key, value) is not { } key) return null;
        var fields = CanonicalFields.Of(value);
        return new ComparedRow(key, ReadOf(kind).Fields.Keys.ToDictionary(f => f, f => CanonicalFields.Text(CanonicalFields.At(fields, f))), value.Key);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ComparedRow> ReadAsync(CanonicalKind kind, IReadOnlyCollection<string>? keys, CancellationToken stop) =>
        new HttpReadBack(_caller, kind, Object(kind), ReadOf(kind)).ReadAsync(keys, stop);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _caller.Dispose();
        return ValueTask.CompletedTask;
    }

    HttpObject Object(CanonicalKind kind) => settings.Objects.TryGetValue(kind.Name, out var declared) ? declared
        : throw new SettingsException($"objects.{kind.Name}", $"is missing: the sink takes {kind.Name}, and {name} is not told how");

    HttpRead ReadOf(CanonicalKind kind) => Object(kind).Read
        ?? throw new SettingsException($"objects.{kind.Name}.read", $"is missing: to compare {kind.Name}, {name} must be told how it is read back");

    async Task<Outcome> OneAsync(HttpObject declared, Parcel parcel, CancellationToken stop)
    {
        var fields = new Fields(name, declared, parcel);
        var (call, method) = parcel switch
        {
            { Object: null } => (declared.Delete, "DELETE"),
            { Exists: true } when !declared.Repeatable => (declared.Update, "PUT"),
            { Exists: true } => (declared.Update ?? declared.Upsert, "PUT"),
            _ => (declared.Upsert, declared.Repeatable ? "PUT" : "POST"),
        };
        if (call is null && parcel.Object is null && declared.IgnoreDeletes) return Outcome.Done;
        if (call is null)
            return new Outcome(OutcomeClass.Refused, parcel.Object is null ? $"{name} declares no 'delete' for {parcel.Kind.Name}" : $"{name} has this {parcel.Kind.Name}, and declares no 'update' to change it");
        try
        {
            var body = call.Body is null ? null : Template.Bytes(Template.Tree(call.Body, fields.Find));
            var answer = await _caller.CallAsync(new HttpMethod(call.Method ?? method), Template.Path(call.Path, fields.Find), body, fields.Find, declared.Statuses, stop);
            if (answer.Gone && parcel.Object is null) return Outcome.Done;
            var id = declared.Id is { } path && answer.Body is { } content ? CanonicalFields.Text(CanonicalFields.At(content, path)) : null;
            return answer.Outcome with { TargetId = id };
        }
        catch (FormatException wrong)
        {
            return new Outcome(OutcomeClass.Refused, wrong.Message);
        }
    }

    async Task<IReadOnlyList<Outcome>> BatchAsync(HttpObject declared, IReadOnlyList<Parcel> batch, CancellationToken stop)
    {
        var form = declared.Batch!;
        var each = batch.Select(p => new Fields(name, declared, p)).ToList();
        var items = new JsonArray([.. each.Select(f => Template.Tree(form.Item ?? declared.Upsert.Body, f.Find))]);
        var list = JsonSerializer.SerializeToElement(items);
        var key = string.Join('\n', each.Select(f => f.IdempotencyKey));
        JsonElement? Find(string path) => path switch { "items" => list, "idempotency_key" => JsonSerializer.SerializeToElement(HttpCaller.Hash(key)), _ => null };
        var body = Template.Bytes(form.Body is null ? items : Template.Tree(form.Body, Find));
        var answer = await _caller.CallAsync(new HttpMethod(form.Method), form.Path, body, Find, declared.Statuses, stop);
        if (answer.Outcome.Class != OutcomeClass.Done) return [.. batch.Select(_ => answer.Outcome with { OfWholeCall = answer.Status is not null })];
        if (form.Results is not { } path) return [.. batch.Select(_ => Outcome.Done)];
        var results = answer.Body is { } content ? CanonicalFields.At(content, path) : null;
        if (results is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() != batch.Count)
            return [.. batch.Select(_ => new Outcome(OutcomeClass.Ambiguous, $"the answer has not one result a record at '{path}'"))];
        return [.. array.EnumerateArray().Select(result => OfItem(result, form, declared.Statuses))];
    }

    static Outcome OfItem(JsonElement result, HttpBatch form, HttpStatuses statuses)
    {
        var status = CanonicalFields.Text(CanonicalFields.At(result, form.Status));
        if (string.Equals(status, "ok", StringComparison.OrdinalIgnoreCase)) return Outcome.Done;
        var reason = CanonicalFields.Text(CanonicalFields.At(result, form.Reason));
        if (!int.TryParse(status, out var code)) return new Outcome(OutcomeClass.Refused, reason ?? $"status '{status}'");
        return HttpMeaning.Of(code, statuses) is OutcomeClass.Done ? Outcome.Done : new Outcome(HttpMeaning.Of(code, statuses), $"{code}: {reason}");
    }
}
