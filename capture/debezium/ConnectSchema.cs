namespace CdcSync.Capture.Debezium;

/// <summary>Kafka Connect's types, as its JSON names them in lower case.</summary>
enum ConnectKind : byte
{
    Boolean, Int8, Int16, Int32, Int64, Float32, Float64, String, Bytes, Array, Map, Struct,
}

/// <summary>
/// A schema as Debezium hands it to Kafka Connect's converters. What a record holds is written once, in the Avro form of this schema (an optional one is a union with
/// null, first unless it has a default); the converters differ in how they show it.
/// </summary>
/// <param name="Kind">Its type.</param>
sealed record ConnectSchema(ConnectKind Kind)
{
    public bool Optional { get; init; }

    public string? Name { get; init; }

    public int? Version { get; init; }

    public string? Doc { get; init; }

    public IReadOnlyList<(string Name, string Value)> Parameters { get; init; } = [];

    /// <summary>The default in Avro, without a union's index; null for none.</summary>
    public byte[]? Default { get; init; }

    /// <summary>An array's items, a map's values (its keys are strings).</summary>
    public ConnectSchema? Items { get; init; }

    /// <summary>A struct's fields.</summary>
    public IReadOnlyList<ConnectField> Fields { get; init; } = [];

    /// <summary>A named schema of version 1, as nearly all of Debezium's are.</summary>
    public static ConnectSchema Of(ConnectKind kind, string? name = null) => new(kind) { Name = name, Version = name is null ? null : 1 };

    /// <summary>A struct.</summary>
    public static ConnectSchema Struct(string name, int? version, params IReadOnlyList<ConnectField> fields) => new(ConnectKind.Struct) { Name = name, Version = version, Fields = fields };

    public ConnectSchema AsOptional() => Optional ? this : this with { Optional = true };

    /// <summary>The index that a value of it has in its union with null; none when it is required.</summary>
    public ReadOnlySpan<byte> Present => !Optional ? [] : Default is null ? [2] : [0];

    /// <summary>The index of null.</summary>
    public byte Absent => Default is null ? (byte)0 : (byte)2;

    /// <summary>The field of that name.</summary>
    public ConnectField? Find(string name) => Fields.FirstOrDefault(f => f.Name == name);
}

/// <summary>A field of a struct.</summary>
sealed record ConnectField(string Name, ConnectSchema Schema);
