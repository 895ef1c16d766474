using System.Runtime.CompilerServices;
using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;

namespace CdcSync.Sinks.Http;

/// <summary>A target's records read back page by page, or one by one, and put in the order of their keys.</summary>
internal sealed class HttpReadBack(HttpCaller caller, CanonicalKind kind, HttpObject declared, HttpRead read)
{
    public async IAsyncEnumerable<ComparedRow> ReadAsync(IReadOnlyCollection<string>? keys, [EnumeratorCancellation] CancellationToken stop)
    {
        // Targets list in orders of their own, so what is compared is held here to be sorted: memory grows with the list.
        var rows = new SortedDictionary<string, ComparedRow>(KeyOrder.Instance);
        if (keys is not null && read.One is { } one)
        {
            foreach (var key in keys)
                if (await OneAsync(one, key, stop) is { } row) rows[row.Key] = row;
        }
        else
        {
            var wanted = keys?.ToHashSet(StringComparer.Ordinal);
            await foreach (var item in AllAsync(stop))
                if (RowOf(item) is { } row && wanted?.Contains(row.Key) != false) rows[row.Key] = row;
        }
        foreach (var row in rows.Values) yield return row;
    }

    async Task<ComparedRow?> OneAsync(string template, string key, CancellationToken stop)
    {
        var parts = TargetKeys.Split(key);
        JsonElement? Part(string field) => declared.Key.ToList().IndexOf(field) is >= 0 and var at && at < parts.Count ? JsonSerializer.SerializeToElement(parts[at], TextJson.Default.String) : null;
        var answer = await GetAsync(Template.Path(template, Part), stop);
        return answer is null ? null : RowOf(answer.Value);
    }

    async IAsyncEnumerable<JsonElement> AllAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var (paging, cursor, page, before) = (read.Paging, (string?)null, read.Paging.First, (string?)null);
        for (var skip = 0; ;)
        {
            var place = paging.Kind switch { PagingKind.Page => Template.Number(page++), PagingKind.Offset => Template.Number(skip), PagingKind.Cursor => cursor, _ => null };
            var path = read.Path;
            if (paging.Kind != PagingKind.None) path += $"{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{paging.SizeParameter}={paging.Size}";
            if (place is not null) path += $"&{paging.Parameter}={Uri.EscapeDataString(place)}";
            if (await GetAsync(path, stop) is not { } answer || CanonicalFields.At(answer, read.Items) is not { ValueKind: JsonValueKind.Array } items)
                throw new HttpRequestException($"{path}: the answer has no list at '{read.Items}'; check 'read.items' of {kind.Name}");
            // A target that does not know the parameter answers with its first page for ever.
            var first = items.GetArrayLength() > 0 ? items[0].GetRawText() : null;
            if (first is not null && first == before)
                throw new HttpRequestException($"{path}: the page begins as the one before; check 'read.paging' of {kind.Name}: does the target take '{paging.Parameter}'?");
            before = first;
            foreach (var item in items.EnumerateArray()) yield return item;
            var got = items.GetArrayLength();
            skip += got;
            cursor = paging.Kind == PagingKind.Cursor ? CanonicalFields.Text(CanonicalFields.At(answer, paging.Next)) : null;
            if (paging.Kind == PagingKind.None || got == 0 || (paging.Kind == PagingKind.Cursor ? cursor is null : got < paging.Size)) yield break;
        }
    }

    // Reading is for a person who waits: it is tried again a few times, then it says why not.
    async Task<JsonElement?> GetAsync(string path, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await caller.CallAsync(HttpMethod.Get, path, null, _ => null, declared.Statuses, stop);
            if (answer.Outcome.Class == OutcomeClass.Done) return answer.Body;
            if (answer.Gone) return null;
            if (attempt == 8 || answer.Outcome.Class is OutcomeClass.Stop or OutcomeClass.Refused) throw new HttpRequestException($"Reading back {kind.Name} failed: {answer.Outcome.Reason}");
            var pause = answer.Outcome.RetryAfter is { } wanted && wanted < TimeSpan.FromSeconds(30) ? wanted : TimeSpan.FromMilliseconds(200 * attempt);
            await Task.Delay(pause, stop);
        }
    }

    ComparedRow? RowOf(JsonElement item)
    {
        var key = read.Key.Select(path => CanonicalFields.Text(CanonicalFields.At(item, path))).ToList();
        if (key.Exists(part => part is null)) return null;
        return new ComparedRow(TargetKeys.Join(key!), read.Fields.ToDictionary(f => f.Key, f => CanonicalFields.Text(CanonicalFields.At(item, f.Value), CanonicalFields.TypeOf(kind, f.Key))));
    }
}
