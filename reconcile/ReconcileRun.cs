using CdcSync.Contract.Canonical;

namespace CdcSync.Reconcile;

/// <summary>How a run ended.</summary>
public enum ReconcileOutcome
{
    /// <summary>Both sides agree, perhaps after repair.</summary>
    Agree = 0,

    /// <summary>Differences are left.</summary>
    Differences = 3,

    /// <summary>There is no answer: a side could not be read, or not in order.</summary>
    CouldNotCompare = 4,
}

/// <summary>What is different.</summary>
public enum DifferenceKind
{
    /// <summary>The source has it, the target not.</summary>
    MissingAtTarget,

    /// <summary>The target has it, the source not.</summary>
    ExtraAtTarget,

    /// <summary>Both have it with other values.</summary>
    Changed,
}

/// <summary>Why it is different.</summary>
public enum DifferenceCause
{
    /// <summary>The source's state never came into the log.</summary>
    NeverCaptured,

    /// <summary>A newer record is in the log and not delivered yet.</summary>
    Waiting,

    /// <summary>The target refused it for good.</summary>
    DeadLettered,

    /// <summary>The target held it and holds something else now.</summary>
    ChangedAtTarget,

    /// <summary>The target takes it and makes something else of it.</summary>
    Mapping,
}

/// <summary>One field with both values.</summary>
public sealed record FieldDifference(string Field, string? Source, string? Target);

/// <summary>One record that differs.</summary>
/// <param name="Key">Its key in the target's terms.</param>
/// <param name="Origin">The canonical record; null when only the target has it.</param>
/// <param name="Kind">What is different.</param>
/// <param name="Fields">The fields that differ; all of them where one side has no record.</param>
public sealed record Difference(string Key, CanonicalKey? Origin, DifferenceKind Kind, IReadOnlyList<FieldDifference> Fields)
{
    /// <summary>Why.</summary>
    public DifferenceCause Cause { get; init; }

    /// <summary>The cause in words: what the target said, which version waits.</summary>
    public string? Reason { get; init; }

    /// <summary>What repair did or would do; null when it was not asked.</summary>
    public string? Repair { get; init; }

    /// <summary>Repair closed it, and reading it again proved so.</summary>
    public bool Repaired { get; init; }
}

/// <summary>What a run is asked to do about differences.</summary>
public sealed record RepairRequest(bool DryRun = false, bool Force = false);

/// <summary>One run with its result.</summary>
public sealed record ReconcileRun
{
    /// <summary>Its number in the history.</summary>
    public long Id { get; init; }
    public required string Name { get; init; }
    public required string Object { get; init; }
    public required string Source { get; init; }
    public required string Target { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset FinishedAt { get; init; }
    public ReconcileOutcome Outcome { get; init; }

    /// <summary>Why there is no answer, or why repair refused.</summary>
    public string? Message { get; init; }
    public long SourceRecords { get; init; }
    public long TargetRecords { get; init; }

    /// <summary>Records equal in all compared fields at first sight.</summary>
    public long Equal { get; init; }

    /// <summary>Records that differ by no more than the tolerances.</summary>
    public long WithinTolerance { get; init; }

    /// <summary>Differences at first sight that were on their way and agreed when read again.</summary>
    public long Settled { get; init; }

    /// <summary>Records that changed at both sides with every reading: in flight, no difference.</summary>
    public long Moving { get; init; }

    /// <summary>Differences above the limit: counted at first sight, neither examined nor listed nor repaired.</summary>
    public long Unexamined { get; init; }

    /// <summary>The differences, in key order.</summary>
    public IReadOnlyList<Difference> Differences { get; init; } = [];

    /// <summary>The report's files; empty until written.</summary>
    public IReadOnlyList<string> Reports { get; init; } = [];

    /// <summary>Differences that are left.</summary>
    public long Left => Differences.Count(d => !d.Repaired) + Unexamined;

    /// <summary>The exit code for schedulers: 0 agree, 3 differences, 4 could not compare.</summary>
    public int ExitCode => (int)Outcome;
}

/// <summary>The sides cannot be compared: not in order, a key twice.</summary>
public sealed class CannotCompareException(string message) : Exception(message);
