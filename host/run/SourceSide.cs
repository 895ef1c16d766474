using System.Runtime.CompilerServices;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Compare;

namespace CdcSync.Host.Run;

/// <summary>
/// What a target should hold of an object: canonical objects, from wherever they come, as the target's records. Sorted here, for a target's key is seldom the source's.
/// </summary>
/// <param name="name">What people call it.</param>
/// <param name="read">Reads the objects of these canonical keys; null for all.</param>
/// <param name="project">The target's record of an object; null when it takes none.</param>
public sealed class SourceSide(
    string name, Func<IReadOnlyCollection<CanonicalKey>?, CancellationToken, IAsyncEnumerable<CanonicalObject>> read, Func<CanonicalObject, ComparedRow?> project) : IComparedSide
{
    // Which records make a target's key, from the last full reading: reading some again need not read all.
    readonly Dictionary<string, CanonicalKey> _origins = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ComparedRow> ReadAsync(IReadOnlyCollection<string>? keys, [EnumeratorCancellation] CancellationToken stop)
    {
        var wanted = keys?.ToHashSet(StringComparer.Ordinal);
        var origins = wanted is not null && wanted.All(_origins.ContainsKey) ? wanted.Select(k => _origins[k]).ToList() : null;
        var rows = new List<ComparedRow>();
        await foreach (var value in read(origins, stop))
        {
            if (project(value) is not { } row) continue;
            _origins[row.Key] = value.Key;
            if (wanted is null || wanted.Contains(row.Key)) rows.Add(row);
        }
        rows.Sort((a, b) => KeyOrder.Instance.Compare(a.Key, b.Key));
        foreach (var row in rows) yield return row;
    }
}
