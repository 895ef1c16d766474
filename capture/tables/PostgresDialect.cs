using System.Data;
using System.Data.Common;
using System.Globalization;
using CdcSync.Capture.Debezium;

namespace CdcSync.Capture.Tables;

/// <summary>
/// PostgreSQL. A change row carries its transaction's id; a snapshot says exactly which transactions it sees. What one snapshot sees and an earlier one did not is what
/// committed in between, however long it was open: no lag, no gap, nothing twice.
/// </summary>
sealed class PostgresDialect : SqlDialect
{
    public override string DefaultSchema => "public";
    public override string? TransactionColumn => "change_txn";
    public override bool HasTransactionIds => true;
    public override IsolationLevel OneMoment => IsolationLevel.RepeatableRead;

    public override string? MomentSql => "select (extract(epoch from clock_timestamp()) * 1000000)::bigint, pg_current_snapshot()::text";

    public override string? Window(string column, Moment from, Moment to)
    {
        var (then, now) = (Snapshot.Parse(from.Open), Snapshot.Parse(to.Open));
        if (now.End < then.End)
            throw new SourceException("The database's transaction ids went back: it was restored, or another one answers under its name. What was published may be more than it holds; publish everything again: `cdcsync snapshot SOURCE --restart`") { IsPlaceLost = true };
        var late = then.Running.Count == 0 ? "" : $" or {column} in ({Ids(then.Running)})";
        var notYet = now.Running.Count == 0 ? "" : $" and {column} not in ({Ids(now.Running)})";
        return $"({column} >= {Id(then.End)}{late}) and {column} < {Id(now.End)}{notYet}";
    }

    public override string? Seen(string column, Moment at) => $"{column} < {Id(Snapshot.Parse(at.Open).Start)}";

    public override bool? HaveEnded(Moment then, Moment now) => Snapshot.Parse(now.Open).Start >= Snapshot.Parse(then.Open).End;

    // As text where .NET has no such value: numbers of any length, arrays, intervals, addresses.
    public override (PlainType Type, string? Cast)? TypeOf(DbColumn column)
    {
        var name = (column.DataTypeName ?? "").ToLowerInvariant();
        if (name.StartsWith("numeric", StringComparison.Ordinal) && Plain(column) is { } number) return (number, "{0}::text");
        if (name == "money") return (new(PlainKind.Decimal, 19, 2), "{0}::numeric::text");
        if (name is "interval" or "time with time zone" or "timetz" || name.StartsWith("bit", StringComparison.Ordinal)) return (new(PlainKind.Text), "{0}::text");
        return Plain(column) is { } type ? (type, null) : (new(PlainKind.Text), "{0}::text");
    }

    static string Ids(IEnumerable<ulong> ids) => string.Join(", ", ids.Select(Id));
    static string Id(ulong id) => string.Create(CultureInfo.InvariantCulture, $"'{id}'::xid8");

    /// <summary><c>pg_snapshot</c>: transactions before <paramref name="Start"/> have ended, those from <paramref name="End"/> on had not begun.</summary>
    readonly record struct Snapshot(ulong Start, ulong End, IReadOnlyList<ulong> Running)
    {
        public static Snapshot Parse(string text)
        {
            var parts = text.Split(':');
            return new(ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture),
                parts[2].Length == 0 ? [] : [.. parts[2].Split(',').Select(x => ulong.Parse(x, CultureInfo.InvariantCulture))]);
        }
    }
}
