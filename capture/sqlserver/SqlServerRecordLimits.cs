using CdcSync.Capture.Debezium;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.SqlServer;

/// <summary>Which settings of records a SQL Server source does not carry out yet: asked for, they are refused, never passed over.</summary>
static class SqlServerRecordLimits
{
    /// <summary>Those asked for, by the names that <c>records</c> has for them.</summary>
    public static IEnumerable<string> Asked(RecordSettings records)
    {
        var usual = new RecordSettings();
        (string Name, bool IsAsked)[] all =
        [
            ("format", records.Format != RecordFormat.Avro), ("key_format", records.KeyFormat is not null and not RecordFormat.Avro), ("json_decimal_numbers", records.JsonDecimalNumbers),
            ("fidelity", records.Fidelity != usual.Fidelity), ("nulls_as_defaults", records.NullsAsDefaults == true), ("intervals", records.Intervals != usual.Intervals),
            ("hstore", records.Hstore != usual.Hstore), ("money_digits", records.MoneyDigits != usual.MoneyDigits), ("unknown_types", records.UnknownTypes), ("schema_names", records.SchemaNames == NameMode.AvroUnicode),
            ("field_names", records.FieldNames == NameMode.AvroUnicode), ("columns", records.Columns.Count > 0), ("except_columns", records.ExceptColumns.Count > 0), ("masks", records.Masks.Count > 0),
            ("source_type_columns", records.SourceTypeColumns.Count > 0), ("source_types", records.SourceTypes.Count > 0), ("keys", records.Keys.Count > 0), ("skip_unchanged", records.SkipUnchanged),
            ("transactions", records.Transactions), ("messages", records.Messages), ("message_prefixes", records.MessagePrefixes.Count > 0), ("except_message_prefixes", records.ExceptMessagePrefixes.Count > 0),
            ("topics", records.Topics with { Routes = usual.Topics.Routes } != usual.Topics || records.Topics.Routes.Count > 0), ("flatten", records.Flatten is not null), ("outbox", records.Outbox is not null),
        ];
        return all.Where(a => a.IsAsked).Select(a => a.Name);
    }

    /// <exception cref="SettingsException">One is asked for.</exception>
    public static void Check(RecordSettings records)
    {
        foreach (var name in Asked(records))
            throw new SettingsException($"records.{name}", "is not there for a source of kind sqlserver; of 'records' it knows: decimals, times, binary, tombstones, skip, unavailable_value, context_headers");
    }
}
