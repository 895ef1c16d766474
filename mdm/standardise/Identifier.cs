namespace CdcSync.Mdm.Standardise;

/// <summary>A number of a register.</summary>
/// <param name="Valid">False when its check digit is wrong, most often a typing error; true where the register has none.</param>
/// <param name="Register">The register, where the number or its country says it: <c>VAT-DE</c>, <c>EIN</c>, <c>ABN</c>.</param>
public sealed record Identifier(bool Valid, string? Register);
