using CdcSync.Servers.Tds;

namespace CdcSync.Servers.SqlServer;

/// <summary>A column of a test's table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sql">Its type as SQL Server writes it.</param>
/// <param name="Nullable">Whether it may be null.</param>
/// <param name="Key">1-based place in the primary key; 0 for none.</param>
/// <param name="Default">The default's definition, as <c>sys.default_constraints</c> shows it.</param>
/// <param name="Computed">The expression of a computed column.</param>
public sealed record TestColumn(string Name, string Sql, bool Nullable = true, int Key = 0, string? Default = null, string? Computed = null)
{
    /// <summary>Its type on the wire; what the client has converted on the server comes as text or bytes.</summary>
    public TdsType Wire { get; } = Sql switch
    {
        "xml" or "sql_variant" => new TdsType("nvarchar", -1),
        "hierarchyid" => new TdsType("varbinary", 892),
        "geography" or "geometry" => new TdsType("varbinary", -1),
        _ => TdsType.Parse(Sql),
    };

    /// <summary>Reads <c>id int not null key</c>, <c>name nvarchar(50)</c>, <c>state int default ((1))</c>, <c>total as ([a]+[b])</c>.</summary>
    public static TestColumn Parse(string text)
    {
        var parts = text.Trim().Split(' ', 2);
        if (parts[1].StartsWith("as ", StringComparison.Ordinal)) return new(parts[0], "int", Computed: parts[1][3..]);
        var rest = parts[1];
        var at = rest.IndexOf(" default ", StringComparison.Ordinal);
        var fallback = at >= 0 ? rest[(at + 9)..] : null;
        if (at >= 0) rest = rest[..at];
        var key = rest.Contains(" key", StringComparison.Ordinal) ? rest[^1] is >= '1' and <= '9' and var digit && rest[^2] == 'y' ? digit - '0' : 1 : 0;
        var type = rest.Split(' ')[0];
        return new(parts[0], type, !rest.Contains("not null", StringComparison.Ordinal) && key == 0, key, fallback);
    }
}

/// <summary>A table of the model: its columns and the rows that are there now, by key.</summary>
public sealed class ModelTable(int id, string schema, string name, IEnumerable<TestColumn> columns)
{
    public int Id { get; } = id;
    public string Schema { get; } = schema;
    public string Name { get; } = name;
    public List<TestColumn> Columns { get; } = [.. columns];

    /// <summary>Rows are replaced, never changed: whoever holds one has a snapshot of it.</summary>
    public Dictionary<string, IReadOnlyDictionary<string, object?>> Rows { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<TestColumn> Key => [.. Columns.Where(c => c.Key > 0).OrderBy(c => c.Key)];

    /// <summary>The row with these values; of several the first.</summary>
    public string Find(IReadOnlyDictionary<string, object?> key) =>
        Key.Count > 0 ? KeyOf(key) : Rows.FirstOrDefault(r => key.All(k => Equals(r.Value.GetValueOrDefault(k.Key), k.Value))).Key ?? "";

    public string KeyOf(IReadOnlyDictionary<string, object?> row) =>
        Key.Count == 0 ? Guid.NewGuid().ToString() : string.Join('|', Key.Select(k => row.GetValueOrDefault(k.Name) is DateTime time ? time.Ticks.ToString() : Convert.ToString(row.GetValueOrDefault(k.Name), System.Globalization.CultureInfo.InvariantCulture)));
}

/// <summary>A row of a change table.</summary>
public sealed record ModelChange(byte[] StartLsn, byte[] Seqval, int Operation, byte[] Mask, IReadOnlyDictionary<string, object?> Values);

/// <summary>A capture instance: the columns of its table when it was made, and its change rows.</summary>
public sealed class ModelInstance(int id, string name, ModelTable table, byte[] startLsn, DateTime created)
{
    public int Id { get; } = id;
    public string Name { get; } = name;
    public ModelTable Table { get; } = table;
    public DateTime Created { get; } = created;
    public IReadOnlyList<TestColumn> Columns { get; } = [.. table.Columns];
    public byte[] StartLsn { get; set; } = startLsn;
    public List<ModelChange> Rows { get; } = [];
}
