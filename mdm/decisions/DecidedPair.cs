using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Decisions;

/// <summary>What a person decided of two records: no rule and no score says otherwise.</summary>
/// <param name="Act">When and by whom: the number of the act.</param>
/// <param name="One">A record.</param>
/// <param name="Other">Another one.</param>
/// <param name="Same">True when they are the same thing, false when they are two.</param>
public sealed record DecidedPair(long Act, CanonicalKey One, CanonicalKey Other, bool Same);
