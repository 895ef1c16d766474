using System.Globalization;
using CdcSync.Capture.Postgres;
using Npgsql;

namespace CdcSync.Capture.Debezium;

/// <summary>A property of a connector that has no counterpart here, or needs a person.</summary>
/// <param name="Name">The property.</param>
/// <param name="Why">Why it is not carried over, and what to do.</param>
public sealed record LeftProperty(string Name, string Why);

/// <summary>A Debezium PostgreSQL connector's settings as ours.</summary>
public sealed class DebeziumProperties
{
    readonly PropertyBag _bag;
    readonly RecordFormat _format;

    DebeziumProperties(IReadOnlyDictionary<string, string> properties, RecordFormat format) => (_bag, _format) = (new PropertyBag(properties), format);

    /// <summary>Translates.</summary>
    /// <param name="properties">The connector's properties.</param>
    /// <param name="format">How the worker converts what the connector leaves to it.</param>
    /// <returns>The source's settings and what is not in them.</returns>
    /// <exception cref="Contract.Settings.SettingsException">A property's value is none that Debezium knows.</exception>
    public static (PostgresSettings Settings, IReadOnlyList<LeftProperty> Left) ToPostgres(IReadOnlyDictionary<string, string> properties, RecordFormat format)
    {
        var reader = new DebeziumProperties(properties, format);
        var settings = reader.Source();
        return (settings, reader._bag.Left());
    }

    PostgresSettings Source()
    {
        var prefix = _bag.Text("topic.prefix") ?? _bag.Text("name") ?? "debezium";
        var interval = _bag.Number("heartbeat.interval.ms") ?? 0;
        var settings = new PostgresSettings
        {
            Name = AvroNames.Part(prefix),
            TopicPrefix = prefix,
            Connection = Connection(),
            Slot = _bag.Text("slot.name") ?? "debezium",
            Publication = _bag.Text("publication.name") ?? "dbz_publication",
            Tables = Included(),
            ExceptTables = Excluded(),
            Snapshot = (_bag.Text("snapshot.mode") ?? "initial") switch
            {
                "no_data" or "never" or "schema_only" => SnapshotMode.Never,
                _ => SnapshotMode.Initial,
            },
            HeartbeatTopic = interval > 0,
            HeartbeatQuery = _bag.Text("heartbeat.action.query"),
            Records = Records(),
        };
        return interval > 0 ? settings with { HeartbeatInterval = TimeSpan.FromMilliseconds(interval) } : settings;
    }

    string Connection()
    {
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = _bag.Text("database.hostname") ?? "localhost", Port = (int)(_bag.Number("database.port") ?? 5432), Database = _bag.Text("database.dbname") ?? "postgres",
            Username = _bag.Text("database.user"), Password = _bag.Text("database.password"),
        };
        if (_bag.Text("database.sslmode") is { } mode && Enum.TryParse<SslMode>(mode.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var known)) connection.SslMode = known;
        if (_bag.Text("database.sslrootcert") is { } root) connection.RootCertificate = root;
        if (_bag.Text("database.sslcert") is { } certificate) connection.SslCertificate = certificate;
        if (_bag.Text("database.sslkey") is { } key) connection.SslKey = key;
        return connection.ConnectionString;
    }

    List<string> Included()
    {
        var tables = _bag.List("table.include.list");
        if (tables.Count > 0) return [.. tables.Select(t => TableName.FromPattern(t))];
        var schemas = _bag.List("schema.include.list");
        return schemas.Count > 0 ? [.. schemas.Select(s => TableName.FromPattern(s + @"\..*"))] : ["*.*"];
    }

    List<string> Excluded() =>
        [.. _bag.List("table.exclude.list").Select(t => TableName.FromPattern(t)), .. _bag.List("schema.exclude.list").Select(s => TableName.FromPattern(s + @"\..*"))];

    RecordSettings Records()
    {
        var transforms = new DebeziumTransforms(_bag);
        transforms.Read();
        var value = Format("value.converter") ?? _format;
        return new RecordSettings
        {
            Format = value,
            KeyFormat = (Format("key.converter") ?? _format) is var key && key == value ? null : key,
            JsonDecimalNumbers = string.Equals(_bag.Text("value.converter.decimal.format"), "NUMERIC", StringComparison.OrdinalIgnoreCase),
            Fidelity = RecordFidelity.Debezium,
            NullsAsDefaults = ShowsDefaults(value) || (transforms.Flatten is not null && transforms.ShowsDefaults),
            ContextHeaders = _bag.Flag("extended.headers.enabled", true),
            Decimals = _bag.Word("decimal.handling.mode", DecimalMode.Precise),
            Times = _bag.Word("time.precision.mode", TimeMode.Adaptive),
            Binary = _bag.Word("binary.handling.mode", BinaryMode.Bytes),
            Intervals = _bag.Word("interval.handling.mode", IntervalMode.Numeric),
            Hstore = _bag.Word("hstore.handling.mode", HstoreMode.Json),
            MoneyDigits = (int)(_bag.Number("money.fraction.digits") ?? 2),
            UnknownTypes = UnknownTypes(),
            UnavailableValue = _bag.Text("unavailable.value.placeholder") ?? "__debezium_unavailable_value",
            SchemaNames = _bag.Word("schema.name.adjustment.mode", NameMode.None),
            FieldNames = _bag.Word("field.name.adjustment.mode", NameMode.None),
            Columns = _bag.List("column.include.list"),
            ExceptColumns = _bag.List("column.exclude.list"),
            Masks = [.. Masks()],
            SourceTypeColumns = _bag.List("column.propagate.source.type"),
            SourceTypes = _bag.List("datatype.propagate.source.type"),
            Keys = [.. Keys()],
            Tombstones = _bag.Flag("tombstones.on.delete", true),
            Skip = Skipped(),
            SkipUnchanged = _bag.Flag("skip.messages.without.change", false),
            Transactions = _bag.Flag("provide.transaction.metadata", false),
            Messages = true,
            MessagePrefixes = _bag.List("message.prefix.include.list"),
            ExceptMessagePrefixes = _bag.List("message.prefix.exclude.list"),
            Topics = new TopicRules
            {
                Delimiter = _bag.Text("topic.delimiter") ?? ".",
                Transaction = _bag.Text("topic.transaction") ?? "transaction",
                HeartbeatPrefix = _bag.Text("topic.heartbeat.prefix") ?? _bag.Text("heartbeat.topics.prefix") ?? "__debezium-heartbeat",
                Heartbeat = _bag.Text("topic.heartbeat.name"),
                Routes = transforms.Routes,
            },
            Flatten = transforms.Flatten,
            Outbox = transforms.Outbox,
        };
    }

    bool UnknownTypes()
    {
        if (!_bag.Flag("include.unknown.datatypes", false)) return false;
        _bag.Note("include.unknown.datatypes", "columns of type tsquery are published; those of other types without a reader are left out, with a warning");
        return true;
    }

    RecordFormat? Format(string property)
    {
        if (_bag.Text(property) is not { } name) return null;
        return name.Split('.')[^1] switch
        {
            "JsonConverter" => _bag.Flag(property + ".schemas.enable", true) ? RecordFormat.Json : RecordFormat.JsonWithoutSchema,
            "StringConverter" or "ByteArrayConverter" or "BinaryDataConverter" => RecordFormat.Text,
            "AvroConverter" => RecordFormat.Avro,
            _ => _bag.Refuse<RecordFormat?>(property, $"there is no converter '{name}' here: Avro, JSON with and without schemas, and text are", null),
        };
    }

    bool ShowsDefaults(RecordFormat format) => format == RecordFormat.Avro
        ? !_bag.Flag("value.converter.ignore.default.for.nullables", false) : _bag.Flag("value.converter.replace.null.with.default", true);

    IEnumerable<ColumnMask> Masks()
    {
        foreach (var name in _bag.Names("column.mask.with.", ".chars"))
            yield return new ColumnMask { Columns = _bag.List(name), Stars = int.Parse(name.Split('.')[3], CultureInfo.InvariantCulture) };
        foreach (var name in _bag.Names("column.truncate.to.", ".chars"))
            yield return new ColumnMask { Columns = _bag.List(name), Truncate = int.Parse(name.Split('.')[3], CultureInfo.InvariantCulture) };
        foreach (var name in _bag.Names("column.mask.hash.", ""))
        {
            var rest = name["column.mask.hash.".Length..];
            var isSecond = rest.StartsWith("v2.", StringComparison.Ordinal);
            if (rest.Split(".with.salt.", 2) is not [var algorithm, var salt]) continue;
            algorithm = isSecond ? algorithm[3..] : algorithm;
            yield return new ColumnMask { Columns = _bag.List(name), Hash = algorithm, Salt = salt, JavaSerialized = !isSecond };
        }
    }

    // table:column,column;table:column
    IEnumerable<MessageKey> Keys() =>
        (_bag.Text("message.key.columns") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(k => k.Contains(':', StringComparison.Ordinal))
            .Select(k => new MessageKey
            {
                Table = k[..k.LastIndexOf(':')].Trim(), Columns = k[(k.LastIndexOf(':') + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            });

    List<SkippedOperation> Skipped()
    {
        var words = (_bag.Text("skipped.operations") ?? "t").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. words.SelectMany(w => (SkippedOperation[])(w switch
        {
            "c" => [SkippedOperation.Create],
            "u" => [SkippedOperation.Update],
            "d" => [SkippedOperation.Delete],
            "t" => [SkippedOperation.Truncate],
            "m" => [SkippedOperation.Message],
            _ => [],
        }))];
    }
}
