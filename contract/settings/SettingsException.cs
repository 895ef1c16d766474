namespace CdcSync.Contract.Settings;

/// <summary>A setting is wrong: says which, why, and what would be right. The host adds file and line.</summary>
/// <param name="path">Where in the settings, dotted, relative to the settings object that checks: <c>retry.attempts</c>; empty for the object as a whole.</param>
/// <param name="message">What is wrong and what to do.</param>
public sealed class SettingsException(string path, string message) : Exception(path.Length == 0 ? message : $"{path}: {message}")
{
    /// <summary>Where in the settings.</summary>
    public string Path { get; } = path;
}
