using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog.Registry;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Debezium;

/// <summary>Compiles the settings, once a table, into what writes its records.</summary>
sealed class TableRecords(SourceSettings source, RecordSettings settings, IConnectorForm form, ISchemaRegistry registry, ILogger log)
{
    readonly ColumnRules _columns = new(settings, form.Types);
    readonly NameRules _names = new(settings);

    public IConnectorForm Form => form;

    public RecordSettings Settings => settings;

    public string Prefix => source.Prefix;

    /// <summary>The headers that Debezium puts on every record.</summary>
    public KeyValuePair<string, byte[]?>[] Headers { get; } = !settings.HasContextHeaders ? [] :
    [
        new("__debezium.context.connectorLogicalName", System.Text.Encoding.UTF8.GetBytes(source.Prefix)), new("__debezium.context.taskId", "0"u8.ToArray()),
        new("__debezium.context.connectorName", System.Text.Encoding.ASCII.GetBytes(form.Connector)), new("__debezium.context.runId", System.Text.Encoding.ASCII.GetBytes(Guid.CreateVersion7().ToString())),
    ];

    string Topic(params ReadOnlySpan<string> parts) => AvroNames.Topic(string.Join(settings.Topics.Delimiter, [Prefix, .. parts]));

    /// <summary>Where the records of a topic go.</summary>
    public string Routed(string topic) => RouteOf(AvroNames.Topic(topic)).Topic;

    /// <summary>Opens a key or value of a topic.</summary>
    public Task<RecordPart> PartAsync(string topic, bool isKey, ConnectSchema schema, CancellationToken stop)
    {
        var format = isKey ? settings.KeyFormat ?? settings.Format : settings.Format;
        return RecordPart.OpenAsync($"{topic}-{(isKey ? "key" : "value")}", schema, format, settings.JsonDecimalNumbers, registry, stop);
    }

    /// <summary>A table's rows, for what writes nothing.</summary>
    public RowWriter Row(Table table) => new(table, form.Key(table), settings, _columns, "", _names);

    /// <summary>A table's records.</summary>
    /// <exception cref="SourceException">Columns cannot be told apart, or a setting does not fit the table.</exception>
    public async Task<RowRecords> CompileAsync(Table table, RecordContext context, CancellationToken stop)
    {
        var parts = form.Topic(table);
        var (original, (topic, route)) = (Topic(parts), RouteOf(Topic(parts)));
        var naming = route is { RenameSchemas: true } ? topic : original;
        var row = new RowWriter(table, form.Key(table), settings, _columns, naming, _names);
        foreach (var unknown in row.LeftOut) Log.ColumnLeftOut(log, table.FullName, unknown.Name, unknown.TypeName);
        Distinct(table, row.Value);
        if (settings.Outbox is { } outbox && Patterns.Any(outbox.Tables, table.FullName))
            return new OutboxRecords(table.FullName, $"{Prefix}.{form.Collection(table)}", row, PartAsync, context, log);
        var key = await KeyAsync(row, topic, original, route, stop);
        var names = SourceNames.Of(topic, form.Database(table), table.Schema, table.Name);
        if (settings.Flatten is { } flat) return await FlatAsync(row, key, names, flat, context, stop);
        var envelope = EnvelopeRecords.Schema(_names.Schema($"{naming}.Envelope"), row.Value, form);
        return new EnvelopeRecords(row, key, await PartAsync(topic, false, envelope, stop), names, context);
    }

    async Task<FlatRecords> FlatAsync(RowWriter row, TableKey key, SourceNames names, FlatRows flat, RecordContext context, CancellationToken stop)
    {
        // Connect's converter shows a null of a schema together with the schema.
        var nothing = settings.Format != RecordFormat.Json || flat.Deletes != FlatDeletes.Tombstone ? null : AvroForm.Of(o =>
        {
            var json = new ConnectJson(o);
            System.Buffers.BuffersExtensions.Write(o, "{\"schema\":"u8);
            json.Schema(row.Value.AsOptional());
            System.Buffers.BuffersExtensions.Write(o, ",\"payload\":null}"u8);
        });
        return new FlatRecords(row, key, await PartAsync(key.Topic, false, FlatRecords.Schema(row.Value, flat, form), stop), nothing, names, context);
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
        foreach (var route in settings.Topics.Routes)
            if (Patterns.Replace(route.Match, topic, route.Topic) is { Length: > 0 } other) return (AvroNames.Topic(other), route);
        return (topic, null);
    }

    void Distinct(Table table, ConnectSchema row)
    {
        var isAvro = settings.Format == RecordFormat.Avro;
        var twice = row.Fields.GroupBy(f => isAvro ? AvroNames.Part(f.Name) : f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new SourceException($"{source.Name}: columns {string.Join(" and ", twice.Select(c => $"'{c.Name}'"))} of {table.FullName} would both be '{twice.Key}' in Avro. Rename one, or leave the table out with 'except_tables'");
    }

    /// <summary>The records of transactions.</summary>
    public async Task<TransactionRecords> TransactionsAsync(CancellationToken stop)
    {
        var topic = RouteOf(Topic(settings.Topics.Transaction)).Topic;
        return new TransactionRecords(topic, await PartAsync(topic, true, TransactionRecords.Key, stop), await PartAsync(topic, false, TransactionRecords.Value, stop), form);
    }

    /// <summary>The records of notifications.</summary>
    public async Task<NotificationRecords> NotificationsAsync(string topic, CancellationToken stop) =>
        new(topic, await PartAsync(topic, true, NotificationRecords.Key, stop), await PartAsync(topic, false, NotificationRecords.Value, stop));
}
