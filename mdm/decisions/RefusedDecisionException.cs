namespace CdcSync.Mdm.Decisions;

/// <summary>Why a decision was not taken.</summary>
public enum Refusal
{
    /// <summary>Its words are wrong.</summary>
    Wrong,

    /// <summary>What it speaks of is not there.</summary>
    Missing,

    /// <summary>It contradicts what was decided before.</summary>
    Contradiction,

    /// <summary>It would take too many pairs.</summary>
    TooLarge,

    /// <summary>Golden records are being written for longer than one waits.</summary>
    Busy,
}

/// <summary>A decision was not taken and nothing was written: the message says why and what to do. It names records by their keys, and what people wrote with earlier acts.</summary>
public sealed class RefusedDecisionException(Refusal why, string message) : Exception(message)
{
    /// <summary>What kind of reason.</summary>
    public Refusal Why { get; } = why;
}
