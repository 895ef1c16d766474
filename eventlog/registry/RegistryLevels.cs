namespace CdcSync.EventLog.Registry;

/// <summary>What a new version of a subject has to agree with. The transitive ones look at all earlier versions, the others at the latest.</summary>
public enum CompatibilityLevel
{
    /// <summary>Anything may follow.</summary>
    None,

    /// <summary>The new schema reads data of the earlier ones.</summary>
    Backward,

    /// <summary>As <see cref="Backward"/>, of all.</summary>
    BackwardTransitive,

    /// <summary>The earlier schemas read data of the new one.</summary>
    Forward,

    /// <summary>As <see cref="Forward"/>, of all.</summary>
    ForwardTransitive,

    /// <summary>Both.</summary>
    Full,

    /// <summary>As <see cref="Full"/>, of all.</summary>
    FullTransitive,
}

/// <summary>What may be done with a subject.</summary>
public enum RegistryMode
{
    /// <summary>Everything; ids and versions are given by the registry.</summary>
    ReadWrite,

    /// <summary>Reading.</summary>
    ReadOnly,

    /// <summary>Reading; as the global mode it holds for subjects with a mode of their own too.</summary>
    ReadOnlyOverride,

    /// <summary>Registering with ids and versions from elsewhere, unchecked.</summary>
    Import,
}

/// <summary>Levels and modes as Confluent writes them.</summary>
static class RegistryWords
{
    static readonly (CompatibilityLevel Level, string Word)[] Levels =
    [
        (CompatibilityLevel.None, "NONE"), (CompatibilityLevel.Backward, "BACKWARD"), (CompatibilityLevel.BackwardTransitive, "BACKWARD_TRANSITIVE"),
        (CompatibilityLevel.Forward, "FORWARD"), (CompatibilityLevel.ForwardTransitive, "FORWARD_TRANSITIVE"), (CompatibilityLevel.Full, "FULL"),
        (CompatibilityLevel.FullTransitive, "FULL_TRANSITIVE"),
    ];

    static readonly (RegistryMode Mode, string Word)[] Modes =
    [
        (RegistryMode.ReadWrite, "READWRITE"), (RegistryMode.ReadOnly, "READONLY"), (RegistryMode.ReadOnlyOverride, "READONLY_OVERRIDE"), (RegistryMode.Import, "IMPORT"),
    ];

    public static string Word(this CompatibilityLevel level) => Array.Find(Levels, l => l.Level == level).Word;

    public static string Word(this RegistryMode mode) => Array.Find(Modes, m => m.Mode == mode).Word;

    public static CompatibilityLevel Level(string? word) =>
        Array.Find(Levels, l => l.Word.Equals(word, StringComparison.OrdinalIgnoreCase)) is { Word: not null } found ? found.Level : throw RegistryErrors.InvalidCompatibility();

    public static RegistryMode Mode(string? word) =>
        Array.Find(Modes, m => m.Word.Equals(word, StringComparison.OrdinalIgnoreCase)) is { Word: not null } found ? found.Mode : throw RegistryErrors.InvalidMode();
}
