namespace CdcSync.Contract.Avro;

/// <summary>Steps over what a reader does not want, with the same distrust as reading it.</summary>
static class AvroSkip
{
    public static void Skip(AvroSchema schema, ref AvroInput input)
    {
        switch (schema.Type)
        {
            case AvroType.Null: break;
            case AvroType.Boolean: input.ReadBoolean(); break;
            case AvroType.Int: input.ReadInt(); break;
            case AvroType.Long: input.ReadLong(); break;
            case AvroType.Float: input.ReadFixed(4); break;
            case AvroType.Double: input.ReadFixed(8); break;
            case AvroType.Bytes or AvroType.String: input.ReadBytes(); break;
            case AvroType.Enum: input.ReadIndex(((AvroEnumSchema)schema).Symbols.Count, "symbol"); break;
            case AvroType.Fixed: input.ReadFixed(((AvroFixedSchema)schema).Size); break;
            case AvroType.Array: Blocks(((AvroArraySchema)schema).Items, false, ref input); break;
            case AvroType.Map: Blocks(((AvroMapSchema)schema).Values, true, ref input); break;
            case AvroType.Union:
                var branches = ((AvroUnionSchema)schema).Branches;
                Skip(branches[input.ReadIndex(branches.Count, "union branch")], ref input);
                break;
            default: Record((AvroRecordSchema)schema, ref input); break;
        }
    }

    static void Record(AvroRecordSchema schema, ref AvroInput input)
    {
        input.Enter();
        var start = input.Position;
        var i = 0;
        try
        {
            for (; i < schema.Fields.Count; i++) Skip(schema.Fields[i].Schema, ref input);
        }
        catch (AvroDataException e) when (e.Within(schema.Fields[i].Name))
        {
            throw;
        }
        input.CountEmpty(start);
        input.Leave();
    }

    static void Blocks(AvroSchema items, bool isMap, ref AvroInput input)
    {
        while (input.ReadBlock(out var end) is > 0 and var count)
        {
            if (end >= 0)
            {
                input.SkipTo(end);
                continue;
            }
            for (; count > 0; count--)
            {
                var start = input.Position;
                if (isMap) input.ReadBytes();
                Skip(items, ref input);
                input.CountEmpty(start);
            }
        }
    }
}
