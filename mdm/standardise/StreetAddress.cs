namespace CdcSync.Mdm.Standardise;

/// <summary>A street line in parts.</summary>
/// <param name="Number">The house number with its letter: <c>5A</c>, <c>12-14</c>.</param>
/// <param name="Name">The street's name, abbreviated: <c>N MAIN ST</c>; empty where only a P.O. box is given.</param>
/// <param name="Unit">Flat, suite, floor: <c>4</c>, <c>2B</c>, <c>FL 3</c>.</param>
/// <param name="PoBox">The number of the P.O. box.</param>
public sealed record StreetAddress(string? Number, string Name, string? Unit, string? PoBox);

/// <summary>A whole address in parts, each in its kind's standard form.</summary>
public sealed record FullAddress(StreetAddress? Street, string? Town, string? Region, string? Postcode, string? Country);
