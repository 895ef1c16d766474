namespace CdcSync.Mdm.Standardise;

/// <summary>A place on earth, WGS 84 in degrees.</summary>
public sealed record Coordinates(double Latitude, double Longitude);
