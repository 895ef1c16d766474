using System.Runtime.CompilerServices;

namespace CdcSync.Contract.Avro;

/// <summary>How the schemas of a writer and a reader meet (specification, "schema resolution").</summary>
static class AvroResolution
{
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
}
