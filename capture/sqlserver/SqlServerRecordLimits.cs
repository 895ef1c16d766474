using CdcSync.Capture.Debezium;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.SqlServer;

/// <summary>Which settings of records are of things that SQL Server does not have: asked for, they are refused, never passed over.</summary>
static class SqlServerRecordLimits
{
    /// <summary>Those asked for, by the names that <c>records</c> has for them.</summary>
    public static IEnumerable<string> Asked(RecordSettings records)
    {
        var usual = new RecordSettings();
        (string Name, bool IsAsked)[] all =
        [
            ("intervals", records.Intervals != usual.Intervals), ("hstore", records.Hstore != usual.Hstore), ("money_digits", records.MoneyDigits != usual.MoneyDigits), ("unknown_types", records.UnknownTypes),
            ("messages", records.Messages), ("message_prefixes", records.MessagePrefixes.Count > 0), ("except_message_prefixes", records.ExceptMessagePrefixes.Count > 0),
        ];
        return all.Where(a => a.IsAsked).Select(a => a.Name);
    }

    /// <exception cref="SettingsException">One is asked for.</exception>
    public static void Check(RecordSettings records)
    {
        foreach (var name in Asked(records))
            throw new SettingsException($"records.{name}", "is PostgreSQL's: a source of kind sqlserver has nothing of the kind");
    }
}
