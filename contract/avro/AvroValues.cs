using System.Numerics;

namespace CdcSync.Contract.Avro;

/// <summary>A record as read: its values by the positions of its schema's fields.</summary>
/// <param name="schema">Its schema.</param>
/// <param name="values">The values, one a field; kept, not copied.</param>
public sealed class AvroRecord(AvroRecordSchema schema, object?[] values)
{
    /// <summary>A record of nulls, to be filled.</summary>
    public AvroRecord(AvroRecordSchema schema)
        : this(schema, new object?[schema.Fields.Count])
    {
    }

    /// <summary>Its schema.</summary>
    public AvroRecordSchema Schema { get; } = schema;

    /// <summary>The values, in the order of the fields.</summary>
    public object?[] Values { get; } = values.Length == schema.Fields.Count
        ? values
        : throw new ArgumentException($"'{schema.FullName}' has {schema.Fields.Count} fields, not {values.Length}", nameof(values));

    /// <summary>The value of a field by position.</summary>
    public object? this[int field]
    {
        get => Values[field];
        set => Values[field] = value;
    }

    /// <summary>The value of a field by name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public object? this[string field]
    {
        get => Values[Position(field)];
        set => Values[Position(field)] = value;
    }

    int Position(string field) => Schema.Find(field)?.Position ?? throw new KeyNotFoundException($"'{Schema.FullName}' has no field '{field}'");
}

/// <summary>
/// A value of a union together with its branch. Only used where the value alone would not tell the branch, such as text in a union of string and enum; a writer
/// takes it anywhere.
/// </summary>
/// <param name="Index">Place of the branch in the union.</param>
/// <param name="Value">The value.</param>
public sealed record AvroBranch(int Index, object? Value);

/// <summary>A decimal of any size: a number is <paramref name="Unscaled"/> / 10^<paramref name="Scale"/>.</summary>
/// <param name="Unscaled">The digits, as a whole number.</param>
/// <param name="Scale">How many of them stand behind the point.</param>
public readonly record struct AvroDecimal(BigInteger Unscaled, int Scale)
{
    /// <summary>The number, exactly, with the scale it has.</summary>
    public static AvroDecimal From(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var digits = ((UInt128)(uint)bits[2] << 64) | ((UInt128)(uint)bits[1] << 32) | (uint)bits[0];
        return new(value < 0 ? -(BigInteger)digits : digits, value.Scale);
    }

    /// <summary>The number as .NET's decimal.</summary>
    /// <exception cref="OverflowException">It has more digits than a decimal holds.</exception>
    public decimal ToDecimal()
    {
        var (digits, scale) = (Unscaled, Scale);
        for (; scale > 0 && (scale > 28 || BigInteger.Abs(digits) >= AvroDecimals.Limit); scale--)
        {
            digits = BigInteger.DivRem(digits, 10, out var rest);
            if (!rest.IsZero) throw new OverflowException("The number has more digits than a decimal holds");
        }
        return AvroDecimals.Scaled((Int128)digits, scale);
    }

    /// <summary>The same number with another scale; null when digits would be lost.</summary>
    public AvroDecimal? WithScale(int scale)
    {
        if (scale >= Scale) return new(Unscaled * BigInteger.Pow(10, scale - Scale), scale);
        var digits = BigInteger.DivRem(Unscaled, BigInteger.Pow(10, Scale - scale), out var rest);
        return rest.IsZero ? new(digits, scale) : null;
    }
}
