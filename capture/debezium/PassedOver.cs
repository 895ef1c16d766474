using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Debezium;

/// <summary>What of a transaction cut by a restart had been published: it is passed over again, and counted as it was then.</summary>
sealed class PassedOver(TableRecords tables)
{
    readonly Lock _lock = new();     // a stream that connects again adds while a batch before is still being written
    readonly Dictionary<string, long> _counts = [];
    readonly Dictionary<Table, RowWriter> _rows = new(ReferenceEqualityComparer.Instance);
    SourcePosition _last;

    /// <summary>The change at this place had been handed on. Called before anything after it is. What an earlier reading passed over already does not count twice.</summary>
    public void Add(SourcePosition place, Table table, Operation operation, bool isPair, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        lock (_lock) Count(place, table, operation, isPair, before, after);
    }

    /// <summary>A log that failed takes the transaction from its beginning again.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _last = default;
            _counts.Clear();
        }
    }

    void Count(SourcePosition place, Table table, Operation operation, bool isPair, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (place <= _last) return;
        if (place.Commit != _last.Commit) _counts.Clear();
        _last = place;
        if (operation == Operation.Message || ChangeRecords.IsSkipped(tables.Settings, operation, isPair)) return;
        if (tables.Settings.SkipUnchanged && operation == Operation.Update && !before.IsEmpty && RowOf(table).IsUnchanged(before, after)) return;
        var name = tables.Form.Collection(table);
        _counts[name] = _counts.GetValueOrDefault(name) + 1;
    }

    RowWriter RowOf(Table table) => _rows.TryGetValue(table, out var known) ? known : _rows[table] = tables.Row(table);

    /// <summary>How many of each table; null for a transaction that begins here.</summary>
    public IReadOnlyDictionary<string, long>? Of(UInt128 commit)
    {
        lock (_lock) return commit == _last.Commit ? new Dictionary<string, long>(_counts) : null;
    }
}
