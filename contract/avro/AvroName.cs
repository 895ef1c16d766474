namespace CdcSync.Contract.Avro;

/// <summary>A name and its namespace. As Java's Avro does, letters and digits of any script pass in a name, and a namespace is not looked into.</summary>
/// <param name="Short">The name.</param>
/// <param name="Namespace">The namespace; empty for none.</param>
public readonly record struct AvroName(string Short, string Namespace)
{
    /// <summary><c>namespace.name</c>.</summary>
    public string Full => Namespace.Length == 0 ? Short : $"{Namespace}.{Short}";

    /// <summary>The full name.</summary>
    public override string ToString() => Full;

    /// <summary>Splits at the last dot; without one, the name lies in <paramref name="enclosing"/>.</summary>
    internal static AvroName Of(string text, string enclosing) =>
        text.LastIndexOf('.') is >= 0 and var dot ? new(text[(dot + 1)..], text[..dot]) : new(text, enclosing);

    /// <summary>What stands in a schema text inside this namespace.</summary>
    internal string Within(string enclosing) => Namespace == enclosing ? Short : Full;

    internal static bool IsValid(string name) =>
        name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_') && name.All(c => char.IsLetterOrDigit(c) || c == '_');
}

/// <summary>The words of the types in schema texts.</summary>
static class AvroWords
{
    static readonly Dictionary<string, AvroType> Types = Enum.GetValues<AvroType>().ToDictionary(Of);

    public static string Of(AvroType type) => type switch
    {
        AvroType.Null => "null",
        AvroType.Boolean => "boolean",
        AvroType.Int => "int",
        AvroType.Long => "long",
        AvroType.Float => "float",
        AvroType.Double => "double",
        AvroType.Bytes => "bytes",
        AvroType.String => "string",
        AvroType.Record => "record",
        AvroType.Enum => "enum",
        AvroType.Array => "array",
        AvroType.Map => "map",
        AvroType.Union => "union",
        _ => "fixed",
    };

    public static AvroType? Find(string word) => Types.TryGetValue(word, out var type) ? type : word == "error" ? AvroType.Record : null;

    public static bool IsPrimitive(AvroType type) => type <= AvroType.String;
}
