using System.Buffers;
using System.Buffers.Binary;
using CdcSync.Contract.Avro;
using CdcSync.EventLog;
using CdcSync.EventLog.Registry;

namespace CdcSync.Capture.Debezium;

/// <summary>A record's key or value on its way through a converter: open, write the Avro form, close.</summary>
sealed class RecordPart
{
    readonly LogBatch _scratch;
    readonly ConnectSchema _schema;
    readonly RecordFormat _format;
    readonly byte[] _before;
    readonly bool _numbers;

    RecordPart(RecordFormat format, ConnectSchema schema, byte[] before, bool numbers) =>
        (_format, _schema, _before, _numbers, _scratch) = (format, schema, before, numbers, format == RecordFormat.Avro ? null! : new LogBatch());

    /// <summary>Registers the schema where the format asks for it.</summary>
    /// <exception cref="SourceException">The format cannot say such values.</exception>
    public static async Task<RecordPart> OpenAsync(string subject, ConnectSchema schema, RecordFormat format, bool numbers, ISchemaRegistry registry, CancellationToken stop)
    {
        switch (format)
        {
            case RecordFormat.Avro:
                return new RecordPart(format, schema, Frame(await registry.RegisterAsync(subject, new RegisteredSchema(ConnectAvro.Text(schema)), stop)), numbers);
            case RecordFormat.Json:
                return new RecordPart(format, schema, AvroForm.Of(output =>
                {
                    output.Write("{\"schema\":"u8);
                    new ConnectJson(output).Schema(schema);
                    output.Write(",\"payload\":"u8);
                }), numbers);
            case RecordFormat.Text when schema.Kind is not (ConnectKind.String or ConnectKind.Bytes):
                throw new SourceException($"{subject} is no text: set 'format' or 'key_format' of the source's records to avro or json");
            default:
                return new RecordPart(format, schema, [], numbers);
        }
    }

    /// <summary>Where the Avro form goes until it is closed.</summary>
    public LogBatch Open(LogBatch output)
    {
        if (_format == RecordFormat.Avro)
        {
            output.Write(_before);
            return output;
        }
        _scratch.Clear();
        _scratch.Begin("", 0);
        return _scratch;
    }

    /// <summary>Converts what was written.</summary>
    public void Close(LogBatch output)
    {
        if (_format == RecordFormat.Avro) return;
        _scratch.BeginValue();
        _scratch.End();
        var avro = _scratch.Key(_scratch.Entries[0]).Span;
        if (_format == RecordFormat.Text)
        {
            if (!_schema.Optional || AvroForm.IsPresent(_schema, ref avro)) output.Write(AvroForm.Bytes(ref avro));
            return;
        }
        output.Write(_before);
        new ConnectJson(output, numbers: _numbers).Value(_schema, ref avro);
        if (_format == RecordFormat.Json) output.Write("}"u8);
    }

    static byte[] Frame(int schema)
    {
        var frame = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), schema);
        return frame;
    }
}
