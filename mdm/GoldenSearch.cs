using System.Text;
using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Resolution;
using Npgsql;

namespace CdcSync.Mdm;

/// <summary>A record that was found.</summary>
/// <param name="Key">Whose record it is.</param>
/// <param name="Name">Its name there.</param>
/// <param name="About">What tells it from others of that name: where it is, its number.</param>
/// <param name="GoldenId">The golden record it is in.</param>
/// <param name="Records">How many records that is made of.</param>
public sealed record SearchHit(CanonicalKey Key, string Name, string About, string GoldenId, int Records);

/// <summary>A record as its source gave it.</summary>
/// <param name="Key">Whose record it is.</param>
/// <param name="GoldenId">The golden record it is in.</param>
/// <param name="Object">Its values.</param>
public sealed record RecordView(CanonicalKey Key, string GoldenId, CanonicalObject Object);

/// <summary>Finds records by what people know of them: a golden id, <c>SOURCE/ID</c>, or beginnings of words of their names, ids and numbers.</summary>
public sealed class GoldenSearch(NpgsqlDataSource store)
{
    /// <summary>At most so many at once.</summary>
    public const int MostAtOnce = 500;

    // A word that begins half of all names is not sorted to its end.
    const int Looked = 5000;

    const string Hits = "select r.source, r.source_id, r.label, r.golden_id, (select g.members from mdm.golden g where g.id = r.golden_id), r.body::text from mdm.record r";

    /// <summary>What is found, the nearest first.</summary>
    public async Task<IReadOnlyList<SearchHit>> FindAsync(string kind, string text, int limit, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        var most = Math.Clamp(limit, 1, MostAtOnce);
        // PostgreSQL's text holds neither NUL nor half a surrogate pair.
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace("\0", "", StringComparison.Ordinal).Trim();
        if (GoldenIds.Parse(text) is { } golden && golden.Kind == kind)
        {
            var members = await connection.ReadAsync(
                $"{Hits} where r.kind = $1 and r.golden_id = coalesce((select to_id from mdm.redirect where from_id = $2), $2) order by r.source collate \"C\", r.source_id collate \"C\" limit $3",
                row => Hit(kind, row), stop, kind, golden.Id, most);
            if (members.Count > 0) return members;
        }
        if (text.Split('/', 2) is [var source, var id])
        {
            var named = await connection.ReadAsync($"{Hits} where r.kind = $1 and r.source = $2 and r.source_id = $3 and r.golden_id is not null", row => Hit(kind, row), stop, kind, source, id);
            if (named.Count > 0) return named;
        }
        if (SearchWords.Query(text) is not { } query) return [];
        return await connection.ReadAsync(
            $"""
            {Hits}
            join (select id from mdm.record where kind = $1 and golden_id is not null and to_tsvector('simple', words) @@ to_tsquery('simple', $5) limit $4) found on found.id = r.id
            order by r.source_id = $2 desc, lower(r.label) = lower($2) desc, starts_with(lower(r.label), lower($2)) desc, r.label, r.source collate "C", r.source_id collate "C" limit $3
            """,
            row => Hit(kind, row), stop, kind, text, most, Looked, query);
    }

    /// <summary>One record; null when there is none.</summary>
    public async Task<RecordView?> ReadAsync(string kind, CanonicalKey key, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        return (await connection.ReadAsync("select golden_id, body::text from mdm.record where kind = $1 and source = $2 and source_id = $3 and golden_id is not null",
            row => new RecordView(key, GoldenIds.Text(kind, row.GetInt64(0)), Sql.Object(CanonicalCatalog.Find(kind)!, row.GetString(1))), stop, kind, key.Source, key.Id)).FirstOrDefault();
    }

    static SearchHit Hit(string kind, NpgsqlDataReader row) =>
        new(new CanonicalKey(row.GetString(0), row.GetString(1)), row.GetString(2), RecordAbout.Of(Sql.Object(CanonicalCatalog.Find(kind)!, row.GetString(5))), GoldenIds.Text(kind, row.GetInt64(3)),
            row.IsDBNull(4) ? 1 : row.GetInt32(4));
}
