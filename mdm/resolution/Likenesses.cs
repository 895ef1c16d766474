using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Likeness;
using Npgsql;

namespace CdcSync.Mdm.Resolution;

/// <summary>What matching by likeness keeps in memory between transactions, by object: the model, and records that were read.</summary>
/// <param name="mostBytes">How much memory the records may take before they are forgotten, about.</param>
sealed class Likenesses(long mostBytes)
{
    // A value with what was made of it, measured.
    const int BytesAValue = 300;

    readonly Dictionary<string, (DateTime LearntAt, LikenessSpace Space)> _spaces = new(StringComparer.Ordinal);
    long _turn = -1;

    /// <summary>Sees whether others changed records since, and says when this transaction will.</summary>
    public async Task BeginAsync(NpgsqlConnection connection, bool changes, CancellationToken stop)
    {
        var turn = changes
            ? (await connection.ReadAsync("update mdm.turn set changes = changes + 1 returning changes", row => row.GetInt64(0), stop))[0] - 1
            : (await connection.ReadAsync("select changes from mdm.turn", row => row.GetInt64(0), stop))[0];
        // A transaction of ours that was rolled back shows here, too.
        if (turn != _turn || _spaces.Values.Sum(s => (long)s.Space.Values) * BytesAValue > mostBytes)
            foreach (var (_, space) in _spaces.Values) space.Clear();
        _turn = changes ? turn + 1 : turn;
    }

    /// <summary>The records of a kind; null where it is not matched by likeness, or nothing was learnt yet.</summary>
    public async Task<LikenessSpace?> OpenAsync(NpgsqlConnection connection, CanonicalKind kind, CancellationToken stop)
    {
        if ((await connection.ReadAsync("select learnt_at from mdm.model where kind = $1", row => row.GetDateTime(0), stop, kind.Name)) is not [var learntAt])
        {
            _spaces.Remove(kind.Name);
            return null;
        }
        if (_spaces.TryGetValue(kind.Name, out var known) && known.LearntAt == learntAt) return known.Space;
        var model = await ReadAsync(connection, kind, stop);
        var space = new LikenessSpace(kind, model!);
        _spaces[kind.Name] = (learntAt, space);
        return space;
    }

    /// <summary>What was learnt of a kind; null when nothing was.</summary>
    public static async Task<MatchModel?> ReadAsync(NpgsqlConnection connection, CanonicalKind kind, CancellationToken stop) =>
        (await connection.ReadAsync("select rules, weights::text, statistics from mdm.model where kind = $1",
            row => MatchModel.Read(row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2)), stop, kind.Name)).FirstOrDefault();
}
