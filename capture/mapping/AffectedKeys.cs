using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;

namespace CdcSync.Capture.Mapping;

/// <summary>The objects of one mapping that a batch touches: their keys, and what led to each last.</summary>
sealed class AffectedKeys(ObjectMapping mapping)
{
    readonly Dictionary<string, string[]> _keys = new(StringComparer.Ordinal);
    readonly Dictionary<string, Cause> _causes = new(StringComparer.Ordinal);
    readonly Dictionary<(AffectedTable, Table), int[]> _ordinals = [];
    readonly Dictionary<AffectedTable, (List<HashSet<string>> Values, Cause Cause)> _selects = [];

    public bool IsEmpty => _keys.Count == 0 && _selects.Count == 0;

    /// <summary>The keys, by id.</summary>
    public IReadOnlyDictionary<string, string[]> Keys => _keys;

    /// <summary>What led to an id.</summary>
    public Cause CauseOf(string id) => _causes[id];

    /// <summary>Notes what a change touches; old and new values both count.</summary>
    public void Add(in Change change, AffectedTable affected, Cause cause)
    {
        if (!_ordinals.TryGetValue((affected, change.Table), out var ordinals)) _ordinals[(affected, change.Table)] = ordinals = affected.Ordinals(change.Table, mapping.Settings.Name);
        if (affected.Select is null)
        {
            AddKey(change.Table, change.Before, ordinals, cause);
            AddKey(change.Table, change.After, ordinals, cause);
            return;
        }
        if (!_selects.TryGetValue(affected, out var select)) select.Values = [.. ordinals.Select(_ => new HashSet<string>(StringComparer.Ordinal))];
        for (var i = 0; i < ordinals.Length; i++)
            foreach (var image in (ReadOnlySpan<RowImage>)[change.Before, change.After])
                if (image.Exists && CanonicalText.Of(image.Value(change.Table, ordinals[i])) is { } text) select.Values[i].Add(text);
        _selects[affected] = (select.Values, cause);
    }

    /// <summary>Notes a key.</summary>
    public void AddKey(string[] key, Cause cause)
    {
        var id = string.Join('|', key);
        _keys[id] = key;
        _causes[id] = cause;
    }

    /// <summary>Runs the selects: from here <see cref="Keys"/> is complete.</summary>
    public async Task ResolveAsync(IMappingQueries queries, CancellationToken stop)
    {
        foreach (var (table, (values, cause)) in _selects)
            if (values.All(v => v.Count > 0))
                foreach (var key in await queries.SelectKeysAsync(mapping, table, values, stop)) AddKey(key, cause);
        _selects.Clear();
    }

    void AddKey(Table table, RowImage image, int[] ordinals, Cause cause)
    {
        if (!image.Exists) return;
        var key = new string[ordinals.Length];
        for (var i = 0; i < key.Length; i++)
        {
            if (CanonicalText.Of(image.Value(table, ordinals[i])) is not { } text) return;   // belongs to no object, or the old row does not carry it
            key[i] = text;
        }
        AddKey(key, cause);
    }
}
