using CdcSync.Contract.Changes;

namespace CdcSync.Capture.SqlServer;

/// <summary>
/// Keys that the stream has told of since rows were read: their rows are not published, because the stream has newer ones; or, where it left large values out, are completed.
/// </summary>
sealed class DirtyKeys(Func<SqlServerTable, bool> concerns, IReadOnlyList<int>? key = null)
{
    readonly Dictionary<(string Table, string Key), byte[]?> _changed = [];

    public void Add(in MergedChange change)
    {
        if (!concerns(change.Table) || KeyOf(change.Table, change.After.Length > 0 ? change.After : change.Before) is not { } id) return;
        // A key can change in an update: the row that had it is gone.
        if (change is { Before.Length: > 0, After.Length: > 0 } && KeyOf(change.Table, change.Before) is { } old && old != id) _changed[(change.Table.FullName, old)] = null;
        var former = _changed.GetValueOrDefault((change.Table.FullName, id));
        _changed[(change.Table.FullName, id)] = change.After.Length == 0 ? null : former is not null && HasUnchanged(change.After) ? Fill(change.After, former) : change.After;
    }

    /// <summary>What is to be published for a row that was read: itself, a completed one, or nothing.</summary>
    public ReadOnlySpan<byte> Settle(SqlServerTable table, ReadOnlySpan<byte> row)
    {
        if (_changed.Count == 0 || KeyOf(table, row) is not { } id || !_changed.TryGetValue((table.FullName, id), out var now)) return row;
        return now is null || !HasUnchanged(now) ? default : Fill(now, row);
    }

    string? KeyOf(SqlServerTable table, ReadOnlySpan<byte> image)
    {
        var columns = key ?? table.Key;
        if (columns.Count == 0) return null;
        var row = new RowImage(image.ToArray());
        return string.Join('|', columns.Select(k => row.Cell(k, out var cell) == CellKind.Null ? "" : Convert.ToHexString(cell.Span)));
    }

    static bool HasUnchanged(byte[] image)
    {
        ReadOnlyMemory<byte> rest = image;
        while (!rest.IsEmpty)
            if (RowImage.Next(ref rest, out _) == CellKind.Unchanged) return true;
        return false;
    }

    // The newer row, with the large values that it left out from the older one, where they are the same.
    static byte[] Fill(ReadOnlySpan<byte> now, ReadOnlySpan<byte> older)
    {
        var filled = new List<byte>(now.Length + older.Length);
        ReadOnlyMemory<byte> rest = now.ToArray(), other = older.ToArray();
        while (!rest.IsEmpty)
        {
            var (before, otherBefore) = (rest, other);
            var kind = RowImage.Next(ref rest, out _);
            RowImage.Next(ref other, out _);
            var cell = kind == CellKind.Unchanged ? otherBefore[..(otherBefore.Length - other.Length)] : before[..(before.Length - rest.Length)];
            filled.AddRange(cell.Span);
        }
        return [.. filled];
    }
}
