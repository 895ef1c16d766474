namespace CdcSync.Contract.Avro;

/// <summary>Why a reader's schema cannot read what a writer's schema writes.</summary>
/// <param name="Type">Word of Avro's and Confluent's tools: <c>READER_FIELD_MISSING_DEFAULT_VALUE</c>, <c>TYPE_MISMATCH</c>, <c>NAME_MISMATCH</c>,
/// <c>MISSING_UNION_BRANCH</c>, <c>MISSING_ENUM_SYMBOLS</c>, <c>FIXED_SIZE_MISMATCH</c>.</param>
/// <param name="Path">JSON pointer into the reader's schema, such as <c>/fields/2/type</c>; into the writer's where a branch of its union is concerned.</param>
/// <param name="Detail">The field's name, the symbols, what was expected.</param>
/// <param name="Reader">The part of the reader's schema concerned.</param>
/// <param name="Writer">The part of the writer's schema concerned.</param>
public sealed record AvroIncompatibility(string Type, string Path, string Detail, AvroSchema Reader, AvroSchema Writer);

/// <summary>Tells whether data of one schema can be read with another, by the rules of schema resolution, in the words of Confluent's registry.</summary>
public sealed class AvroCompatibility
{
    readonly Dictionary<(AvroSchema, AvroSchema), bool> _verdicts;
    readonly List<AvroIncompatibility> _found = [];

    AvroCompatibility(Dictionary<(AvroSchema, AvroSchema), bool> verdicts) => _verdicts = verdicts;

    /// <summary>All reasons why <paramref name="reader"/> cannot read every record of <paramref name="writer"/>; empty when it can.</summary>
    public static IReadOnlyList<AvroIncompatibility> Check(AvroSchema reader, AvroSchema writer)
    {
        var check = new AvroCompatibility([]);
        check.Compare(reader, writer, "");
        return check._found;
    }

    void Compare(AvroSchema reader, AvroSchema writer, string path)
    {
        if (!_verdicts.TryAdd((reader, writer), true)) return;      // a recursive type is as compatible as the rest of it
        AvroResolution.EnsureStack(path);
        var before = _found.Count;
        Look(reader, writer, path);
        if (_found.Count > before) _verdicts[(reader, writer)] = false;
    }

    /// <summary>Whether the one reads the other, without noting why it does not.</summary>
    bool Reads(AvroSchema reader, AvroSchema writer)
    {
        if (_verdicts.TryGetValue((reader, writer), out var known)) return known;
        var aside = new AvroCompatibility(_verdicts);
        aside.Compare(reader, writer, "");
        return aside._found.Count == 0;
    }

    void Look(AvroSchema reader, AvroSchema writer, string path)
    {
        switch (reader, writer)
        {
            case (_, AvroUnionSchema union) when reader is AvroUnionSchema:
                for (var i = 0; i < union.Branches.Count; i++)
                    if (!Reads(reader, union.Branches[i])) Missing(reader, writer, union.Branches[i], $"{path}/{i}");
                break;
            case (_, AvroUnionSchema union):
                foreach (var branch in union.Branches) Compare(reader, branch, path);
                break;
            case (AvroUnionSchema union, _):
                if (!union.Branches.Any(b => Reads(b, writer))) Missing(reader, writer, writer, path);
                break;
            case (AvroRecordSchema to, AvroRecordSchema from):
                Names(to, from, path);
                Fields(to, from, path);
                break;
            case (AvroEnumSchema to, AvroEnumSchema from):
                Names(to, from, path);
                Symbols(to, from, path);
                break;
            case (AvroFixedSchema to, AvroFixedSchema from):
                Names(to, from, path);
                if (to.Size != from.Size)
                    Add("FIXED_SIZE_MISMATCH", $"{path}/size", $"expected: {to.Size}, found: {from.Size}", reader, writer);
                break;
            case (AvroArraySchema to, AvroArraySchema from):
                Compare(to.Items, from.Items, $"{path}/items");
                break;
            case (AvroMapSchema to, AvroMapSchema from):
                Compare(to.Values, from.Values, $"{path}/values");
                break;
            default:
                if (reader.Type != writer.Type && !IsPromotion(writer.Type, reader.Type))
                    Add("TYPE_MISMATCH", path.Length == 0 ? "/" : path, $"reader type: {Word(reader)} not compatible with writer type: {Word(writer)}", reader, writer);
                break;
        }
    }

    /// <summary>True when a value of the one primitive type is read as the other.</summary>
    internal static bool IsPromotion(AvroType from, AvroType to) => (from, to) is
        (AvroType.Int, AvroType.Long or AvroType.Float or AvroType.Double) or (AvroType.Long, AvroType.Float or AvroType.Double)
        or (AvroType.Float, AvroType.Double) or (AvroType.String, AvroType.Bytes) or (AvroType.Bytes, AvroType.String);

    void Names(AvroNamedSchema reader, AvroNamedSchema writer, string path)
    {
        if (!reader.Answers(writer)) Add("NAME_MISMATCH", $"{path}/name", $"expected: {writer.FullName}", reader, writer);
    }

    void Fields(AvroRecordSchema reader, AvroRecordSchema writer, string path)
    {
        foreach (var field in reader.Fields)
        {
            var place = $"{path}/fields/{field.Position}";
            if (AvroResolution.WriterField(field, writer) is { } from) Compare(field.Schema, from.Schema, $"{place}/type");
            else if (field.Default is null) Add("READER_FIELD_MISSING_DEFAULT_VALUE", place, field.Name, reader, writer);
        }
    }

    void Symbols(AvroEnumSchema reader, AvroEnumSchema writer, string path)
    {
        var missing = writer.Symbols.Except(reader.Symbols).ToList();
        if (missing.Count > 0 && reader.Default is null) Add("MISSING_ENUM_SYMBOLS", $"{path}/symbols", $"[{string.Join(", ", missing)}]", reader, writer);
    }

    void Missing(AvroSchema reader, AvroSchema writer, AvroSchema branch, string path) =>
        Add("MISSING_UNION_BRANCH", path.Length == 0 ? "/" : path, $"reader union lacking writer type: {Word(branch)}", reader, writer);

    void Add(string type, string path, string detail, AvroSchema reader, AvroSchema writer) => _found.Add(new(type, path, detail, reader, writer));

    static string Word(AvroSchema schema) => AvroWords.Of(schema.Type).ToUpperInvariant();
}
