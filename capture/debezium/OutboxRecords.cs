using System.Buffers;
using System.Text;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Debezium;

/// <summary>Opens a part of a record under a topic.</summary>
delegate Task<RecordPart> PartOpener(string topic, bool isKey, ConnectSchema schema, CancellationToken stop);

/// <summary>Rows of an outbox table as the events they hold: Debezium's EventRouter.</summary>
sealed class OutboxRecords : RowRecords
{
    sealed record Parts(RecordPart Key, RecordPart Value);

    readonly OutboxRules _rules;
    readonly PartOpener _open;
    readonly string _table, _schemaName;
    readonly ILogger _log;
    readonly (int Ordinal, ConnectField Field) _id, _key, _payload, _route;
    readonly (int Ordinal, ConnectField Field)? _timestamp;
    readonly List<(int Ordinal, ConnectField Field, OutboxColumn Column)> _columns;
    readonly Dictionary<(string Topic, string Routed), Parts> _parts = [];
    Parts? _next;
    string _topic = "";
    string? _named;   // the first event's type names the schema of all, as in Debezium

    public OutboxRecords(string table, string schemaName, RowWriter row, PartOpener open, RecordContext context, ILogger log) : base(row, context)
    {
        (_table, _schemaName, _open, _log, _rules) = (table, schemaName, open, log, context.Settings.Outbox!);
        (_id, _key, _payload, _route) = (Find(_rules.Id), Find(_rules.Key), Find(_rules.Payload), Find(_rules.RouteBy));
        _timestamp = _rules.Timestamp is { } time ? Find(time) : null;
        _columns = [.. _rules.Columns.Select(c => (Find(c.Column).Ordinal, Find(c.Column).Field, c))];
    }

    (int Ordinal, ConnectField Field) Find(string column) => Row.Find(column, out var field) is >= 0 and var ordinal ? (ordinal, field!)
        : throw new SourceException($"The outbox {_table} has no column '{column}' that can be published: name it under 'outbox' of the source's records");

    IEnumerable<(int Ordinal, ConnectField Field, OutboxColumn Column)> Beside => _columns.Where(c => c.Column.Place == OutboxPlace.Envelope);

    public override async ValueTask PrepareAsync(Change change, CancellationToken stop)
    {
        if (change.After.Cells.IsEmpty || change.Operation == Operation.Update) return;
        var routed = Text(_route, change.After.Cells.Span) ?? "";
        _topic = Patterns.Replace(_rules.RouteMatch, routed, _rules.Topic) is { } topic ? AvroNames.Topic(topic) : routed;
        var payload = ExpandedPayload(change.After.Cells.Span)?.Schema ?? _payload.Field.Schema;
        if (_rules.ExpandJson || !_parts.TryGetValue((_topic, routed), out _next))
            _parts[(_topic, routed)] = _next = new Parts(await _open(_topic, true, _key.Field.Schema, stop), await _open(_topic, false, ValueSchema(payload, routed), stop));
    }

    ConnectSchema ValueSchema(ConnectSchema payload, string routed) => !Beside.Any() ? payload
        : ConnectSchema.Struct($"{_schemaName}.{_named ??= routed}.Value", null, [new("payload", payload), .. Beside.Select(c => new ConnectField(c.Column.As ?? c.Column.Column, c.Field.Schema))]);

    public override bool Write(in Change change, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, LogBatch output)
    {
        if (change.Operation == Operation.Update)
        {
            if (_rules.Updates == OutboxUpdates.Fatal) throw new SourceException($"A row of the outbox {_table} was updated, and 'outbox.updates' says that this must not be");
            Log.OutboxUpdated(_log, _table);
            return false;
        }
        if (change.After.Cells.IsEmpty) return false;
        var image = change.After.Cells.Span;
        var all = new List<KeyValuePair<string, byte[]?>>(headers) { new("id", Header(_id, image)) };
        foreach (var (ordinal, field, column) in _columns.Where(c => c.Column.Place == OutboxPlace.Header)) all.Add(new(column.As ?? column.Column, Header((ordinal, field), image)));
        output.Begin(_topic, Time(image), headers: all);
        var open = _next!.Key.Open(output);
        Row.WriteField(_key.Ordinal, image, open);
        _next.Key.Close(output);
        var empty = string.IsNullOrWhiteSpace(Text(_payload, image));
        if (empty && (_rules.TombstoneOnEmpty || (!Beside.Any() && Context.Settings.Format != RecordFormat.Json)))
        {
            output.BeginValue(nullValue: true);
            return true;
        }
        output.BeginValue();
        open = _next.Value.Open(output);
        if (ExpandedPayload(image) is { } expanded) open.Write(expanded.Avro);
        else Row.WriteField(_payload.Ordinal, image, open);
        foreach (var (ordinal, _, _) in Beside) Row.WriteField(ordinal, image, open);
        _next.Value.Close(output);
        return true;
    }

    (ConnectSchema Schema, byte[] Avro)? ExpandedPayload(ReadOnlySpan<byte> image) =>
        _rules.ExpandJson && Text(_payload, image) is { } text && text.AsSpan().TrimStart() is ['{' or '[', ..] ? ExpandedJson.Of(text) : null;

    long Time(ReadOnlySpan<byte> image)
    {
        if (_timestamp is not { } place || Text(place, image) is not { } text || !long.TryParse(text, out var value)) return Context.Millis;
        return place.Field.Schema.Name switch
        {
            "io.debezium.time.MicroTimestamp" => value / 1000,
            "io.debezium.time.NanoTimestamp" => value / 1_000_000,
            _ => value,
        };
    }

    string? Text((int Ordinal, ConnectField Field) place, ReadOnlySpan<byte> image) => Header(place, image) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    byte[]? Header((int Ordinal, ConnectField Field) place, ReadOnlySpan<byte> image)
    {
        var output = new LogBatch();
        output.Begin("", 0);
        Row.WriteField(place.Ordinal, image, output);
        output.BeginValue();
        output.End();
        var avro = output.Key(output.Entries[0]).Span;
        return HeaderText.Of(place.Field.Schema, ref avro);
    }

    public override void Tombstone(in Change change, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, LogBatch output)
    {
        // Deletes of events that were sent say nothing.
    }
}
