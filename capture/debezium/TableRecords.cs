using CdcSync.Capture.Postgres;
using CdcSync.Contract.Avro;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CdcSync.Capture.Debezium;

/// <summary>Compiles the settings, once a table, into what writes its records.</summary>
sealed class TableRecords(PostgresSettings settings, ISchemaRegistry registry, ILogger log)
{
    readonly RecordSettings _settings = settings.Records;
    readonly ColumnRules _columns = new(settings.Records);
    readonly NameRules _names = new(settings.Records);
    readonly string _database = new NpgsqlConnectionStringBuilder(settings.Connection) is { Database: { Length: > 0 } database } ? database : "postgres";

    /// <summary>The headers that Debezium puts on every record.</summary>
    public static KeyValuePair<string, byte[]?>[] ContextHeaders(string prefix) =>
    [
        new("__debezium.context.connectorLogicalName", System.Text.Encoding.UTF8.GetBytes(prefix)), new("__debezium.context.taskId", "0"u8.ToArray()),
        new("__debezium.context.connectorName", "postgresql"u8.ToArray()), new("__debezium.context.runId", System.Text.Encoding.ASCII.GetBytes(Guid.CreateVersion7().ToString())),
    ];

    string Topic(params ReadOnlySpan<string> parts) => AvroNames.Topic(string.Join(_settings.Topics.Delimiter, [settings.Prefix, .. parts]));

    /// <summary>Opens a key or value of a topic.</summary>
    public Task<RecordPart> PartAsync(string topic, bool isKey, ConnectSchema schema, CancellationToken stop)
    {
        var format = isKey ? _settings.KeyFormat ?? _settings.Format : _settings.Format;
        return RecordPart.OpenAsync($"{topic}-{(isKey ? "key" : "value")}", schema, format, _settings.JsonDecimalNumbers, registry, stop);
    }

    /// <summary>A table's records.</summary>
    /// <exception cref="SourceException">Columns cannot be told apart, or a setting does not fit the table.</exception>
    public async Task<RowRecords> CompileAsync(PostgresTable table, RecordContext context, CancellationToken stop)
    {
        var (original, (topic, route)) = (Topic(table.Schema, table.Name), RouteOf(Topic(table.Schema, table.Name)));
        var naming = route is { RenameSchemas: true } ? topic : original;
        var row = new RowWriter(table, _settings, _columns, naming, _names);
        foreach (var unknown in row.LeftOut) Log.ColumnLeftOut(log, table.FullName, unknown.Name, unknown.TypeName);
        Distinct(table, row.Value);
        if (_settings.Outbox is { } outbox && Patterns.Any(outbox.Tables, table.FullName))
            return new OutboxRecords(table.FullName, $"{settings.Prefix}.{table.FullName}", row, PartAsync, context, log);
        var key = await KeyAsync(row, topic, original, route, stop);
        var names = SourceNames.Of(topic, _database, table.Schema, table.Name);
        if (_settings.Flatten is { } flat) return await FlatAsync(row, key, names, flat, context, stop);
        var envelope = EnvelopeRecords.Schema(_names.Schema($"{naming}.Envelope"), row.Value);
        return new EnvelopeRecords(row, key, await PartAsync(topic, false, envelope, stop), names, context);
    }

    async Task<FlatRecords> FlatAsync(RowWriter row, TableKey key, SourceNames names, FlatRows flat, RecordContext context, CancellationToken stop)
    {
        // Connect's converter shows a null of a schema together with the schema.
        var nothing = _settings.Format != RecordFormat.Json || flat.Deletes != FlatDeletes.Tombstone ? null : AvroForm.Of(o =>
        {
            var json = new ConnectJson(o);
            System.Buffers.BuffersExtensions.Write(o, "{\"schema\":"u8);
            json.Schema(row.Value.AsOptional());
            System.Buffers.BuffersExtensions.Write(o, ",\"payload\":null}"u8);
        });
        return new FlatRecords(row, key, await PartAsync(key.Topic, false, FlatRecords.Schema(row.Value, flat), stop), nothing, names, context);
    }

    async Task<TableKey> KeyAsync(RowWriter row, string topic, string original, TopicRoute? route, CancellationToken stop)
    {
        if (row.Key is not { } schema) return new TableKey(topic, null, []);
        if (route?.KeyField is not { } field) return new TableKey(topic, await PartAsync(topic, true, schema, stop), []);
        var text = route.KeyFieldMatch is { } match && Patterns.Replace(match, original, route.KeyFieldValue ?? "") is { } replaced ? replaced : original;
        var with = schema with { Fields = [.. schema.Fields, new(field, ConnectSchema.Of(ConnectKind.String))] };
        return new TableKey(topic, await PartAsync(topic, true, with, stop), AvroForm.Of(o => o.WriteString(text)));
    }

    (string Topic, TopicRoute? Route) RouteOf(string topic)
    {
        foreach (var route in _settings.Topics.Routes)
            if (Patterns.Replace(route.Match, topic, route.Topic) is { Length: > 0 } other) return (AvroNames.Topic(other), route);
        return (topic, null);
    }

    void Distinct(PostgresTable table, ConnectSchema row)
    {
        var isAvro = _settings.Format == RecordFormat.Avro;
        var twice = row.Fields.GroupBy(f => isAvro ? AvroNames.Part(f.Name) : f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new SourceException($"{settings.Name}: columns {string.Join(" and ", twice.Select(c => $"'{c.Name}'"))} of {table.FullName} would both be '{twice.Key}' in Avro. Rename one, or leave the table out with 'except_tables'");
    }

    /// <summary>The records of transactions.</summary>
    public async Task<TransactionRecords> TransactionsAsync(CancellationToken stop)
    {
        var topic = RouteOf(Topic(_settings.Topics.Transaction)).Topic;
        return new TransactionRecords(topic, await PartAsync(topic, true, TransactionRecords.Key, stop), await PartAsync(topic, false, TransactionRecords.Value, stop));
    }

    /// <summary>The records of logical messages.</summary>
    public async Task<MessageRecords> MessagesAsync(RecordContext context, CancellationToken stop)
    {
        var topic = RouteOf(AvroNames.Topic($"{settings.Prefix}.message")).Topic;
        return new MessageRecords(topic, await PartAsync(topic, true, MessageRecords.Key, stop), await PartAsync(topic, false, MessageRecords.Value, stop), SourceNames.Of(topic, _database, "", ""), context);
    }
}
