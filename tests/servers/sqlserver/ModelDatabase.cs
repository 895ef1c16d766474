using System.Buffers.Binary;

namespace CdcSync.Servers.SqlServer;

/// <summary>What a test does to a row.</summary>
/// <param name="Kind">i, u or d.</param>
/// <param name="Table">The table.</param>
/// <param name="Key">Which row, for u and d.</param>
/// <param name="Values">What it gets, for i and u.</param>
public sealed record TestChange(char Kind, string Table, IReadOnlyDictionary<string, object?> Key, IReadOnlyDictionary<string, object?> Values);

/// <summary>
/// A database as CDC shows it: transactions take effect on tables at once and reach the change tables when the capture job scans the log, which a test may hold back.
/// </summary>
public sealed class ModelDatabase(string name)
{
    readonly List<(byte[] Commit, DateTime Begin, DateTime End, List<(ModelTable Table, byte[] Seqval, int Operation, IReadOnlyDictionary<string, object?> Row, HashSet<string> Changed)> Records)> _unscanned = [];
    uint _log = 0x700;
    long _rowversion = 2000;
    int _lastId = 1000;

    public Lock Lock { get; } = new();
    public string Name { get; } = name;
    public bool IsCdcEnabled { get; set; } = true;
    public bool AllowsSnapshot { get; set; } = true;
    public bool IsTracked { get; set; }
    public bool IsReadable { get; set; } = true;
    public Guid Fork { get; set; } = Guid.NewGuid();
    public bool AutoScan { get; set; } = true;

    /// <summary>An update of a key is logged as a delete and an insert; else as the update that it is.</summary>
    public bool KeyChangesAreTwoRows { get; set; } = true;
    public int UtcOffsetMinutes { get; set; }
    public long Scans { get; private set; }
    public long LastScanTransactions { get; private set; }
    public List<ModelTable> Tables { get; } = [];
    public List<ModelInstance> Instances { get; } = [];

    /// <summary>cdc.lsn_time_mapping.</summary>
    public List<(byte[] Lsn, DateTime Begin, DateTime End, bool HasChanges)> Times { get; } = [];

    /// <summary>Change Tracking: the current version, and per version what happened to which key.</summary>
    public long Version { get; private set; }
    public List<(long Version, ModelTable Table, char Operation, IReadOnlyDictionary<string, object?> Row)> Tracked { get; } = [];
    public Dictionary<ModelTable, long> TrackedTables { get; } = [];

    public ModelTable Table(string fullName) => Tables.Find(t => $"{t.Schema}.{t.Name}" == fullName) ?? throw new InvalidOperationException($"No table {fullName}");

    public ModelTable Create(string fullName, IEnumerable<TestColumn> columns)
    {
        lock (Lock)
        {
            var table = new ModelTable(++_lastId, fullName.Split('.')[0], fullName.Split('.')[1], columns);
            Tables.Add(table);
            return table;
        }
    }

    public void EnableCdc(string fullName, string? instance = null)
    {
        lock (Lock)
        {
            var table = Table(fullName);
            Scan();
            Instances.Add(new ModelInstance(++_lastId, instance ?? $"{table.Schema}_{table.Name}", table, NextLsn(), Now));
        }
    }

    public void DisableCdc(string instance)
    {
        lock (Lock) Instances.RemoveAll(i => i.Name == instance);
    }

    public void AddColumn(string fullName, TestColumn column)
    {
        lock (Lock) Table(fullName).Columns.Add(column);
    }

    public void DropColumn(string fullName, string column)
    {
        lock (Lock) Table(fullName).Columns.RemoveAll(c => c.Name == column);
    }

    /// <summary>Commits changes as one transaction.</summary>
    public void Commit(IEnumerable<TestChange> changes)
    {
        lock (Lock)
        {
            var begin = Now;
            var records = new List<(ModelTable, byte[], int, IReadOnlyDictionary<string, object?>, HashSet<string>)>();
            Version++;
            foreach (var change in changes) Apply(change, records);
            _unscanned.Add((NextLsn(), begin, Now, records));
            if (AutoScan) Scan();
        }
    }

    void Apply(TestChange change, List<(ModelTable Table, byte[] Seqval, int Operation, IReadOnlyDictionary<string, object?> Row, HashSet<string> Changed)> records)
    {
        var table = Table(change.Table);
        var seqval = NextLsn();
        if (change.Kind == 'i')
        {
            var row = Fill(table, change.Values);
            if (!table.Rows.TryAdd(table.KeyOf(row), row)) throw new InvalidOperationException($"Violation of the primary key of {change.Table}");
            records.Add((table, seqval, 2, row, []));
            Track(table, 'I', row);
            return;
        }
        var key = table.Find(change.Key);
        if (!table.Rows.Remove(key, out var old)) throw new InvalidOperationException($"{change.Table} has no row {key}");
        if (change.Kind == 'd')
        {
            records.Add((table, seqval, 1, old, []));
            Track(table, 'D', old);
            return;
        }
        var changed = new Dictionary<string, object?>(old, StringComparer.Ordinal);
        foreach (var (column, value) in change.Values) changed[column] = value;
        Stamp(table, changed);
        table.Rows[table.Key.Count == 0 ? key : table.KeyOf(changed)] = changed;
        var touched = new HashSet<string>(change.Values.Keys, StringComparer.Ordinal);
        if (KeyChangesAreTwoRows && table.Key.Count > 0 && table.KeyOf(changed) != key)
        {
            records.Add((table, seqval, 1, old, touched));
            records.Add((table, seqval, 2, changed, touched));
            Track(table, 'D', old);
            Track(table, 'I', changed);
            return;
        }
        records.Add((table, seqval, 3, old, touched));
        records.Add((table, seqval, 4, changed, touched));
        Track(table, 'U', changed);
    }

    void Track(ModelTable table, char operation, IReadOnlyDictionary<string, object?> row)
    {
        if (TrackedTables.ContainsKey(table)) Tracked.Add((Version, table, operation, row));
    }

    Dictionary<string, object?> Fill(ModelTable table, IReadOnlyDictionary<string, object?> values)
    {
        var row = new Dictionary<string, object?>(values, StringComparer.Ordinal);
        Stamp(table, row);
        return row;
    }

    void Stamp(ModelTable table, Dictionary<string, object?> row)
    {
        foreach (var column in table.Columns)
        {
            if (column.Wire.Name is not ("rowversion" or "timestamp")) continue;
            var stamp = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(stamp, ++_rowversion);
            row[column.Name] = stamp;
        }
    }

    /// <summary>The capture job reads the log to its end.</summary>
    public void Scan()
    {
        lock (Lock)
        {
            Scans++;
            LastScanTransactions = _unscanned.Count;
            foreach (var (commit, begin, end, records) in _unscanned)
            {
                var found = false;
                foreach (var (table, seqval, operation, row, changed) in records)
                    foreach (var instance in Instances.Where(i => i.Table == table && i.StartLsn.AsSpan().SequenceCompareTo(commit) < 0))
                    {
                        instance.Rows.Add(new ModelChange(commit, seqval, operation, Mask(instance, operation, changed), Captured(instance, operation, row, changed)));
                        found = true;
                    }
                if (found) Times.Add((commit, begin, end, true));
            }
            _unscanned.Clear();
        }
    }

    /// <summary>What the capture job writes every five minutes while nothing happens.</summary>
    public void ScanIdle()
    {
        lock (Lock)
        {
            Scan();
            Times.Add((NextLsn(), Now, Now, false));
        }
    }

    static byte[] Mask(ModelInstance instance, int operation, HashSet<string> changed)
    {
        var mask = new byte[(instance.Columns.Count + 7) / 8];
        for (var i = 0; i < instance.Columns.Count; i++)
            if (operation is 1 or 2 || changed.Contains(instance.Columns[i].Name) || instance.Columns[i].Wire.Name is "rowversion" or "timestamp") mask[^(1 + i / 8)] |= (byte)(1 << (i % 8));
        return mask;
    }

    static Dictionary<string, object?> Captured(ModelInstance instance, int operation, IReadOnlyDictionary<string, object?> row, HashSet<string> changed) =>
        instance.Columns.ToDictionary(c => c.Name, c => c switch
        {
            { Computed: not null } => null,
            { Wire.IsLarge: true } when operation is 3 or 4 && !changed.Contains(c.Name) => null,
            { Sql: "text" or "ntext" or "image" } when operation is 1 or 3 => null,
            _ => row.GetValueOrDefault(c.Name),
        }, StringComparer.Ordinal);

    /// <summary>The clean-up job deletes everything before a place.</summary>
    public void CleanUp(byte[] lowWater)
    {
        lock (Lock)
        {
            foreach (var instance in Instances)
            {
                if (instance.StartLsn.AsSpan().SequenceCompareTo(lowWater) < 0) instance.StartLsn = lowWater;
                instance.Rows.RemoveAll(r => r.StartLsn.AsSpan().SequenceCompareTo(lowWater) < 0);
            }
            Times.RemoveAll(t => t.Lsn.AsSpan().SequenceCompareTo(lowWater) < 0);
        }
    }

    /// <summary>Time passes for the last transactions.</summary>
    public void Age(int transactions, TimeSpan by)
    {
        lock (Lock)
            for (var i = Times.Count - transactions; i < Times.Count; i++) Times[i] = Times[i] with { Begin = Times[i].Begin - by, End = Times[i].End - by };
    }

    /// <summary>The database is restored to what it was a while ago: its log positions are used again.</summary>
    public void Restore(int logBack, bool newFork = true, int versionsBack = 0)
    {
        lock (Lock)
        {
            Version -= versionsBack;
            Tracked.RemoveAll(t => t.Version > Version);
            _log -= (uint)logBack;
            var last = Lsn(_log);
            Times.RemoveAll(t => t.Lsn.AsSpan().SequenceCompareTo(last) > 0);
            foreach (var instance in Instances) instance.Rows.RemoveAll(r => r.StartLsn.AsSpan().SequenceCompareTo(last) > 0);
            if (newFork) Fork = Guid.NewGuid();
        }
    }

    public void ForgetVersions(ModelTable table, long before)
    {
        lock (Lock) TrackedTables[table] = before;
    }

    /// <summary>The newest place that the capture job has reached.</summary>
    public byte[]? MaxLsn => Times.Count == 0 ? null : Times[^1].Lsn;

    /// <summary>The server's clock.</summary>
    public DateTime Now => DateTime.SpecifyKind(TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(UtcOffsetMinutes), DateTimeKind.Unspecified);

    byte[] NextLsn() => Lsn(++_log);

    static byte[] Lsn(uint block)
    {
        var lsn = new byte[10];
        BinaryPrimitives.WriteUInt32BigEndian(lsn, 0x27);
        BinaryPrimitives.WriteUInt32BigEndian(lsn.AsSpan(4), block);
        BinaryPrimitives.WriteUInt16BigEndian(lsn.AsSpan(8), 3);
        return lsn;
    }
}
