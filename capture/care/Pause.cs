namespace CdcSync.Capture.Care;

/// <summary>Somebody wants a source, or one of its tables, to wait.</summary>
/// <param name="Source">The source.</param>
/// <param name="Table"><c>schema.name</c>; null for the whole source.</param>
/// <param name="By">Who.</param>
/// <param name="At">Since when.</param>
/// <param name="Why">Why, in words; null when nobody said.</param>
public sealed record Pause(string Source, string? Table, string By, DateTimeOffset At, string? Why);

/// <summary>What is wanted to wait of one source.</summary>
public interface IPauseWishes
{
    /// <summary>All that is wanted now, and all of it again whenever that changes; without end.</summary>
    IAsyncEnumerable<IReadOnlyList<Pause>> ReadAsync(CancellationToken stop);
}
