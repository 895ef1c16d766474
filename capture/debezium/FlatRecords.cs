using System.Buffers;
using System.Globalization;
using System.Text;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>A field of the envelope that a flattened record takes along: <c>op</c>, <c>source.ts_ms</c>, <c>lsn:position</c>.</summary>
sealed class EnvelopeField
{
    readonly ConnectSchema _block;
    readonly int _index;
    readonly string _struct, _field;

    public EnvelopeField(string reference, string prefix, IConnectorForm form)
    {
        var path = reference.Trim().Split(':')[0];
        (_struct, _field) = path.Split('.') is [var block, var inner] ? (block, inner) : (BlockOf(path), path);
        Name = NameOf(reference, prefix);
        _block = _struct switch
        {
            "source" => form.Source,
            "transaction" => TransactionTally.Block,
            _ => EnvelopeRecords.Schema("", ConnectSchema.Struct("", null), form),
        };
        _index = _block.Fields.Index().FirstOrDefault(f => f.Item.Name == _field, (-1, null!)).Index;
        if (_index < 0) throw new SourceException($"'{reference}' is no field of an envelope: use op, ts_ms, or one of source or transaction, in 'flatten' of the source's records");
        Schema = _block.Fields[_index].Schema with { Optional = true };
    }

    public string Name { get; }

    public ConnectSchema Schema { get; }

    /// <summary>What a field is called in the flattened record: <c>source.ts_ms</c> is <c>__source_ts_ms</c>, unless it is given a name of its own.</summary>
    public static string NameOf(string reference, string prefix) => reference.Trim().Split(':') switch
    {
        [_, var alias] => prefix + alias,
        _ => prefix + (reference.Trim().Split('.') is [var block, var inner] ? $"{block}_{inner}" : reference.Trim()),
    };

    static string BlockOf(string field) => field is "op" or "ts_ms" or "ts_us" or "ts_ns" ? "" : field is "id" or "total_order" or "data_collection_order" ? "transaction" : "source";

    /// <summary>Writes it, a union's index included.</summary>
    public void Write(SourceNames names, in Change change, RecordContext context, LogBatch scratch, LogBatch output)
    {
        scratch.Clear();
        scratch.Begin("", 0);
        if (_struct == "source") context.Form.WriteSource(names, change, scratch);
        else if (_struct == "transaction") context.Transaction.WriteBlock(change, scratch);
        else if (_field == "op") scratch.WriteString(((char)change.Operation).ToString());
        else SourceBlock.Present(scratch, _field switch { "ts_ms" => context.Millis, "ts_us" => context.Micros, _ => context.Nanos });
        scratch.BeginValue();
        scratch.End();
        ReadOnlySpan<byte> avro = scratch.Key(scratch.Entries[0]).Span;
        if (_block.Optional && !AvroForm.IsPresent(_block, ref avro))
        {
            output.WriteLong(0);
            return;
        }
        var schema = _block.Fields[_index].Schema;
        if (_struct.Length > 0)
            for (var i = 0; i < _index; i++) AvroForm.Skip(_block.Fields[i].Schema, ref avro);
        if (!schema.Optional || _field == "op") output.Write(Schema.Present);
        output.Write(_struct.Length > 0 ? AvroForm.Skip(schema, ref avro) : avro);
    }

    /// <summary>Its text, for a header; null for null.</summary>
    public byte[]? Text(SourceNames names, Change change, RecordContext context, LogBatch scratch)
    {
        ReadOnlySpan<byte> avro = AvroForm.Of(o => Write(names, change, context, scratch, o));
        return HeaderText.Of(Schema, ref avro);
    }
}

/// <summary>A value in a header, as Connect's SimpleHeaderConverter writes it.</summary>
static class HeaderText
{
    public static byte[]? Of(ConnectSchema schema, scoped ref ReadOnlySpan<byte> avro)
    {
        if (schema.Optional && !AvroForm.IsPresent(schema, ref avro)) return null;
        switch (schema.Kind)
        {
            case ConnectKind.String:
                return AvroForm.Bytes(ref avro).ToArray();
            case ConnectKind.Bytes when schema.Name != ConnectNames.Decimal:
                return Encoding.ASCII.GetBytes(Convert.ToBase64String(AvroForm.Bytes(ref avro)));
            default:
                var json = new LogBatch();
                json.Begin("", 0);
                new ConnectJson(json, numbers: true).Value(schema with { Optional = false }, ref avro);
                json.BeginValue();
                json.End();
                return json.Key(json.Entries[0]).ToArray();
        }
    }
}

/// <summary>Rows in place of envelopes: Debezium's ExtractNewRecordState.</summary>
sealed class FlatRecords : RowRecords
{
    readonly TableKey _key;
    readonly RecordPart _value;
    readonly byte[]? _nullValue;
    readonly SourceNames _names;
    readonly FlatRows _rules;
    readonly List<EnvelopeField> _fields, _headers;
    readonly LogBatch _scratch = new();
    readonly int _route;

    public FlatRecords(RowWriter row, TableKey key, RecordPart value, byte[]? nullValue, SourceNames names, RecordContext context) : base(row, context)
    {
        (_key, _value, _nullValue, _names, _rules) = (key, value, nullValue, names, context.Settings.Flatten!);
        _fields = Fields(_rules, context.Form);
        _headers = [.. _rules.AddHeaders.Select(f => new EnvelopeField(f, _rules.HeaderPrefix, context.Form))];
        _route = _rules.RouteByField is { } field ? row.Find(field, out _) : -1;
    }

    static List<EnvelopeField> Fields(FlatRows rules, IConnectorForm form) => [.. rules.AddFields.Select(f => new EnvelopeField(f, rules.FieldPrefix, form))];

    bool Rewrites => _rules.Deletes is FlatDeletes.Rewrite or FlatDeletes.RewriteWithTombstone;

    /// <summary>The records' schema.</summary>
    public static ConnectSchema Schema(ConnectSchema row, FlatRows rules, IConnectorForm form) => row with
    {
        Fields =
        [
            .. row.Fields,
            .. rules.Deletes is FlatDeletes.Rewrite or FlatDeletes.RewriteWithTombstone ? (ConnectField[])[new("__deleted", ConnectSchema.Of(ConnectKind.String).AsOptional())] : [],
            .. Fields(rules, form).Select(f => new ConnectField(f.Name, f.Schema)),
        ],
    };

    public override bool Write(in Change change, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, LogBatch output)
    {
        ReadOnlySpan<byte> before = change.Before.Cells.Span, after = change.After.Cells.Span;
        var image = after.IsEmpty ? before : after;
        if (image.IsEmpty || (after.IsEmpty && _rules.Deletes == FlatDeletes.Drop)) return false;
        headers = WithFields(change, headers);
        _key.Begin(Row, image, change.CommittedAt / 1000, headers, output, Topic(image));
        if (after.IsEmpty && !Rewrites)
        {
            output.BeginValue(nullValue: _nullValue is null);
            if (_nullValue is not null) output.Write(_nullValue);
            return true;
        }
        output.BeginValue();
        var open = _value.Open(output);
        Row.WriteRow(image, open);
        if (Rewrites)
        {
            open.WriteLong(1);
            open.WriteString(after.IsEmpty ? "true" : "false");
        }
        foreach (var field in _fields) field.Write(_names, change, Context, _scratch, open);
        _value.Close(output);
        return true;
    }

    IReadOnlyList<KeyValuePair<string, byte[]?>> WithFields(Change change, IReadOnlyList<KeyValuePair<string, byte[]?>> headers) => _headers.Count == 0 ? headers
        : [.. headers, .. _headers.Select(h => new KeyValuePair<string, byte[]?>(h.Name, h.Text(_names, change, Context, _scratch)))];

    string? Topic(ReadOnlySpan<byte> image)
    {
        if (_route < 0) return null;
        Row.Find(_rules.RouteByField!, out var field);
        _scratch.Clear();
        _scratch.Begin("", 0);
        Row.WriteField(_route, image, _scratch);
        _scratch.BeginValue();
        _scratch.End();
        var avro = _scratch.Key(_scratch.Entries[0]).Span;
        return HeaderText.Of(field!.Schema, ref avro) is { Length: > 0 } text ? AvroNames.Topic(Encoding.UTF8.GetString(text)) : null;
    }

    public override void Tombstone(in Change change, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, LogBatch output)
    {
        if (_rules.Deletes != FlatDeletes.RewriteWithTombstone) return;
        // The operation twice, as Debezium has it.
        headers = WithFields(change, headers);
        if (_headers.Find(h => h.Name == _rules.HeaderPrefix + "op") is { } op) headers = [.. headers, new(op.Name, "d"u8.ToArray())];
        _key.Begin(Row, change.Before.Cells.Span, change.CommittedAt / 1000, headers, output, Topic(change.Before.Cells.Span));
        output.BeginValue(nullValue: true);
        output.End();
    }
}
