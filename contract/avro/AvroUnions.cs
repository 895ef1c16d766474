namespace CdcSync.Contract.Avro;

/// <summary>Which branch of a union a value belongs to.</summary>
static class AvroUnions
{
    enum Kind
    {
        Null, Boolean, Int, Long, Float, Double, Text, Bytes, Decimal, Record, List, Map,
    }

    /// <summary>True when the branch's values differ in kind from those of every other branch.</summary>
    public static bool TellsItself(AvroUnionSchema union, int index)
    {
        var kind = Of(union.Branches[index]);
        return kind == Kind.Record || union.Branches.Count(b => Of(b) == kind) == 1;
    }

    /// <summary>The branch that takes the value: its exact kind first, then one to which it widens; -1 for none.</summary>
    public static int Choose(AvroUnionSchema union, object? value)
    {
        if (value is AvroRecord record) return ChooseRecord(union, record);
        var kind = Of(value);
        for (var i = 0; i < union.Branches.Count; i++)
            if (Of(union.Branches[i]) == kind && Has(union.Branches[i], value)) return i;
        for (var i = 0; i < union.Branches.Count; i++)
            if (Widens(kind, Of(union.Branches[i]))) return i;
        return -1;
    }

    static int ChooseRecord(AvroUnionSchema union, AvroRecord record)
    {
        for (var i = 0; i < union.Branches.Count; i++)
            if (union.Branches[i].Type == AvroType.Record && (ReferenceEquals(union.Branches[i], record.Schema) || union.Branches[i].FullName == record.Schema.FullName))
                return i;
        return -1;
    }

    static bool Has(AvroSchema schema, object? value) => (schema, value) switch
    {
        (AvroEnumSchema symbols, string text) => symbols.Symbols.Contains(text),
        (AvroFixedSchema bytes, byte[] data) => data.Length == bytes.Size,
        _ => true,
    };

    static bool Widens(Kind? from, Kind to) => (from, to) is (Kind.Int, Kind.Long) or (Kind.Float, Kind.Double);

    static Kind Of(AvroSchema schema) => schema.Type switch
    {
        AvroType.Null => Kind.Null,
        AvroType.Boolean => Kind.Boolean,
        AvroType.Int => Kind.Int,
        AvroType.Long => Kind.Long,
        AvroType.Float => Kind.Float,
        AvroType.Double => Kind.Double,
        AvroType.Bytes or AvroType.Fixed => schema.Logical.Kind == AvroLogicalKind.Decimal ? Kind.Decimal : Kind.Bytes,
        AvroType.String or AvroType.Enum => Kind.Text,
        AvroType.Array => Kind.List,
        AvroType.Map => Kind.Map,
        _ => Kind.Record,
    };

    static Kind? Of(object? value) => value switch
    {
        null => Kind.Null,
        bool => Kind.Boolean,
        int => Kind.Int,
        long => Kind.Long,
        float => Kind.Float,
        double => Kind.Double,
        string => Kind.Text,
        byte[] => Kind.Bytes,
        decimal or AvroDecimal => Kind.Decimal,
        IReadOnlyDictionary<string, object?> => Kind.Map,
        IReadOnlyList<object?> => Kind.List,
        _ => null,
    };

}
