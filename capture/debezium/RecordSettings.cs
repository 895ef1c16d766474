using System.Text.RegularExpressions;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Debezium;

/// <summary>How keys and values are written.</summary>
public enum RecordFormat
{
    /// <summary>Confluent's wire format with Confluent's mapping of Connect schemas.</summary>
    Avro,

    /// <summary>Kafka Connect's JSON with the schema in each record.</summary>
    Json,

    /// <summary>Kafka Connect's JSON without schemas.</summary>
    JsonWithoutSchema,

    /// <summary>Plain text, for keys and values that are text (an outbox's, for example).</summary>
    Text,
}

/// <summary>Whose side to err on where Debezium's records are not what the database holds.</summary>
public enum RecordFidelity
{
    /// <summary>What the database holds.</summary>
    Exact,

    /// <summary>
    /// What Debezium publishes: nulls of a column with a default shown as the default, a primary key that the replica identity leaves out of deletes as 0, type <c>name</c>
    /// as null, every record with <c>__debezium.context.*</c> headers.
    /// </summary>
    Debezium,
}

/// <summary>How numeric and money are written; Debezium's <c>decimal.handling.mode</c>.</summary>
public enum DecimalMode
{
    /// <summary>Exactly, as Connect's Decimal.</summary>
    Precise,

    /// <summary>As a double.</summary>
    Double,

    /// <summary>As text.</summary>
    String,
}

/// <summary>How dates and times are written; Debezium's <c>time.precision.mode</c>.</summary>
public enum TimeMode
{
    /// <summary>Milliseconds or microseconds, as the column's precision asks.</summary>
    Adaptive,

    /// <summary>As adaptive, but times of day always in microseconds.</summary>
    AdaptiveTimeMicroseconds,

    /// <summary>Kafka Connect's own types, milliseconds.</summary>
    Connect,

    /// <summary>ISO 8601 text.</summary>
    IsoString,

    /// <summary>Microseconds.</summary>
    Microseconds,

    /// <summary>Nanoseconds.</summary>
    Nanoseconds,

    /// <summary>Structs of year, month, day, hour and so on; intervals too, whatever their mode.</summary>
    Structured,
}

/// <summary>How bytes are written; Debezium's <c>binary.handling.mode</c>.</summary>
public enum BinaryMode
{
    /// <summary>As bytes.</summary>
    Bytes,

    /// <summary>As base 64 text.</summary>
    Base64,

    /// <summary>As base 64 text with the alphabet for URLs.</summary>
    Base64UrlSafe,

    /// <summary>As hexadecimal text.</summary>
    Hex,
}

/// <summary>How intervals are written; Debezium's <c>interval.handling.mode</c>.</summary>
public enum IntervalMode
{
    /// <summary>Microseconds, a month being 30.4375 days.</summary>
    Numeric,

    /// <summary>ISO 8601 text.</summary>
    String,
}

/// <summary>How hstore is written; Debezium's <c>hstore.handling.mode</c>.</summary>
public enum HstoreMode
{
    /// <summary>JSON text.</summary>
    Json,

    /// <summary>A map.</summary>
    Map,
}

/// <summary>How names are made fit for Avro; Debezium's <c>*.name.adjustment.mode</c>.</summary>
public enum NameMode
{
    /// <summary>Not at all. With Avro records as <see cref="Avro"/>, which could not be registered otherwise.</summary>
    None,

    /// <summary>What is not allowed becomes an underscore.</summary>
    Avro,

    /// <summary>What is not allowed, and the underscore, becomes <c>_uXXXX</c>.</summary>
    AvroUnicode,
}

/// <summary>An operation that can be left out; Debezium's <c>skipped.operations</c>.</summary>
public enum SkippedOperation
{
    /// <summary>Inserts.</summary>
    Create,

    /// <summary>Updates.</summary>
    Update,

    /// <summary>Deletes and their tombstones.</summary>
    Delete,

    /// <summary>Truncates.</summary>
    Truncate,

    /// <summary>Logical messages.</summary>
    Message,
}

/// <summary>How the raw records of a source look. The defaults are Debezium's, in Avro.</summary>
public sealed record RecordSettings
{
    /// <summary>How values are written. Default avro.</summary>
    public RecordFormat Format { get; init; }

    /// <summary>How keys are written. Default as values.</summary>
    public RecordFormat? KeyFormat { get; init; }

    /// <summary>Decimals as numbers in JSON (<c>decimal.format=NUMERIC</c>). Default false: their bytes in base 64.</summary>
    public bool JsonDecimalNumbers { get; init; }

    /// <summary>What to write where Debezium's record is not what the database holds. Default exact.</summary>
    public RecordFidelity Fidelity { get; init; }

    /// <summary>Show a null of a column with a default as the default. Default: only with fidelity debezium.</summary>
    public bool? NullsAsDefaults { get; init; }

    /// <summary>Add Debezium's <c>__debezium.context.*</c> headers to each record. Default: only with fidelity debezium.</summary>
    public bool? ContextHeaders { get; init; }

    /// <summary>numeric and money. Default precise.</summary>
    public DecimalMode Decimals { get; init; }

    /// <summary>Dates and times. Default adaptive.</summary>
    public TimeMode Times { get; init; }

    /// <summary>bytea. Default bytes.</summary>
    public BinaryMode Binary { get; init; }

    /// <summary>interval. Default numeric.</summary>
    public IntervalMode Intervals { get; init; }

    /// <summary>hstore. Default json.</summary>
    public HstoreMode Hstore { get; init; }

    /// <summary>Digits behind the point of money. Default 2.</summary>
    public int MoneyDigits { get; init; } = 2;

    /// <summary>Publish columns of type tsquery, which are left out otherwise, as the bytes of their text. Default false.</summary>
    public bool UnknownTypes { get; init; }

    /// <summary>What stands for a large value that an update did not touch. Default <c>__debezium_unavailable_value</c>.</summary>
    public string UnavailableValue { get; init; } = "__debezium_unavailable_value";

    /// <summary>Names of schemas. Default none.</summary>
    public NameMode SchemaNames { get; init; }

    /// <summary>Names of fields. Default none.</summary>
    public NameMode FieldNames { get; init; }

    /// <summary>Columns of records: all, or those whose <c>schema.table.column</c> a regular expression matches as a whole, upper and lower case alike.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Columns to leave out, as <see cref="Columns"/>.</summary>
    public IReadOnlyList<string> ExceptColumns { get; init; } = [];

    /// <summary>Columns whose text is not shown.</summary>
    public IReadOnlyList<ColumnMask> Masks { get; init; } = [];

    /// <summary>Columns whose schema says the source's type, as <see cref="Columns"/>.</summary>
    public IReadOnlyList<string> SourceTypeColumns { get; init; } = [];

    /// <summary>Types, <c>schema.table.type</c> or <c>type</c>, whose columns' schemas say the source's type.</summary>
    public IReadOnlyList<string> SourceTypes { get; init; } = [];

    /// <summary>Keys of tables, by a regular expression for <c>schema.table</c>: the columns, in place of the primary key.</summary>
    public IReadOnlyList<MessageKey> Keys { get; init; } = [];

    /// <summary>Publish a null value after each delete, for compaction. Default true.</summary>
    public bool Tombstones { get; init; } = true;

    /// <summary>Operations that are not published. Default truncate, as Debezium.</summary>
    public IReadOnlyList<SkippedOperation> Skip { get; init; } = [SkippedOperation.Truncate];

    /// <summary>Leave out updates that changed none of the published columns; needs <c>replica identity full</c>. Default false.</summary>
    public bool SkipUnchanged { get; init; }

    /// <summary>Publish begin and end of transactions, and each record's place in its transaction. Default false.</summary>
    public bool Transactions { get; init; }

    /// <summary>Publish logical messages (<c>pg_logical_emit_message</c>). Default false.</summary>
    public bool Messages { get; init; }

    /// <summary>Prefixes of logical messages to publish, regular expressions. Default all.</summary>
    public IReadOnlyList<string> MessagePrefixes { get; init; } = [];

    /// <summary>Prefixes of logical messages to leave out.</summary>
    public IReadOnlyList<string> ExceptMessagePrefixes { get; init; } = [];

    /// <summary>How topics are named.</summary>
    public TopicRules Topics { get; init; } = new();

    /// <summary>Publish rows in place of envelopes (<c>ExtractNewRecordState</c>).</summary>
    public FlatRows? Flatten { get; init; }

    /// <summary>Publish rows of outbox tables as the events they hold (<c>EventRouter</c>).</summary>
    public OutboxRules? Outbox { get; init; }

    internal bool IsExact => Fidelity == RecordFidelity.Exact;

    internal bool ShowsDefaults => NullsAsDefaults ?? !IsExact;

    internal bool HasContextHeaders => ContextHeaders ?? !IsExact;

    /// <summary>Checks what the types do not say.</summary>
    internal void Validate(string path)
    {
        foreach (var (name, patterns) in (ReadOnlySpan<(string, IEnumerable<string>)>)
            [
                ("columns", Columns), ("except_columns", ExceptColumns), ("source_type_columns", SourceTypeColumns), ("source_types", SourceTypes), ("message_prefixes", MessagePrefixes),
                ("except_message_prefixes", ExceptMessagePrefixes), ("masks", Masks.SelectMany(m => m.Columns)), ("keys", Keys.Select(k => k.Table)), ("topics.routes", Topics.Routes.Select(r => r.Match)),
                ("outbox.tables", Outbox?.Tables ?? []),
            ])
            foreach (var pattern in patterns)
                Pattern($"{path}.{name}", pattern);
        if (Columns.Count > 0 && ExceptColumns.Count > 0) throw new SettingsException($"{path}.except_columns", "cannot be set together with 'columns'");
        foreach (var mask in Masks) mask.Validate($"{path}.masks");
        foreach (var key in Keys.Where(k => k.Columns.Count == 0)) throw new SettingsException($"{path}.keys", $"'{key.Table}' names no columns");
        if (Flatten is { RouteByField: { } field } && field.Length == 0) throw new SettingsException($"{path}.flatten.route_by_field", "must name a column");
    }

    /// <summary>Refuses what is no regular expression.</summary>
    internal static void Pattern(string path, string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException bad)
        {
            throw new SettingsException(path, $"'{pattern}' is no regular expression: {bad.Message}");
        }
    }
}

/// <summary>What replaces the text of columns.</summary>
public sealed record ColumnMask
{
    /// <summary>Columns, as <see cref="RecordSettings.Columns"/>.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>That many asterisks, for null too.</summary>
    public int? Stars { get; init; }

    /// <summary>The first so many characters.</summary>
    public int? Truncate { get; init; }

    /// <summary>A hash of salt and text, in hexadecimal, cut to the column's length: MD5, SHA-1, SHA-256, SHA-384 or SHA-512.</summary>
    public string? Hash { get; init; }

    /// <summary>The hash's salt: a secret.</summary>
    public string Salt { get; init; } = "";

    /// <summary>Hash text as Java serialises it: <c>column.mask.hash</c> without <c>v2</c>. Default false.</summary>
    public bool JavaSerialized { get; init; }

    internal void Validate(string path)
    {
        if ((Stars is null ? 0 : 1) + (Truncate is null ? 0 : 1) + (Hash is null ? 0 : 1) != 1) throw new SettingsException(path, "each needs one of 'stars', 'truncate' and 'hash'");
        if (Stars < 0 || Truncate < 0) throw new SettingsException(path, "'stars' and 'truncate' cannot be negative");
        if (Hash is { } name && !MaskedText.Hashes.ContainsKey(name)) throw new SettingsException($"{path}.hash", $"'{name}' is not one of {string.Join(", ", MaskedText.Hashes.Keys)}");
    }
}

/// <summary>Which columns are the key of tables' records.</summary>
public sealed record MessageKey
{
    /// <summary>Regular expression for <c>schema.table</c>.</summary>
    public required string Table { get; init; }

    /// <summary>The columns.</summary>
    public required IReadOnlyList<string> Columns { get; init; }
}

/// <summary>How topics are named.</summary>
public sealed record TopicRules
{
    /// <summary>Between prefix, schema and table. Default a dot.</summary>
    public string Delimiter { get; init; } = ".";

    /// <summary>Last part of the topic of transactions. Default <c>transaction</c>.</summary>
    public string Transaction { get; init; } = "transaction";

    /// <summary>First part of the heartbeats' topic. Default <c>__debezium-heartbeat</c>.</summary>
    public string HeartbeatPrefix { get; init; } = "__debezium-heartbeat";

    /// <summary>The heartbeats' topic as a whole. Default: made of prefixes.</summary>
    public string? Heartbeat { get; init; }

    /// <summary>Other topics for the records of some.</summary>
    public IReadOnlyList<TopicRoute> Routes { get; init; } = [];
}

/// <summary>Sends the records of topics that match to another.</summary>
public sealed record TopicRoute
{
    /// <summary>Regular expression for the whole topic.</summary>
    public required string Match { get; init; }

    /// <summary>The other topic; <c>$1</c> is the first group.</summary>
    public required string Topic { get; init; }

    /// <summary>Schemas named after the other topic (<c>ByLogicalTableRouter</c>; else only the topic changes, as by Connect's <c>RegexRouter</c>). Default true.</summary>
    public bool RenameSchemas { get; init; } = true;

    /// <summary>A field added to keys that says which table they are of. Default none.</summary>
    public string? KeyField { get; init; }

    /// <summary>Regular expression for the topic, whose replacement <see cref="KeyFieldValue"/> is the key field's value. Default: the topic.</summary>
    public string? KeyFieldMatch { get; init; }

    /// <summary>The key field's value; <c>$1</c> is the first group.</summary>
    public string? KeyFieldValue { get; init; }
}
