namespace CdcSync.Contract.Changes;

/// <summary>
/// How far a producer has come, stored by the log in the same transaction as the records it covers.
/// </summary>
/// <param name="Position">Everything up to and including this place has been published.</param>
/// <param name="State">What else the producer needs to go on (progress of a snapshot, for example), in the producer's own form; null when nothing.</param>
public sealed record Bookmark(SourcePosition Position, string? State = null);
