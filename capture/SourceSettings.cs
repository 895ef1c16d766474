using CdcSync.Capture.Care;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture;

/// <summary>What every kind of source is told; a kind adds its own.</summary>
public abstract record SourceSettings
{
    /// <summary>The source's name: letters, digits and '_'; also its producer in the log.</summary>
    public required string Name { get; init; }

    /// <summary>First part of the raw topics' names. Default: the source's name.</summary>
    public string? TopicPrefix { get; init; }

    /// <summary>What snapshots may cost the source.</summary>
    public LoadSettings Load { get; init; } = new();

    /// <summary>The topics' prefix with its default.</summary>
    internal string Prefix => TopicPrefix ?? Name;

    /// <summary>Where signals come from beside the store; null for a kind that takes none.</summary>
    public virtual SignalSettings? SignalChannels() => null;

    /// <summary>Checks what the types do not say.</summary>
    /// <exception cref="SettingsException">A value cannot be.</exception>
    public virtual void Validate()
    {
        Check(Name.Length is > 0 and <= 48 && Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'), "name", $"'{Name}' must be 1 to 48 letters, digits or '_'");
        Check(Prefix.Length > 0 && Prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'), "topic_prefix", $"'{Prefix}' may have letters, digits, '_', '-' and '.'");
        Load.Validate("load");
    }

    /// <summary>Refuses a setting.</summary>
    protected static void Check(bool holds, string path, string message)
    {
        if (!holds) throw new SettingsException(path, message);
    }
}
