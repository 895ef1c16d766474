using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Tests;

/// <summary>Whether two values are the same, bit by bit; maps in any order.</summary>
static class AvroSame
{
    public static bool As(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (AvroRecord a, AvroRecord b) => a.Values.Length == b.Values.Length && a.Values.Zip(b.Values).All(p => As(p.First, p.Second)),
        (AvroBranch a, AvroBranch b) => a.Index == b.Index && As(a.Value, b.Value),
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (IReadOnlyDictionary<string, object?> a, IReadOnlyDictionary<string, object?> b) => a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var other) && As(p.Value, other)),
        (IReadOnlyList<object?> a, IReadOnlyList<object?> b) => a.Count == b.Count && a.Zip(b).All(p => As(p.First, p.Second)),
        (double a, double b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b),
        (float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b),
        _ => Equals(left, right),
    };
}
