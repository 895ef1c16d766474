using CdcSync.Contract.Settings;

namespace CdcSync.EventLog.Postgres;

/// <summary>How the PostgreSQL log keeps itself in order.</summary>
public sealed record PostgresLogSettings
{
    /// <summary>How often retention and compaction run; default one minute.</summary>
    public TimeSpan MaintenanceInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many new records make a compacted partition worth compacting; default 1000.</summary>
    public int CompactAfterRecords { get; init; } = 1000;

    /// <summary>And how many new records for each one kept earlier; default 0.5, as in Kafka. Higher saves work and costs disk.</summary>
    public decimal CompactAfterRatio { get; init; } = 0.5m;

    /// <summary>How long a tombstone stays after everything older of its key is gone, so that readers see it; default 24 hours.</summary>
    public TimeSpan TombstoneGrace { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many records one maintenance statement may look at; default 20,000. Smaller keeps its transactions shorter.</summary>
    public int MaintenanceChunk { get; init; } = 20_000;

    /// <summary>Bytes after which a read returns what it has; default 32 MiB. A single larger record still comes whole.</summary>
    public int ReadBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Refuses values that make no sense.</summary>
    /// <exception cref="SettingsException">Names the setting.</exception>
    public void Validate()
    {
        if (MaintenanceInterval <= TimeSpan.Zero) throw new SettingsException("maintenance_interval", "must be longer than 0; the default is 1m");
        if (CompactAfterRecords < 0) throw new SettingsException("compact_after_records", "must not be negative; the default is 1000");
        if (CompactAfterRatio < 0) throw new SettingsException("compact_after_ratio", "must not be negative; the default is 0.5");
        if (TombstoneGrace < TimeSpan.Zero) throw new SettingsException("tombstone_grace", "must not be negative; the default is 24h");
        if (MaintenanceChunk < 1) throw new SettingsException("maintenance_chunk", "must be at least 1; the default is 20000");
        if (ReadBytes < 1) throw new SettingsException("read_bytes", "must be at least 1; the default is 33554432");
    }
}
