namespace CdcSync.Contract.Avro;

/// <summary>Reads arrays and maps.</summary>
sealed class AvroBlocks<T>(AvroRead<T> items)
{
    /// <summary>A list never starts larger, whatever the data claims.</summary>
    const int MaxCapacity = 1024;

    public List<T> ReadList(ref AvroInput input)
    {
        var list = new List<T>();
        try
        {
            while (input.ReadBlock(out var end) is > 0 and var count)
            {
                list.EnsureCapacity(list.Count + (int)Math.Min(Math.Min(count, input.Remaining), MaxCapacity));
                for (; count > 0; count--)
                {
                    var start = input.Position;
                    list.Add(items(ref input));
                    input.CountEmpty(start);
                }
                input.EndBlock(end);
            }
            return list;
        }
        catch (AvroDataException e) when (e.Within(list.Count))
        {
            throw;
        }
    }

    public Dictionary<string, T> ReadMap(ref AvroInput input)
    {
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        try
        {
            while (input.ReadBlock(out var end) is > 0 and var count)
            {
                for (; count > 0; count--)
                {
                    var start = input.Position;
                    if (!map.TryAdd(input.ReadString(), items(ref input))) AvroInput.Fail(start, "a key that the map has already");
                }
                input.EndBlock(end);
            }
            return map;
        }
        catch (AvroDataException e) when (e.Within(map.Count))
        {
            throw;
        }
    }
}

/// <summary>Reads a writer's union.</summary>
sealed class AvroUnionRead<T>(AvroRead<T>[] branches)
{
    public T Read(ref AvroInput input) => branches[input.ReadIndex(branches.Length, "union branch")](ref input);
}

/// <summary>Readings of numbers as the same or a wider type.</summary>
static class AvroPromotions
{
    /// <summary>An <see cref="AvroRead{T}"/> of the reader's type; null where there is nothing to promote.</summary>
    public static Delegate? Find(AvroType writer, AvroType reader) => (writer, reader) switch
    {
        (AvroType.Int, AvroType.Long) => (AvroRead<long>)((ref input) => input.ReadInt()),
        (AvroType.Long, AvroType.Long) => (AvroRead<long>)((ref input) => input.ReadLong()),
        (AvroType.Int, AvroType.Float) => (AvroRead<float>)((ref input) => input.ReadInt()),
        (AvroType.Long, AvroType.Float) => (AvroRead<float>)((ref input) => input.ReadLong()),
        (AvroType.Float, AvroType.Float) => (AvroRead<float>)((ref input) => input.ReadFloat()),
        (AvroType.Int, AvroType.Double) => (AvroRead<double>)((ref input) => input.ReadInt()),
        (AvroType.Long, AvroType.Double) => (AvroRead<double>)((ref input) => input.ReadLong()),
        (AvroType.Float, AvroType.Double) => (AvroRead<double>)((ref input) => input.ReadFloat()),
        (AvroType.Double, AvroType.Double) => (AvroRead<double>)((ref input) => input.ReadDouble()),
        _ => null,
    };
}
