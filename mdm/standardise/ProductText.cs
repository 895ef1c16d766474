namespace CdcSync.Mdm.Standardise;

/// <summary>What a product's text names exactly.</summary>
/// <param name="Codes">Model numbers and part numbers, letters and digits alone: <c>PSLX350H</c>.</param>
/// <param name="Quantities">Numbers with a unit, in the unit's standard: <c>16GB</c>, <c>5.5IN</c>.</param>
/// <param name="Elsewhere">Codes, and words of five letters and more, that the record's other texts name: its own model number, or that of what it fits.</param>
public sealed record ProductText(string[] Codes, string[] Quantities, string[] Elsewhere);
