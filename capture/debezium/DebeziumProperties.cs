using CdcSync.Capture.Debezium.Takeover;
using CdcSync.Capture.Postgres;
using CdcSync.Capture.SqlServer;

namespace CdcSync.Capture.Debezium;

/// <summary>A property of a connector that has no counterpart here, or needs a person.</summary>
/// <param name="Name">The property.</param>
/// <param name="Why">Why it is not carried over, and what to do.</param>
public sealed record LeftProperty(string Name, string Why);

/// <summary>A Debezium connector's settings as ours, and what is not in them.</summary>
public static class DebeziumProperties
{
    /// <summary>Translates a PostgreSQL connector's.</summary>
    /// <param name="properties">The connector's properties.</param>
    /// <param name="format">How the worker converts what the connector leaves to it.</param>
    /// <exception cref="Contract.Settings.SettingsException">A property's value is none that Debezium knows.</exception>
    public static (PostgresSettings Settings, IReadOnlyList<LeftProperty> Left) ToPostgres(IReadOnlyDictionary<string, string> properties, RecordFormat format)
    {
        var bag = new PropertyBag(properties);
        return (new PostgresProperties(bag, format).Read(), [.. bag.Left().Select(LeftReasons.OfPostgres)]);
    }

    /// <summary>Translates a SQL Server connector's.</summary>
    /// <param name="properties">The connector's properties.</param>
    /// <param name="format">How the worker converts what the connector leaves to it.</param>
    /// <exception cref="Contract.Settings.SettingsException">A property's value is none that Debezium knows.</exception>
    public static (SqlServerSettings Settings, IReadOnlyList<LeftProperty> Left) ToSqlServer(IReadOnlyDictionary<string, string> properties, RecordFormat format)
    {
        var bag = new PropertyBag(properties);
        return (new SqlServerProperties(bag, format).Read(), [.. bag.Left().Select(LeftReasons.OfSqlServer)]);
    }
}
