using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Decisions;

/// <summary>Who decides, and why.</summary>
/// <param name="By">A name that others know.</param>
/// <param name="Why">The reason, for whoever asks later.</param>
public sealed record Author(string By, string Why);

/// <summary>A record that came to another golden record.</summary>
/// <param name="Record">Whose record it is.</param>
/// <param name="From">The golden id before; null when it had none.</param>
/// <param name="To">The golden id now.</param>
public sealed record Move(CanonicalKey Record, string? From, string To);

/// <summary>A record that was named, and where it is now.</summary>
/// <param name="Record">Whose record it is.</param>
/// <param name="GoldenId">The golden record it is in; null while its source does not have it.</param>
public sealed record Standing(CanonicalKey Record, string? GoldenId);

/// <summary>What an act did.</summary>
/// <param name="Act">Its number: what undo takes.</param>
/// <param name="Kind">The kind of object.</param>
/// <param name="Verb">same, distinct, merge, split, pin, unpin or undo.</param>
/// <param name="Repeated">True when it was decided before, by this act: nothing was written.</param>
/// <param name="Moved">Records that came to another golden record, with golden ids before and after.</param>
/// <param name="Records">The records it speaks of, and where they are now.</param>
public sealed record ActOutcome(long Act, string Kind, string Verb, bool Repeated, IReadOnlyList<Move> Moved, IReadOnlyList<Standing> Records);
