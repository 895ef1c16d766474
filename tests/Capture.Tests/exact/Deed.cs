using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CdcSync.Contract.Avro;

namespace CdcSync.Capture.Tests.Exact;

/// <summary>One change of one row, as the source's history or the log tells it: small, for there are millions.</summary>
/// <param name="Op">Debezium's letter; in the history also <c>k</c>, a row that came under another key, which the log tells as <c>c</c>.</param>
/// <param name="Tx">The source's transaction.</param>
/// <param name="Row">A hash of the new row but for its long text; 0 for a delete.</param>
/// <param name="Note">A hash of the long text.</param>
/// <param name="Version">What a row read is known by: its columns may be others than at its last change.</param>
readonly record struct Deed(char Op, long Tx, long Row, long Note, int Version)
{
    /// <summary>What the log says of a long text that the change did not touch.</summary>
    public const long Untouched = -1;

    const string Long = "note";

    /// <summary>Whether the log told what happened.</summary>
    public bool Tells(in Deed happened) =>
        Op == (happened.Op == 'k' ? 'c' : happened.Op) && Tx == happened.Tx && Row == happened.Row && (Note == happened.Note || Note == Untouched && happened.Op is ('u' or 'k'));

    public override string ToString() => $"{Op}[{Tx}:{Row & 0xffff:x4}{(Note == Untouched ? "+" : "")}]";

    /// <summary>From <c>to_jsonb(row)</c>.</summary>
    public static Deed Of(char op, long tx, string? row)
    {
        if (row is null) return new Deed(op, tx, 0, 0, -1);
        using var parsed = JsonDocument.Parse(row);
        return Of(op, tx, parsed.RootElement.EnumerateObject().Select(p => (p.Name, p.Value.ValueKind == JsonValueKind.Null ? null : p.Value.ToString())));
    }

    /// <summary>From the envelope's <c>after</c>.</summary>
    public static Deed Of(char op, long tx, AvroRecord? row) =>
        row is null ? new Deed(op, tx, 0, 0, -1) : Of(op, tx, row.Schema.Fields.Select(f => (f.Name, (row[f.Position] is AvroBranch told ? told.Value : row[f.Position])?.ToString())));

    static Deed Of(char op, long tx, IEnumerable<(string Name, string? Value)> cells)
    {
        var text = new StringBuilder();
        var (note, version) = (0L, 0);
        foreach (var (name, value) in cells.OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            if (name == "version") version = int.Parse(value!);
            if (name == Long) note = value == "__debezium_unavailable_value" ? Untouched : Hash(value ?? "(null)");
            else text.Append(name).Append('=').Append(value ?? "(null)").Append(';');
        }
        return new Deed(op, tx, Hash(text.ToString()), note, version);
    }

    static long Hash(string text) => BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text))) & long.MaxValue;
}
