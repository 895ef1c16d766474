namespace CdcSync.Contract.Avro;

/// <summary>The property is no part of the derived Avro schema.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AvroIgnoreAttribute : Attribute;

/// <summary>The decimal's Avro precision and scale. A value with more digits behind the point is refused, never rounded.</summary>
/// <param name="precision">Digits in all; 28 at most, .NET's decimal.</param>
/// <param name="scale">Digits behind the point.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AvroDecimalAttribute(int precision, int scale) : Attribute
{
    /// <summary>Digits in all.</summary>
    public int Precision { get; } = precision;

    /// <summary>Digits behind the point.</summary>
    public int Scale { get; } = scale;
}
