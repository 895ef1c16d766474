using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Care;

/// <summary>What snapshots may cost the source: the first one, those asked for while the stream goes on, and the reading of mappings' objects. All of a source's readers share it; the stream is not held back.</summary>
public sealed record LoadSettings
{
    /// <summary>Rows read a second, at most. Default: as fast as it goes.</summary>
    public int? RowsPerSecond { get; init; }

    /// <summary>Bytes of rows read a second, at most. Default: as fast as it goes.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Connections that read rows side by side, at most. Default: as many as the kind of source uses.</summary>
    public int? Connections { get; init; }

    /// <summary>Snapshots wait while a standby of the source, or the stream beside which they read, is further behind than so many bytes of log. Default: they do not look.</summary>
    public long? ReplicationLag { get; init; }

    /// <summary>Checks what the types do not say.</summary>
    /// <exception cref="SettingsException">A value cannot be.</exception>
    internal void Validate(string path)
    {
        if (RowsPerSecond <= 0) throw new SettingsException($"{path}.rows_per_second", "must be more than 0; leave it out for no limit");
        if (BytesPerSecond <= 0) throw new SettingsException($"{path}.bytes_per_second", "must be more than 0; leave it out for no limit");
        if (Connections <= 0) throw new SettingsException($"{path}.connections", "must be more than 0");
        if (ReplicationLag <= 0) throw new SettingsException($"{path}.replication_lag", "must be more than 0 bytes; leave it out for no limit");
    }
}
