namespace CdcSync.Capture.Debezium;

/// <summary>What flattened deletes become; Debezium's <c>delete.tombstone.handling.mode</c>.</summary>
public enum FlatDeletes
{
    /// <summary>Nothing of a delete is published.</summary>
    Drop,

    /// <summary>A tombstone.</summary>
    Tombstone,

    /// <summary>The old row with <c>__deleted</c>.</summary>
    Rewrite,

    /// <summary>The old row with <c>__deleted</c>, and a tombstone.</summary>
    RewriteWithTombstone,

    /// <summary>The delete as a tombstone; the tombstone that followed it is left out.</summary>
    DeleteToTombstone,
}

/// <summary>Rows in place of envelopes.</summary>
public sealed record FlatRows
{
    /// <summary>What becomes of deletes. Default tombstone.</summary>
    public FlatDeletes Deletes { get; init; } = FlatDeletes.Tombstone;

    /// <summary>Fields of the envelope to add: <c>op</c>, <c>table</c>, <c>source.ts_ms</c>, <c>lsn:position</c> (with a name of its own).</summary>
    public IReadOnlyList<string> AddFields { get; init; } = [];

    /// <summary>Before the names of added fields. Default <c>__</c>.</summary>
    public string FieldPrefix { get; init; } = "__";

    /// <summary>Fields of the envelope to add as headers.</summary>
    public IReadOnlyList<string> AddHeaders { get; init; } = [];

    /// <summary>Before the names of added headers. Default <c>__</c>.</summary>
    public string HeaderPrefix { get; init; } = "__";

    /// <summary>A column whose text is the topic.</summary>
    public string? RouteByField { get; init; }
}

/// <summary>What becomes of an update of an outbox row.</summary>
public enum OutboxUpdates
{
    /// <summary>A warning; nothing is published.</summary>
    Warn,

    /// <summary>The source stops.</summary>
    Fatal,
}

/// <summary>Where an outbox column goes.</summary>
public enum OutboxPlace
{
    /// <summary>A header.</summary>
    Header,

    /// <summary>A field of the value, beside <c>payload</c>.</summary>
    Envelope,
}

/// <summary>A further column of outbox rows.</summary>
public sealed record OutboxColumn
{
    /// <summary>The column.</summary>
    public required string Column { get; init; }

    /// <summary>Where it goes. Default header.</summary>
    public OutboxPlace Place { get; init; }

    /// <summary>What it is called there. Default as the column.</summary>
    public string? As { get; init; }
}

/// <summary>Outbox tables and their columns.</summary>
public sealed record OutboxRules
{
    /// <summary>Regular expressions for <c>schema.table</c>.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <summary>The event's id, published as header <c>id</c>. Default <c>id</c>.</summary>
    public string Id { get; init; } = "id";

    /// <summary>The record's key. Default <c>aggregateid</c>.</summary>
    public string Key { get; init; } = "aggregateid";

    /// <summary>The event. Default <c>payload</c>.</summary>
    public string Payload { get; init; } = "payload";

    /// <summary>The record's time; default when it was published.</summary>
    public string? Timestamp { get; init; }

    /// <summary>The column that decides the topic. Default <c>aggregatetype</c>.</summary>
    public string RouteBy { get; init; } = "aggregatetype";

    /// <summary>Regular expression for its value. Default all of it, as group <c>routedByValue</c>.</summary>
    public string RouteMatch { get; init; } = "(?<routedByValue>.*)";

    /// <summary>The topic. Default <c>outbox.event.${routedByValue}</c>.</summary>
    public string Topic { get; init; } = "outbox.event.${routedByValue}";

    /// <summary>Further columns.</summary>
    public IReadOnlyList<OutboxColumn> Columns { get; init; } = [];

    /// <summary>Publish an empty payload as a tombstone. Default false.</summary>
    public bool TombstoneOnEmpty { get; init; }

    /// <summary>JSON text as the structure it holds. Default false.</summary>
    public bool ExpandJson { get; init; }

    /// <summary>What an update does. Default warn.</summary>
    public OutboxUpdates Updates { get; init; }
}
