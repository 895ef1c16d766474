namespace CdcSync.Contract.Avro;

/// <summary>Finds the named schemas in a schema.</summary>
static class AvroNames
{
    /// <summary>All named schemas in it, each once, in the order of the text.</summary>
    public static IReadOnlyCollection<AvroNamedSchema> In(AvroSchema schema)
    {
        var found = new OrderedDictionary<string, AvroNamedSchema>();
        Collect(schema, found);
        return found.Values;
    }

    static void Collect(AvroSchema schema, OrderedDictionary<string, AvroNamedSchema> found)
    {
        if (schema is AvroNamedSchema named && !found.TryAdd(named.Name.Full, named)) return;
        foreach (var part in Parts(schema)) Collect(part, found);
    }

    static IEnumerable<AvroSchema> Parts(AvroSchema schema) => schema switch
    {
        AvroRecordSchema record => record.Fields.Select(f => f.Schema),
        AvroArraySchema array => [array.Items],
        AvroMapSchema map => [map.Values],
        AvroUnionSchema union => union.Branches,
        _ => [],
    };
}
