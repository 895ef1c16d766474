namespace CdcSync.Mdm.Standardise;

/// <summary>What a person's name says beside its words.</summary>
/// <param name="NicknameRoots">The names its given names are short for, or themselves: ROBERT of Bob and of Robert; several where a nickname is of several names.</param>
/// <param name="RootsByWord">The same for each of the value's words; empty for a surname and for an unknown name.</param>
/// <param name="Generation">JR, SR, II, III, IV: father and son share everything else.</param>
public sealed record PersonName(string[] NicknameRoots, string[][] RootsByWord, string? Generation);
