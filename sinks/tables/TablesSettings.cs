using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using Npgsql;

namespace CdcSync.Sinks.Tables;

/// <summary>A PostgreSQL database that holds each object in a table.</summary>
public sealed record TablesSettings
{
    /// <summary>Connection string.</summary>
    public required string Connection { get; init; }

    /// <summary>Schema of the tables. Default public.</summary>
    public string Schema { get; init; } = "public";

    /// <summary>Make schema, tables and columns that are not there. Default true.</summary>
    public bool Create { get; init; } = true;

    /// <summary>Table by object, where it is not the object's name.</summary>
    public IReadOnlyDictionary<string, string> Tables { get; init; } = new Dictionary<string, string>();

    /// <summary>Keep deleted rows, marked in <c>_deleted</c>. Default false.</summary>
    public bool SoftDeletes { get; init; }

    /// <summary>Rows a statement. Default 500.</summary>
    public int MaxBatch { get; init; } = 500;

    /// <summary>Statements at a time for one object. Default 2.</summary>
    public int MaxConcurrency { get; init; } = 2;

    /// <summary>Checks what types alone do not.</summary>
    public void Validate()
    {
        foreach (var name in Tables.Keys)
            if (CanonicalCatalog.Find(name) is null) throw new SettingsException($"tables.{name}", $"there is no object '{name}'; known: {string.Join(", ", CanonicalCatalog.All.Select(k => k.Name))}");
        try
        {
            _ = new NpgsqlConnectionStringBuilder(Connection);
        }
        catch (ArgumentException bad)
        {
            throw new SettingsException("connection", $"is no PostgreSQL connection string: {bad.Message}");
        }
        if (MaxBatch < 1) throw new SettingsException("max_batch", "must be at least 1");
        if (MaxConcurrency < 1) throw new SettingsException("max_concurrency", "must be at least 1");
    }
}
