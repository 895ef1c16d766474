namespace CdcSync.Contract.Avro;

/// <summary>How data of a writer's schema becomes a value of a reader's: made once, then turned into delegates for records or for objects.</summary>
abstract class AvroPlan;

/// <summary>Primitive or fixed, as it is or promoted.</summary>
sealed class AvroValuePlan(AvroSchema writer, AvroSchema reader) : AvroPlan
{
    public AvroSchema Writer { get; } = writer;
    public AvroSchema Reader { get; } = reader;

    /// <summary>The scale the writer wrote with, where both see a decimal; the reader's where the writer only saw bytes.</summary>
    public int Scale => Writer.Logical.Kind == AvroLogicalKind.Decimal ? Writer.Logical.Scale : Reader.Logical.Scale;
}

/// <summary>Enum: per symbol of the writer its place in the reader's, -1 where the reader has neither it nor a default.</summary>
sealed class AvroEnumPlan(AvroEnumSchema writer, AvroEnumSchema reader) : AvroPlan
{
    public AvroEnumSchema Writer { get; } = writer;
    public AvroEnumSchema Reader { get; } = reader;

    public int[] Places { get; } =
        [.. writer.Symbols.Select(s => reader.Symbols.ToList().IndexOf(s) is >= 0 and var place ? place : reader.Symbols.ToList().IndexOf(reader.Default!))];
}

/// <summary>Array or map, by what is in it.</summary>
sealed class AvroItemsPlan(bool isMap, AvroPlan items) : AvroPlan
{
    public bool IsMap { get; } = isMap;
    public AvroPlan Items { get; } = items;
}

/// <summary>The writer has a union: a plan a branch.</summary>
sealed class AvroUnionPlan(AvroPlan[] branches) : AvroPlan
{
    public AvroPlan[] Branches { get; } = branches;
}

/// <summary>The reader has a union and the value falls into one branch of it.</summary>
sealed class AvroBranchPlan(AvroUnionSchema reader, int index, AvroPlan value) : AvroPlan
{
    public AvroUnionSchema Reader { get; } = reader;
    public int Index { get; } = index;
    public AvroPlan Value { get; } = value;
}

/// <summary>Record: what to do with each of the writer's fields, and which of the reader's take their defaults.</summary>
sealed class AvroRecordPlan(AvroRecordSchema writer, AvroRecordSchema reader) : AvroPlan
{
    public AvroRecordSchema Writer { get; } = writer;
    public AvroRecordSchema Reader { get; } = reader;

    /// <summary>In the writer's order; without a reader's field the value is skipped.</summary>
    public List<(AvroField Writer, AvroField? Reader, AvroPlan? Value)> Steps { get; } = [];

    public List<AvroField> Missing { get; } = [];
}

/// <summary>The two do not meet. Refused at once, or when a union's branch turns up that has this plan.</summary>
sealed class AvroRefusal(string path, string why) : AvroPlan
{
    public string Path { get; } = path;
    public string Why { get; } = why;
}
