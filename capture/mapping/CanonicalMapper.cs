using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Mapping;

/// <summary>
/// Turns a source's changed rows into canonical records: finds the keys a batch touches, reads each mapping's objects once, together, on a second connection, and writes
/// them with the batch's end as their version. A key that returns no row is a delete.
/// </summary>
public sealed class CanonicalMapper : ICanonicalMapper, IAsyncDisposable
{
    /// <summary>Where objects go that cannot be made: a JSON value with object, key, version and reason.</summary>
    public const string DeadLetterTopic = "deadletter.canonical";

    const int SnapshotObjects = 1000, SnapshotBytes = 1 << 20;
    readonly string _source;
    readonly ObjectMapping[] _mappings;
    readonly IMappingQueries _queries;
    readonly CanonicalRecords _records;
    readonly ILogger _logger;

    /// <param name="source">Name of the source.</param>
    /// <param name="queries">Runs their SQL there; disposed with the mapper.</param>
    /// <param name="settings">All mappings; those of other sources are left out.</param>
    /// <param name="records">Writes the records.</param>
    /// <param name="logger">Says what happens.</param>
    internal CanonicalMapper(string source, IMappingQueries queries, IEnumerable<MappingSettings> settings, CanonicalRecords records, ILogger logger)
    {
        _source = source;
        _mappings = [.. settings.Where(m => m.Source == source).Select(m => new ObjectMapping(m, queries.DefaultSchema))];
        (_queries, _records, _logger) = (queries, records, logger);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Mappings => [.. _mappings.Select(m => m.Settings.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<string> MappingsOf(string table) => [.. _mappings.Where(m => m.Affected.Any(a => a.Table == table)).Select(m => m.Settings.Name)];

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<(string Mapping, string Reason)>> MapAsync(ChangeBatch batch, IReadOnlySet<string> skip, LogBatch output, CancellationToken stop)
    {
        List<(string, string)>? failed = null;
        var visible = false;
        foreach (var mapping in _mappings)
        {
            if (skip.Contains(mapping.Settings.Name)) continue;
            try
            {
                var affected = new AffectedKeys(mapping);
                for (var i = 0; i < batch.Count; i++) await NoteAsync(mapping, batch[i], batch.End, affected, output, stop);
                if (affected.IsEmpty) continue;
                if (!visible) await _queries.WaitUntilVisibleAsync(batch, stop);
                visible = true;
                await WriteAffectedAsync(mapping, affected, output, stop);
            }
            catch (MappingException stopped)
            {
                // What it wrote of this batch is right as far as it goes; the rest comes when it reads everything again.
                (failed ??= []).Add((mapping.Settings.Name, stopped.Message));
            }
        }
        return failed ?? (IReadOnlyList<(string, string)>)[];
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<int> SnapshotAsync(string mapping, SourcePosition at, IEventLog log, LogBatch output, [EnumeratorCancellation] CancellationToken stop)
    {
        var chosen = Find(mapping);
        await _queries.ProbeAsync(chosen, stop);
        var cause = new Cause(at, DateTimeOffset.UtcNow, $"{_source}:snapshot");
        var published = await PublishedObjects.FindAsync(log, chosen, stop);
        var waiting = 0;
        await foreach (var row in _queries.ReadAllAsync(chosen, ordered: false, stop))
        {
            published?.IsThere(row.Id);
            await WriteAsync(chosen, row, cause, output, stop);
            if (++waiting < SnapshotObjects && output.Bytes < SnapshotBytes) continue;
            yield return waiting;
            waiting = 0;
        }
        // Deleted while nobody looked: no change will ever tell.
        foreach (var id in published is null ? [] : await published.GoneAsync(log, _records, _logger, stop))
        {
            await _records.WriteDeleteAsync(output, chosen.Kind.Topic, new CanonicalKey(_source, id), cause.Version, cause.CommittedAt, cause.CorrelationId, stop);
            if (++waiting < SnapshotObjects) continue;
            yield return waiting;
            waiting = 0;
        }
        if (waiting > 0) yield return waiting;
    }

    /// <summary>The objects of a mapping as the source has them now, ordered by id, for reconciliation; those that cannot be made are left out and logged.</summary>
    /// <param name="mapping">A name of <see cref="Mappings"/>.</param>
    /// <param name="ids">Only these ids; null for all.</param>
    /// <param name="stop">Ends the reading.</param>
    public async IAsyncEnumerable<CanonicalObject> ReadAsync(string mapping, IReadOnlyCollection<string>? ids, [EnumeratorCancellation] CancellationToken stop)
    {
        var chosen = Find(mapping);
        var cause = new Cause(SourcePosition.Start, DateTimeOffset.UtcNow, $"{_source}:read");
        var rows = ids is null ? _queries.ReadAllAsync(chosen, ordered: true, stop)
            : _queries.ReadKeysAsync(chosen, [.. ids.Select(i => i.Split('|')).Where(k => k.Length == chosen.KeyColumns.Count)], stop).OrderBy(r => r.Id, StringComparer.Ordinal);
        await foreach (var row in rows)
        {
            CanonicalObject? made = null;
            try
            {
                made = ObjectBuilder.Build(chosen, row, cause);
            }
            catch (FormatException wrong)
            {
                Log.ObjectNotMade(_logger, mapping, row.Id, wrong.Message);
            }
            if (made is not null) yield return made;
        }
    }

    /// <summary>Looks at everything the mappings need of the source, without changing anything.</summary>
    public Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop) => _queries.CheckAsync(_mappings, stop);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _queries.DisposeAsync();

    ObjectMapping Find(string name) => Array.Find(_mappings, m => m.Settings.Name == name) ?? throw new MappingException(name, $"source {_source} has no such mapping");

    async ValueTask NoteAsync(ObjectMapping mapping, Change change, SourcePosition end, AffectedKeys affected, LogBatch output, CancellationToken stop)
    {
        if (change.Operation == Operation.Read) return;   // the mapping's own snapshot reads these
        foreach (var table in mapping.Affected)
        {
            if (table.Table != change.Table.FullName) continue;
            if (change.Operation == Operation.Truncate)
            {
                Log.Truncated(_logger, mapping.Settings.Name, change.Table.FullName);
                continue;
            }
            var cause = new Cause(end, DateTimeOffset.UnixEpoch.AddMicroseconds(change.CommittedAt), $"{_source}:{change.Transaction}");
            if (mapping.Row.Count == 0 || change.Operation == Operation.Delete || HasUnchanged(change)) affected.Add(change, table, cause);
            else await WriteAsync(mapping, FromLog(mapping, change), cause with { Version = change.Position }, output, stop);
        }
    }

    static bool HasUnchanged(in Change change)
    {
        var rest = change.After.Cells;
        while (!rest.IsEmpty)
            if (RowImage.Next(ref rest, out _) == CellKind.Unchanged) return true;
        return false;
    }

    static MappedRow FromLog(ObjectMapping mapping, Change change)
    {
        object? Value(string column) => change.Table.Find(column) is var at and >= 0 ? change.After.Value(change.Table, at)
            : throw new MappingException(mapping.Settings.Name, $"table {change.Table.FullName} has no column '{column}' any more: change the mapping, or bring the column back");
        return RowFields.Convert(mapping, string.Join('|', mapping.KeyColumns.Select(k => CanonicalText.Of(Value(k)))), Value);
    }

    async Task WriteAffectedAsync(ObjectMapping mapping, AffectedKeys affected, LogBatch output, CancellationToken stop)
    {
        await affected.ResolveAsync(_queries, stop);
        var gone = new HashSet<string>(affected.Keys.Keys, StringComparer.Ordinal);
        await foreach (var row in _queries.ReadKeysAsync(mapping, [.. affected.Keys.Values], stop))
        {
            if (!gone.Remove(row.Id)) throw new MappingException(mapping.Settings.Name, $"the query returned the key {row.Id} twice, or one that was not asked for: it must give one row a key");
            await WriteAsync(mapping, row, affected.CauseOf(row.Id), output, stop);
        }
        foreach (var id in gone)
        {
            var cause = affected.CauseOf(id);
            await _records.WriteDeleteAsync(output, mapping.Kind.Topic, new CanonicalKey(_source, id), cause.Version, cause.CommittedAt, cause.CorrelationId, stop);
        }
    }

    async ValueTask WriteAsync(ObjectMapping mapping, MappedRow row, Cause cause, LogBatch output, CancellationToken stop)
    {
        try
        {
            await _records.WriteAsync(output, mapping.Kind.Topic, ObjectBuilder.Build(mapping, row, cause), stop);
        }
        catch (Exception wrong) when (wrong is FormatException or EventLogException { InnerException: AvroDataException })
        {
            Log.ObjectNotMade(_logger, mapping.Settings.Name, row.Id, wrong.Message);
            var letter = new JsonObject
            {
                ["object"] = mapping.Kind.Name, ["source"] = _source, ["source_id"] = row.Id, ["version"] = cause.Version.ToString(), ["reason"] = wrong.Message,
            };
            output.Add(DeadLetterTopic, JsonSerializer.SerializeToUtf8Bytes(new CanonicalKey(_source, row.Id), CanonicalJson.Default.CanonicalKey),
                JsonSerializer.SerializeToUtf8Bytes(letter), cause.CommittedAt.ToUnixTimeMilliseconds());
        }
    }
}
