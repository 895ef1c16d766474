using System.Globalization;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>A connector's settings of how records look, the same for all its kinds.</summary>
/// <param name="bag">The connector's properties.</param>
/// <param name="format">How the worker converts what the connector leaves to it.</param>
sealed class RecordProperties(PropertyBag bag, RecordFormat format)
{
    public RecordSettings Read()
    {
        var transforms = new DebeziumTransforms(bag);
        transforms.Read();
        var value = Format("value.converter") ?? format;
        return new RecordSettings
        {
            Format = value,
            KeyFormat = (Format("key.converter") ?? format) is var key && key == value ? null : key,
            JsonDecimalNumbers = string.Equals(bag.Text("value.converter.decimal.format"), "NUMERIC", StringComparison.OrdinalIgnoreCase),
            Fidelity = RecordFidelity.Debezium,
            NullsAsDefaults = ShowsDefaults(value) || (transforms.Flatten is not null && transforms.ShowsDefaults),
            ContextHeaders = bag.Flag("extended.headers.enabled", true),
            Decimals = bag.Word("decimal.handling.mode", DecimalMode.Precise),
            Times = bag.Word("time.precision.mode", TimeMode.Adaptive),
            Binary = bag.Word("binary.handling.mode", BinaryMode.Bytes),
            Intervals = bag.Word("interval.handling.mode", IntervalMode.Numeric),
            Hstore = bag.Word("hstore.handling.mode", HstoreMode.Json),
            MoneyDigits = (int)(bag.Number("money.fraction.digits") ?? 2),
            UnknownTypes = UnknownTypes(),
            UnavailableValue = bag.Text("unavailable.value.placeholder") ?? "__debezium_unavailable_value",
            SchemaNames = bag.Word("schema.name.adjustment.mode", NameMode.None),
            FieldNames = bag.Word("field.name.adjustment.mode", NameMode.None),
            Columns = bag.List("column.include.list"),
            ExceptColumns = bag.List("column.exclude.list"),
            Masks = [.. Masks()],
            SourceTypeColumns = bag.List("column.propagate.source.type"),
            SourceTypes = bag.List("datatype.propagate.source.type"),
            Keys = [.. Keys()],
            Tombstones = bag.Flag("tombstones.on.delete", true),
            Skip = Skipped(),
            SkipUnchanged = bag.Flag("skip.messages.without.change", false),
            Transactions = bag.Flag("provide.transaction.metadata", false),
            Messages = true,
            MessagePrefixes = bag.List("message.prefix.include.list"),
            ExceptMessagePrefixes = bag.List("message.prefix.exclude.list"),
            Topics = new TopicRules
            {
                Delimiter = bag.Text("topic.delimiter") ?? ".",
                Transaction = bag.Text("topic.transaction") ?? "transaction",
                HeartbeatPrefix = bag.Text("topic.heartbeat.prefix") ?? bag.Text("heartbeat.topics.prefix") ?? "__debezium-heartbeat",
                Heartbeat = bag.Text("topic.heartbeat.name"),
                Routes = transforms.Routes,
            },
            Flatten = transforms.Flatten,
            Outbox = transforms.Outbox,
        };
    }

    bool UnknownTypes()
    {
        if (!bag.Flag("include.unknown.datatypes", false)) return false;
        bag.Note("include.unknown.datatypes", "columns of type tsquery are published; those of other types without a reader are left out, with a warning");
        return true;
    }

    RecordFormat? Format(string property)
    {
        if (bag.Text(property) is not { } name) return null;
        return name.Split('.')[^1] switch
        {
            "JsonConverter" => bag.Flag(property + ".schemas.enable", true) ? RecordFormat.Json : RecordFormat.JsonWithoutSchema,
            "StringConverter" or "ByteArrayConverter" or "BinaryDataConverter" => RecordFormat.Text,
            "AvroConverter" => RecordFormat.Avro,
            _ => bag.Refuse<RecordFormat?>(property, $"there is no converter '{name}' here: Avro, JSON with and without schemas, and text are", null),
        };
    }

    bool ShowsDefaults(RecordFormat format) => format == RecordFormat.Avro
        ? !bag.Flag("value.converter.ignore.default.for.nullables", false) : bag.Flag("value.converter.replace.null.with.default", true);

    IEnumerable<ColumnMask> Masks()
    {
        foreach (var name in bag.Names("column.mask.with.", ".chars"))
            yield return new ColumnMask { Columns = bag.List(name), Stars = int.Parse(name.Split('.')[3], CultureInfo.InvariantCulture) };
        foreach (var name in bag.Names("column.truncate.to.", ".chars"))
            yield return new ColumnMask { Columns = bag.List(name), Truncate = int.Parse(name.Split('.')[3], CultureInfo.InvariantCulture) };
        foreach (var name in bag.Names("column.mask.hash.", ""))
        {
            var rest = name["column.mask.hash.".Length..];
            var isSecond = rest.StartsWith("v2.", StringComparison.Ordinal);
            if (rest.Split(".with.salt.", 2) is not [var algorithm, var salt]) continue;
            algorithm = isSecond ? algorithm[3..] : algorithm;
            yield return new ColumnMask { Columns = bag.List(name), Hash = algorithm, Salt = salt, JavaSerialized = !isSecond };
        }
    }

    // table:column,column;table:column
    IEnumerable<MessageKey> Keys() =>
        (bag.Text("message.key.columns") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(k => k.Contains(':', StringComparison.Ordinal))
            .Select(k => new MessageKey
            {
                Table = k[..k.LastIndexOf(':')].Trim(), Columns = k[(k.LastIndexOf(':') + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            });

    List<SkippedOperation> Skipped()
    {
        var words = (bag.Text("skipped.operations") ?? "t").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
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
