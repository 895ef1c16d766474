namespace CdcSync.Host.Settings;

/// <summary>One thing wrong in a configuration file.</summary>
public sealed record SettingsError(string File, long Line, string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? $"{File}:{Line}: {Message}" : $"{File}:{Line}: {Path}: {Message}";
}

/// <summary>The configuration is wrong; all that was found at once, so that one run shows everything to mend.</summary>
public sealed class InvalidSettingsException(IReadOnlyList<SettingsError> errors) : Exception(string.Join('\n', errors))
{
    public IReadOnlyList<SettingsError> Errors { get; } = errors;
}
