using System.Buffers.Binary;
using System.Text.RegularExpressions;
using CdcSync.Servers.SqlServer;
using CdcSync.Servers.Tds;

namespace CdcSync.Capture.Tests.Tables;

/// <summary>Has the model of SQL Server answer what a polled source asks of tables with rowversion columns.</summary>
static partial class RowversionModel
{
    public static void Script(SqlServerModel model, ModelDatabase database)
    {
        var highest = 2000UL;
        model.Script(" from [dbo].", request => Locked(database, () => Rows(database, request)));
        model.Script("where 1 = 0", request => Locked(database, () => Rows(database, request)));
        model.Script("where exists (select 1 from", request => Locked(database, () => TdsResult.Of("n int", [.. Exists().Matches(request.Text).Where(m => Find(database, m.Groups["query"].Value, request).Any()).Select(m => new object?[] { int.Parse(m.Groups["n"].Value) })])));
        model.Script("min_active_rowversion", _ => Locked(database, () =>
        {
            // One above the highest that was given: no transaction is open.
            foreach (var row in database.Tables.SelectMany(t => t.Rows.Values)) highest = Math.Max(highest, BinaryPrimitives.ReadUInt64BigEndian((byte[])row["rv"]!));
            return TdsResult.Of("at bigint;open varchar(18)", [[(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10, $"0x{highest + 1:X16}"]]);
        }));
    }

    static TdsResult Locked(ModelDatabase database, Func<TdsResult> answer)
    {
        lock (database.Lock) return answer();
    }

    static TdsResult Rows(ModelDatabase database, TdsRequest request)
    {
        var query = Query().Match(request.Text);
        var table = database.Table($"dbo.{query.Groups["table"].Value}");
        var columns = query.Groups["columns"].Value == "*" ? table.Columns : [.. Name().Matches(query.Groups["columns"].Value).Select(m => table.Columns.First(c => c.Name == m.Groups["name"].Value))];
        IEnumerable<IReadOnlyDictionary<string, object?>> found = request.Text.Contains("1 = 0", StringComparison.Ordinal) ? [] : Find(database, request.Text, request).OrderBy(r => Number(r[query.Groups["order"].Value]!));
        if (query.Groups["top"].Value is { Length: > 0 } top) found = found.Take(int.Parse(top));
        return new TdsResult([.. columns.Select(c => new TdsColumn(c.Name, c.Wire))], [.. found.Select(r => columns.Select(c => r.GetValueOrDefault(c.Name)).ToArray())]);
    }

    static IEnumerable<IReadOnlyDictionary<string, object?>> Find(ModelDatabase database, string text, TdsRequest request) =>
        database.Table($"dbo.{Query().Match(text).Groups["table"].Value}").Rows.Values.Where(r => Condition().Matches(text).All(c =>
        {
            var value = c.Groups["value"].Value;
            var order = Number(r[c.Groups["name"].Value]!).CompareTo(value[0] == '@' ? Number(request.Parameters[value]!) : Convert.ToUInt64(value[2..], 16));
            return c.Groups["op"].Value switch { ">=" => order >= 0, "<" => order < 0, _ => order > 0 };
        }));

    static ulong Number(object value) => value is byte[] bytes ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : Convert.ToUInt64(value);

    [GeneratedRegex(@"select (top \((?<top>\d+)\) )?(?<columns>[^()]*?) from \[dbo\]\.\[(?<table>\w+)\]( .*order by \[(?<order>\w+)\])?", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Query();

    [GeneratedRegex(@"select (?<n>\d+) where exists \((?<query>[^()]*)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exists();

    [GeneratedRegex(@"\[(?<name>\w+)\] (?<op>>=|<|>) (?<value>0x[0-9A-F]+|@p\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Condition();

    [GeneratedRegex(@"\[(?<name>\w+)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
