using System.Text.Json;
using Npgsql;

namespace CdcSync.EventLog.Registry;

/// <summary>A version of a subject as the store has it.</summary>
/// <param name="Subject">Its subject.</param>
/// <param name="Version">Its number, from 1.</param>
/// <param name="Id">Its schema's id.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Deleted">Soft-deleted: hidden, still there.</param>
public sealed record StoredVersion(string Subject, int Version, int Id, RegisteredSchema Schema, bool Deleted);

/// <summary>Which version of a subject is meant.</summary>
/// <param name="Number">Its number; null for the latest.</param>
public readonly record struct VersionName(int? Number)
{
    /// <summary>Reads a number from 1, <c>latest</c> or <c>-1</c>.</summary>
    /// <exception cref="SchemaRegistryException">42202: it is none of these.</exception>
    public static VersionName Parse(string text) =>
        text is "latest" or "-1" ? new(null)
        : int.TryParse(text, out var number) && number > 0 ? new(number)
        : throw RegistryErrors.InvalidVersion(text);
}

/// <summary>Reads versions from the store.</summary>
static class StoredVersions
{
    const string Select = "select v.subject, v.version, s.id, s.text, s.refs::text, v.deleted from registry.version v join registry.schema s on s.id = v.schema_id ";

    /// <summary>All versions of a subject, soft-deleted ones too, in order.</summary>
    public static Task<List<StoredVersion>> VersionsAsync(this RegistrySession session, string subject, CancellationToken stop) =>
        session.RowsAsync(Select + "where v.subject = $1 order by v.version", Read, stop, subject);

    /// <summary>One version, soft-deleted or not; null when there is none.</summary>
    public static async Task<StoredVersion?> VersionAsync(this RegistrySession session, string subject, int version, CancellationToken stop) =>
        (await session.RowsAsync(Select + "where v.subject = $1 and v.version = $2", Read, stop, subject, version)).FirstOrDefault();

    /// <summary>Versions of all subjects that start so, ordered by subject and version.</summary>
    public static Task<List<StoredVersion>> ListAsync(this RegistrySession session, string prefix, CancellationToken stop) =>
        session.RowsAsync(Select + """where starts_with(v.subject, $1) order by v.subject collate "C", v.version""", Read, stop, prefix);

    /// <summary>Where a schema is registered, soft-deleted versions too.</summary>
    public static Task<List<StoredVersion>> PlacesAsync(this RegistrySession session, int id, CancellationToken stop) =>
        session.RowsAsync(Select + """where s.id = $1 order by v.subject collate "C", v.version""", Read, stop, id);

    /// <summary>Ids of the schemas that refer to a version and are not deleted.</summary>
    public static Task<List<int>> ReferrersAsync(this RegistrySession session, string subject, int version, CancellationToken stop) =>
        session.RowsAsync("""
            select distinct s.id from registry.schema s join registry.version v on v.schema_id = s.id
            where not v.deleted and s.refs @> jsonb_build_array(jsonb_build_object('Subject', $1::text, 'Version', $2::int)) order by s.id
            """, row => row.GetInt32(0), stop, subject, version);

    /// <summary>The schema of an id, whether a version has it or not.</summary>
    public static async Task<RegisteredSchema?> SchemaAsync(this RegistrySession session, int id, CancellationToken stop) =>
        (await session.RowsAsync("select text, refs::text from registry.schema where id = $1", row => Schema(row, 0), stop, id)).FirstOrDefault();

    public static string Write(IReadOnlyList<SchemaReference>? references) => JsonSerializer.Serialize(references ?? []);

    static StoredVersion Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt32(1), row.GetInt32(2), Schema(row, 3), row.GetBoolean(5));

    static RegisteredSchema Schema(NpgsqlDataReader row, int column) =>
        new(row.GetString(column), JsonSerializer.Deserialize<SchemaReference[]>(row.GetString(column + 1)));
}
