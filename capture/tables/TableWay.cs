using System.Data.Common;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Tables;

/// <summary>How one table's changes are read, round by round. A round ends at a moment and takes everything that became visible until then.</summary>
abstract class TableWay(WatchedTable watched, PlainTable table)
{
    public WatchedTable Watched { get; } = watched;

    public PlainTable Table { get; } = table;

    protected SoftDelete Deleted { get; } = new(watched);

    /// <summary>Whether changes can be followed: everything that was open at the beginning has ended.</summary>
    public virtual bool IsReady => true;

    /// <summary>A round begins.</summary>
    public virtual void Begin(Moment from, Moment to)
    {
    }

    /// <summary>Writes a condition on a select that finds something if there is anything new; null to be read anyway.</summary>
    public abstract string? Peek(Statement statement);

    /// <summary>Reads the next page.</summary>
    /// <returns>True when the round has all of this table.</returns>
    public abstract Task<bool> ReadAsync(SourceConnection connection, BatchFill fill, CancellationToken stop);

    /// <summary>What of the round was published last; for a round that is cut.</summary>
    public virtual string? Last
    {
        get => null;
        set => _ = value;
    }

    /// <summary>What must be remembered between rounds.</summary>
    public virtual TableMark? Mark => null;

    /// <summary>A condition for change rows that nobody needs any more; null for none. Asked when a round has ended, used when its place is durable.</summary>
    public virtual string? Spent(Moment ended) => null;
}

/// <summary>Reads change rows: which columns, and what they say.</summary>
sealed class ChangeRows(SqlDialect dialect, WatchedTable watched, PlainTable table)
{
    readonly RowEncoder _encoder = new();
    readonly bool _hasOld = watched.ChangeTable.OldPrefix != "-";
    readonly SoftDelete _deleted = new(watched);

    public ChangeTableLayout Layout => watched.ChangeTable;

    /// <summary>The change table's quoted name.</summary>
    public string Quoted { get; } = dialect.QuoteTable(NameOf(dialect, watched));

    public string Id { get; } = dialect.Quote(watched.ChangeTable.Id);

    /// <summary>The quoted column that windows go by; null when there is none.</summary>
    public string? Transaction { get; } = (watched.ChangeTable.Transaction ?? dialect.TransactionColumn) is { Length: > 0 } name && dialect.TransactionColumn is not null ? dialect.Quote(name) : null;

    public static string NameOf(SqlDialect dialect, WatchedTable watched)
    {
        var (schema, name) = PlainCatalog.FullName(dialect, watched);
        return watched.ChangeTable.Name ?? (dialect.ChangeSchema is { } apart ? $"{apart}.{schema}_{name}" : $"cdcsync_{name}");
    }

    public string Columns => string.Join(", ",
    [
        Id, dialect.Quote(Layout.Operation), Transaction is not null && dialect.HasTransactionIds ? $"{Transaction}::text::bigint" : "0",
        Layout.At.Length > 0 ? dialect.Quote(Layout.At) : "null",
        .. _hasOld ? table.PlainColumns.Select(c => PlainCatalog.Selected(dialect, c, Layout.OldPrefix)) : [],
        .. table.PlainColumns.Select(c => PlainCatalog.Selected(dialect, c, Layout.NewPrefix)),
    ]);

    public static long IdOf(DbDataReader row) => Convert.ToInt64(row.GetValue(0), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What a row of <see cref="Columns"/> says; its images are good until the next.</summary>
    public TableChange Read(DbDataReader row, long micros)
    {
        var count = table.PlainColumns.Count;
        _encoder.Clear();
        var operation = OperationOf(row.GetValue(1));
        if (_hasOld) _encoder.Add(row, 4, table.PlainColumns);
        var middle = _encoder.Length;
        _encoder.Add(row, _hasOld ? 4 + count : 4, table.PlainColumns);
        RowImage old = new(_encoder.Image(0, middle)), after = new(_encoder.Image(middle, _encoder.Length));
        var (before, now) = operation switch
        {
            Operation.Create => (default, after),
            Operation.Delete => (_hasOld ? old : after, default),
            Operation.Truncate => (default, default),
            _ => (_hasOld ? old : default, after),
        };
        var transaction = Convert.ToInt64(row.GetValue(2), System.Globalization.CultureInfo.InvariantCulture);
        return new TableChange(table, operation, transaction, row.IsDBNull(3) ? micros : Micros(row.GetValue(3)), IdOf(row), before, now, _deleted);
    }

    Operation OperationOf(object value) => value.ToString()?.Trim() switch
    {
        ['c' or 'C' or 'i' or 'I', ..] => Operation.Create,
        ['u' or 'U', ..] => Operation.Update,
        ['d' or 'D', ..] => Operation.Delete,
        ['t' or 'T', ..] => Operation.Truncate,
        var other => throw new SourceException($"{Quoted} has the operation '{other}' in {Layout.Operation}, which must begin with c or i, u, d or t"),
    };

    static long Micros(object at)
    {
        var time = at switch
        {
            DateTimeOffset given => given.UtcDateTime,
            DateTime given => DateTime.SpecifyKind(given, DateTimeKind.Utc),
            _ => DateTime.Parse(at.ToString()!, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal | System.Globalization.DateTimeStyles.AssumeUniversal),
        };
        return (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    }
}
