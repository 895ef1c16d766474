namespace CdcSync.Mdm.Standardise;

/// <summary>What a company's name says beside its words.</summary>
/// <param name="LegalForm">The standard legal form that was found: <c>GMBH</c>, <c>LTD</c>; null when there was none.</param>
/// <param name="Acronym">The first letters of its words: <c>IBM</c>; empty for a name of one word.</param>
public sealed record CompanyName(string? LegalForm, string Acronym);
