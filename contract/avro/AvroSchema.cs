using System.Text.Json;

namespace CdcSync.Contract.Avro;

/// <summary>The types of the specification.</summary>
public enum AvroType
{
    /// <summary>No value.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>32 bits, signed.</summary>
    Int,

    /// <summary>64 bits, signed.</summary>
    Long,

    /// <summary>IEEE 754, 32 bits.</summary>
    Float,

    /// <summary>IEEE 754, 64 bits.</summary>
    Double,

    /// <summary>Bytes of any length.</summary>
    Bytes,

    /// <summary>Unicode text.</summary>
    String,

    /// <summary>Named fields in order.</summary>
    Record,

    /// <summary>One of named symbols.</summary>
    Enum,

    /// <summary>Items of one schema.</summary>
    Array,

    /// <summary>Values of one schema by text.</summary>
    Map,

    /// <summary>A value of one of several schemas.</summary>
    Union,

    /// <summary>Bytes of one length.</summary>
    Fixed,
}

/// <summary>
/// An Avro schema. Immutable once parsed; the same named schema is one object wherever it is referred to, so that recursive types are cycles of objects.
/// </summary>
public abstract class AvroSchema
{
    /// <summary>No properties.</summary>
    protected static readonly IReadOnlyDictionary<string, JsonElement> None = new OrderedDictionary<string, JsonElement>();

    private protected AvroSchema(AvroType type, IReadOnlyDictionary<string, JsonElement>? properties, int fixedSize = 0)
    {
        Type = type;
        Properties = properties ?? None;
        Logical = AvroLogicalType.Of(type, fixedSize, Properties);
    }

    /// <summary>Which type it is.</summary>
    public AvroType Type { get; }

    /// <summary>What the schema says beside the attributes of its type (<c>logicalType</c>, <c>connect.name</c>, ...), in the order of the text.</summary>
    public IReadOnlyDictionary<string, JsonElement> Properties { get; }

    /// <summary>Its logical type, when it has one that applies.</summary>
    public AvroLogicalType Logical { get; }

    /// <summary>What a message calls it: the full name of a named schema, else the type's word.</summary>
    public virtual string FullName => AvroWords.Of(Type);

    /// <summary>Reads a schema.</summary>
    /// <param name="json">The schema as JSON.</param>
    /// <param name="references">Schemas whose named schemas, and those inside them, may be referred to by name.</param>
    /// <param name="validateDefaults">False lets defaults pass that do not fit their field, as old registries did.</param>
    /// <exception cref="AvroSchemaException">It is not a valid schema; the message names the place.</exception>
    public static AvroSchema Parse(string json, IEnumerable<AvroSchema>? references = null, bool validateDefaults = true) =>
        AvroSchemaParser.Parse(json, references ?? [], validateDefaults);

    /// <summary>The schema as JSON in one line; properties in the order they were read.</summary>
    public override string ToString() => ToJson();

    /// <summary>The schema as JSON.</summary>
    /// <param name="references">Schemas whose names stay references; all others are written where they are first used.</param>
    /// <param name="indented">Over several lines, for people.</param>
    public string ToJson(IEnumerable<AvroSchema>? references = null, bool indented = false) => AvroSchemaText.Write(this, references ?? [], indented);
}

/// <summary>A schema without parts: null, boolean, int, long, float, double, bytes, string.</summary>
/// <param name="type">Which.</param>
/// <param name="properties">Its properties, such as a logical type.</param>
public sealed class AvroPrimitiveSchema(AvroType type, IReadOnlyDictionary<string, JsonElement>? properties = null) : AvroSchema(type, properties);

/// <summary>A list of items.</summary>
/// <param name="items">Schema of each.</param>
/// <param name="properties">Its properties.</param>
public sealed class AvroArraySchema(AvroSchema items, IReadOnlyDictionary<string, JsonElement>? properties = null) : AvroSchema(AvroType.Array, properties)
{
    /// <summary>Schema of each item.</summary>
    public AvroSchema Items { get; } = items;
}

/// <summary>Values by text.</summary>
/// <param name="values">Schema of each value.</param>
/// <param name="properties">Its properties.</param>
public sealed class AvroMapSchema(AvroSchema values, IReadOnlyDictionary<string, JsonElement>? properties = null) : AvroSchema(AvroType.Map, properties)
{
    /// <summary>Schema of each value.</summary>
    public AvroSchema Values { get; } = values;
}

/// <summary>One of several schemas.</summary>
/// <param name="branches">The schemas, in order; no union among them, unnamed types once, named ones once by name.</param>
public sealed class AvroUnionSchema(IReadOnlyList<AvroSchema> branches) : AvroSchema(AvroType.Union, null)
{
    /// <summary>The schemas, in order.</summary>
    public IReadOnlyList<AvroSchema> Branches { get; } = branches;

    /// <summary>Where null stands; -1 when it does not.</summary>
    public int NullBranch { get; } = branches.ToList().FindIndex(b => b.Type == AvroType.Null);
}

/// <summary>A schema with a name: record, enum or fixed.</summary>
public abstract class AvroNamedSchema : AvroSchema
{
    private protected AvroNamedSchema(
        AvroType type, AvroName name, IReadOnlyList<AvroName> aliases, string? doc, IReadOnlyDictionary<string, JsonElement>? properties, int fixedSize = 0)
        : base(type, properties, fixedSize) => (Name, Aliases, Doc) = (name, aliases, doc);

    /// <summary>Its name.</summary>
    public AvroName Name { get; }

    /// <summary>Other names by which an earlier writer's schema may have it.</summary>
    public IReadOnlyList<AvroName> Aliases { get; }

    /// <summary>Documentation.</summary>
    public string? Doc { get; }

    /// <inheritdoc/>
    public override string FullName => Name.Full;

    /// <summary>True when this schema, as a reader's, stands for that one of a writer: same unqualified name, or an alias.</summary>
    internal bool Answers(AvroNamedSchema writer) => Name.Short == writer.Name.Short || Aliases.Contains(writer.Name);
}

/// <summary>One of several symbols.</summary>
public sealed class AvroEnumSchema(
    AvroName name, IReadOnlyList<string> symbols, string? @default = null, IReadOnlyList<AvroName>? aliases = null, string? doc = null,
    IReadOnlyDictionary<string, JsonElement>? properties = null) : AvroNamedSchema(AvroType.Enum, name, aliases ?? [], doc, properties)
{
    /// <summary>The symbols, in order.</summary>
    public IReadOnlyList<string> Symbols { get; } = symbols;

    /// <summary>What a reader takes for a symbol that it does not know; null when it refuses.</summary>
    public string? Default { get; } = @default;
}

/// <summary>Bytes of one length.</summary>
public sealed class AvroFixedSchema(
    AvroName name, int size, IReadOnlyList<AvroName>? aliases = null, string? doc = null, IReadOnlyDictionary<string, JsonElement>? properties = null)
    : AvroNamedSchema(AvroType.Fixed, name, aliases ?? [], doc, properties, size)
{
    /// <summary>How many bytes.</summary>
    public int Size { get; } = size;
}

/// <summary>Fields in order.</summary>
public sealed class AvroRecordSchema : AvroNamedSchema
{
    Dictionary<string, AvroField> _byName = [];

    /// <summary>A record; its fields follow with <see cref="Complete"/>, so that they can refer to it.</summary>
    internal AvroRecordSchema(
        AvroName name, IReadOnlyList<AvroName> aliases, string? doc, IReadOnlyDictionary<string, JsonElement>? properties, bool isError)
        : base(AvroType.Record, name, aliases, doc, properties) => IsError = isError;

    /// <summary>True for the type word <c>error</c>.</summary>
    public bool IsError { get; }

    /// <summary>The fields, in order.</summary>
    public IReadOnlyList<AvroField> Fields { get; private set; } = [];

    /// <summary>The field of that name; null when there is none.</summary>
    public AvroField? Find(string name) => _byName.GetValueOrDefault(name);

    internal void Complete(IReadOnlyList<AvroField> fields)
    {
        Fields = fields;
        _byName = fields.ToDictionary(f => f.Name);
    }
}

/// <summary>A field of a record.</summary>
public sealed class AvroField
{
    internal AvroField(
        string name, int position, AvroSchema schema, JsonElement? @default, IReadOnlyList<string> aliases, string? doc, string order,
        IReadOnlyDictionary<string, JsonElement> properties) =>
        (Name, Position, Schema, Default, Aliases, Doc, Order, Properties) = (name, position, schema, @default, aliases, doc, order, properties);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its place among the fields, from 0.</summary>
    public int Position { get; }

    /// <summary>Its schema.</summary>
    public AvroSchema Schema { get; }

    /// <summary>The value of readers whose writer has no such field, as JSON; null when there is none (a JSON null is a value).</summary>
    public JsonElement? Default { get; }

    /// <summary>Names by which an earlier writer's schema may have it.</summary>
    public IReadOnlyList<string> Aliases { get; }

    /// <summary>Documentation.</summary>
    public string? Doc { get; }

    /// <summary>Sort order: <c>ascending</c>, <c>descending</c> or <c>ignore</c>.</summary>
    public string Order { get; }

    /// <summary>What else it says, in the order of the text.</summary>
    public IReadOnlyDictionary<string, JsonElement> Properties { get; }
}
