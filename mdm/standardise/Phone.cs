namespace CdcSync.Mdm.Standardise;

/// <summary>A telephone number beside its text.</summary>
/// <param name="National">The national significant digits: no calling code, no trunk prefix.</param>
/// <param name="CallingCode">The country's calling code, where the number or the record says one: <c>61</c>.</param>
/// <param name="Extension">The extension behind the switchboard's number.</param>
public sealed record Phone(string National, string? CallingCode, string? Extension);
