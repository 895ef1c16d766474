using System.Runtime.CompilerServices;

namespace CdcSync.Contract.Avro;

/// <summary>How the schemas of a writer and a reader meet (specification, "schema resolution").</summary>
sealed class AvroResolution
{
    readonly Dictionary<(AvroRecordSchema, AvroRecordSchema), AvroPlan> _records = [];

    AvroResolution()
    {
    }

    /// <exception cref="AvroSchemaException">No data of the writer's schema can be read.</exception>
    public static AvroPlan Plan(AvroSchema writer, AvroSchema reader) =>
        new AvroResolution().Resolve(writer, reader, "") is var plan && plan is AvroRefusal refusal ? throw new AvroSchemaException(refusal.Path, refusal.Why) : plan;

    /// <summary>The writer's field that a reader's field stands for: by name, then by the reader's aliases; null when there is none.</summary>
    public static AvroField? WriterField(AvroField reader, AvroRecordSchema writer)
    {
        if (writer.Find(reader.Name) is { } same) return same;
        foreach (var alias in reader.Aliases)
            if (writer.Find(alias) is { } aliased) return aliased;
        return null;
    }

    /// <summary>Refuses schemas that lead through so many others that walking over them would overflow the stack.</summary>
    public static void EnsureStack(string path)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new AvroSchemaException(path, "too many schemas refer to each other in one chain");
    }

    AvroPlan Resolve(AvroSchema writer, AvroSchema reader, string path)
    {
        EnsureStack(path);
        return (writer, reader) switch
        {
            (AvroUnionSchema from, _) => Branches(from, reader, path),
            (_, AvroUnionSchema to) => ChooseBranch(writer, to, path),
            (AvroRecordSchema from, AvroRecordSchema to) when to.Answers(from) => Record(from, to, path),
            (AvroEnumSchema from, AvroEnumSchema to) when to.Answers(from) => new AvroEnumPlan(from, to),
            (AvroFixedSchema from, AvroFixedSchema to) when to.Answers(from) && from.Size == to.Size => new AvroValuePlan(from, to),
            (AvroArraySchema from, AvroArraySchema to) => Items(false, from.Items, to.Items, $"{path}/items"),
            (AvroMapSchema from, AvroMapSchema to) => Items(true, from.Values, to.Values, $"{path}/values"),
            _ when AvroWords.IsPrimitive(writer.Type) && (writer.Type == reader.Type || AvroCompatibility.IsPromotion(writer.Type, reader.Type)) =>
                new AvroValuePlan(writer, reader),
            _ => new AvroRefusal(path, $"a reader's {Describe(reader)} cannot read a writer's {Describe(writer)}"),
        };
    }

    AvroPlan Items(bool isMap, AvroSchema writer, AvroSchema reader, string path) =>
        Resolve(writer, reader, path) is var items && items is AvroRefusal ? items : new AvroItemsPlan(isMap, items);

    AvroPlan Branches(AvroUnionSchema writer, AvroSchema reader, string path)
    {
        var plans = writer.Branches.Select(b => Resolve(b, reader, path)).ToArray();
        return plans.Length > 0 && plans.All(p => p is AvroRefusal) ? plans[0] : new AvroUnionPlan(plans);
    }

    /// <summary>The branch of the same type and full name, else the first that can read it: promotion never wins over the type that was written.</summary>
    AvroPlan ChooseBranch(AvroSchema writer, AvroUnionSchema reader, string path)
    {
        for (var same = true; ; same = false)
        {
            for (var i = 0; i < reader.Branches.Count; i++)
                if (reader.Branches[i].FullName == writer.FullName == same && Resolve(writer, reader.Branches[i], $"{path}/{i}") is var plan and not AvroRefusal)
                    return new AvroBranchPlan(reader, i, plan);
            if (!same) return new AvroRefusal(path, $"no branch of the reader's union can read a writer's {Describe(writer)}");
        }
    }

    AvroPlan Record(AvroRecordSchema writer, AvroRecordSchema reader, string path)
    {
        if (_records.TryGetValue((writer, reader), out var known)) return known;
        var plan = new AvroRecordPlan(writer, reader);
        _records.Add((writer, reader), plan);
        var byWriter = new Dictionary<AvroField, AvroField>();
        foreach (var field in reader.Fields)
        {
            if (WriterField(field, writer) is { } from && byWriter.TryAdd(from, field)) continue;
            if (field.Default is null)
                return _records[(writer, reader)] = new AvroRefusal(
                    $"{path}/fields/{field.Position}", $"field '{field.Name}' has no default and the writer's '{writer.FullName}' has no such field");
            plan.Missing.Add(field);
        }
        foreach (var field in writer.Fields)
        {
            var to = byWriter.GetValueOrDefault(field);
            var value = to is null ? null : Resolve(field.Schema, to.Schema, $"{path}/fields/{to.Position}/type");
            if (value is AvroRefusal) return _records[(writer, reader)] = value;
            plan.Steps.Add((field, to, value));
        }
        return plan;
    }

    static string Describe(AvroSchema schema) =>
        schema is AvroNamedSchema ? $"{AvroWords.Of(schema.Type)} '{schema.FullName}'" + (schema is AvroFixedSchema bytes ? $" of {bytes.Size} bytes" : "") : schema.FullName;
}
