using System.Text.RegularExpressions;
using CdcSync.Servers.Tds;

namespace CdcSync.Servers.SqlServer;

/// <summary>Results computed from a model's tables and change tables.</summary>
static partial class ModelAnswers
{
    public static TdsResult Columns(ModelDatabase database) => TdsResult.Of(ColumnsOf,
        [.. database.Instances.SelectMany(i => i.Columns.Select((c, ordinal) => Column(i.Id, i.Name, i.Table, c, ordinal + 1)))]);

    public static TdsResult TrackedColumns(ModelDatabase database) => TdsResult.Of(ColumnsOf,
        [.. database.TrackedTables.Keys.SelectMany(t => t.Columns.Select((c, ordinal) => Column(t.Id, "", t, c, ordinal + 1)))]);

    const string ColumnsOf = "object_id int;capture_instance nvarchar(128);source_object_id int;source_schema nvarchar(128);source_table nvarchar(128);column_ordinal int;column_name nvarchar(128);base_type nvarchar(128);"
        + "clr_type nvarchar(128);max_length int;precision int;scale int;is_nullable bit;is_computed bit;is_identity bit;default_definition nvarchar(max);key_ordinal int";

    static object?[] Column(int id, string instance, ModelTable table, TestColumn column, int ordinal)
    {
        var now = table.Columns.Find(c => c.Name == column.Name);
        var isClr = column.Sql is "hierarchyid" or "geography" or "geometry";
        var length = column.Wire.Name is "nchar" or "nvarchar" && column.Wire.Length > 0 ? column.Wire.Length * 2 : column.Wire.Length;
        var baseType = column.Sql switch { "xml" or "sql_variant" => column.Sql, "rowversion" => "timestamp", _ => column.Wire.Name };
        return [id, instance, table.Id, table.Schema, table.Name, ordinal, column.Name, isClr ? null : baseType, isClr ? column.Sql : null, length,
            (int)column.Wire.Precision, (int)column.Wire.Scale, now?.Nullable ?? true, column.Computed is not null, false, now?.Default, now is { Key: > 0 } ? now.Key : null];
    }

    public static TdsResult Changed(ModelDatabase database, TdsRequest request)
    {
        var numbers = ChangedLine().Matches(request.Text).Where(m => InWindow(Instance(database, m.Groups["table"].Value), request).Any()).Select(m => new object?[] { int.Parse(m.Groups["number"].Value) });
        return TdsResult.Of("number int", [.. numbers]);
    }

    public static TdsResult Changes(ModelDatabase database, TdsRequest request)
    {
        var instance = Instance(database, FromTable().Match(request.Text).Groups["table"].Value);
        var columns = Selected(instance.Columns, SelectList().Match(request.Text).Groups["list"].Value);
        var seqval = (byte[])request.Parameters["@seqval"]!;
        var from = (byte[])request.Parameters["@from"]!;
        var rows = InWindow(instance, request).Where(r => !r.StartLsn.AsSpan().SequenceEqual(from) || r.Seqval.AsSpan().SequenceCompareTo(seqval) >= 0)
            .OrderBy(r => Convert.ToHexString(r.StartLsn) + Convert.ToHexString(r.Seqval) + r.Operation, StringComparer.Ordinal);
        return new TdsResult(
            [new("__$start_lsn", new("binary", 10)), new("__$seqval", new("binary", 10)), new("__$operation", new("int")), new("__$update_mask", new("varbinary", 128)), .. columns.Select(c => new TdsColumn(c.Name, c.Wire))],
            [.. rows.Select(r => (object?[])[r.StartLsn, r.Seqval, r.Operation, r.Mask, .. columns.Select(c => r.Values.GetValueOrDefault(c.Name))])]);
    }

    public static TdsResult Rows(Dictionary<ModelTable, List<IReadOnlyDictionary<string, object?>>>? snapshot, ModelDatabase database, TdsRequest request, ModelAccess? access)
    {
        var name = FromTable().Match(request.Text).Groups["table"].Value.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
        var table = database.Table(name);
        if (access?.MayTable(database.Name, request.User, "select", table) == false) throw new TdsErrorException(229, $"The SELECT permission was denied on the object '{table.Name}'.", 14);
        var columns = Selected(table.Columns, RowList().Match(request.Text).Groups["list"].Value);
        IEnumerable<IReadOnlyDictionary<string, object?>> rows = snapshot is null ? table.Rows.Values : snapshot[table];
        var order = Ordered(table, request.Text);
        if (request.Parameters.ContainsKey("@k0")) rows = rows.Where(r => IsAfter(order, r, request));
        if (request.Parameters.ContainsKey("@m0")) rows = rows.Where(r => !IsAfter(order, r, request, "@m"));
        rows = Filtered(table, rows, request.Text);
        var ordered = rows.Order(Comparer<IReadOnlyDictionary<string, object?>>.Create((x, y) => Compare(order, x, y)));
        var top = Top().Match(request.Text) is { Success: true } limit ? int.Parse(limit.Groups["count"].Value) : int.MaxValue;
        return new TdsResult([.. columns.Select(c => new TdsColumn(c.Name, c.Wire))], [.. ordered.Take(top).Select(r => columns.Select(c => r.GetValueOrDefault(c.Name)).ToArray())]);
    }

    public static TdsResult Tables(ModelDatabase database, ModelAccess? access, string login) => TdsResult.Of(
        "table_schema nvarchar(128);table_name nvarchar(128);is_tracked_by_cdc bit;is_change_tracked bit;may_select bit;has_key bit;may_see_tracked bit",
        [.. database.Tables.OrderBy(t => t.Schema + "." + t.Name, StringComparer.Ordinal).Select(t => new object?[]
        {
            t.Schema, t.Name, database.Instances.Exists(i => i.Table == t), database.TrackedTables.ContainsKey(t), access?.MayTable(database.Name, login, "select", t) != false, t.Key.Count > 0,
            access?.MayTable(database.Name, login, "view change tracking", t) != false,
        })]);

    public static TdsResult Rights(SqlServerModel model, string database, string login)
    {
        bool May(string where, string right) => model.Access?.May(where, login, right) != false;
        return TdsResult.Of("may_read_cdc bit;may_see_scans bit;is_owner bit;login_name nvarchar(128);may_see_server bit;may_see_jobs bit",
            [model.MayReadCdc && May(database, "select on schema::cdc"), model.MaySeeScans && May(database, "view database state"), login == "sa", login, May("master", "view server state"), May("msdb", "select on dbo.cdc_jobs")]);
    }

    public static TdsResult Principal(ModelAccess? access, string database, TdsRequest request)
    {
        var login = (string)request.Parameters["@login"]!;
        return TdsResult.Of("login_exists bit;user_name nvarchar(128);is_self bit;is_sysadmin bit",
            [access?.Logins.ContainsKey(login) != false, login == "sa" ? "dbo" : access?.Users.Contains((database, login)) != false ? login : null, login == request.User, login == "sa"]);
    }

    public static TdsResult Retention(ModelDatabase database, byte[] place) => TdsResult.Of("behind int",
        [.. database.Times.Where(t => t.Lsn.AsSpan().SequenceCompareTo(place) > 0).Take(1).Select(t => new object?[] { (int)(database.Now - t.End).TotalSeconds })]);

    public static TdsResult Instances(ModelDatabase database) => TdsResult.Of("source_schema nvarchar(128);source_table nvarchar(128);capture_instance nvarchar(128)",
        [.. database.Instances.Select(i => new object?[] { i.Table.Schema, i.Table.Name, i.Name })]);

    public static TdsResult Tracking(ModelDatabase database) => TdsResult.Of(
        "object_id int;table_schema nvarchar(128);table_name nvarchar(128);min_valid_version bigint;current_version bigint",
        [.. database.TrackedTables.Select(t => new object?[] { t.Key.Id, t.Key.Schema, t.Key.Name, t.Value, database.Version })]);

    // Net changes, as CHANGETABLE gives them: the last operation of each key, with the row as it is now.
    public static TdsResult TrackedChanges(ModelDatabase database, TdsRequest request, ModelAccess? access)
    {
        var name = TrackedTable().Match(request.Text).Groups["table"].Value.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
        var table = database.Table(name);
        if (access?.MayTable(database.Name, request.User, "view change tracking", table) == false) throw new TdsErrorException(229, $"The VIEW CHANGE TRACKING permission was denied on the object '{table.Name}'.", 14);
        var columns = Selected(table.Columns, TrackedList().Match(request.Text).Groups["list"].Value);
        var (from, to) = ((long)request.Parameters["@from"]!, (long)request.Parameters["@to"]!);
        var net = database.Tracked.Where(t => t.Table == table && t.Version > from && t.Version <= to).GroupBy(t => table.KeyOf(t.Row)).Select(g => (First: g.First(), Last: g.Last()))
            .Where(g => g.First.Operation != 'I' || g.Last.Operation != 'D').OrderBy(g => g.Last.Version);
        return new TdsResult(
            [new("sys_change_version", new("bigint")), new("is_there", new("bit")), new("sys_change_operation", new("nchar", 1)), .. columns.Select(c => new TdsColumn(c.Name, c.Wire))],
            [.. net.Select(g => (object?[])[g.Last.Version, g.Last.Operation != 'D', (g.First.Operation == 'I' && g.Last.Operation != 'D' ? 'I' : g.First.Operation == 'D' && g.Last.Operation == 'I' ? 'U' : g.Last.Operation).ToString(),
                .. columns.Select(c => g.Last.Operation != 'D' ? table.Rows[table.KeyOf(g.Last.Row)].GetValueOrDefault(c.Name) : c.Key > 0 ? g.Last.Row.GetValueOrDefault(c.Name) : null)])]);
    }

    static ModelInstance Instance(ModelDatabase database, string changeTable) =>
        database.Instances.Find(i => $"[cdc].[{i.Name}_CT]" == changeTable) ?? throw new TdsErrorException(208, $"Invalid object name '{changeTable}'.");

    static IEnumerable<ModelChange> InWindow(ModelInstance instance, TdsRequest request)
    {
        var (from, to, through) = ((byte[])request.Parameters["@from"]!, (byte[])request.Parameters["@to"]!, (bool)request.Parameters["@through"]!);
        return instance.Rows.Where(r => r.StartLsn.AsSpan().SequenceCompareTo(from) is var order && (order > 0 || order == 0 && through) && r.StartLsn.AsSpan().SequenceCompareTo(to) <= 0);
    }

    // The name a selected expression has is its last one in brackets.
    static List<TestColumn> Selected(IReadOnlyList<TestColumn> columns, string list) =>
        [.. ItemName().Matches(list).Select(m => m.Groups["name"].Value).Select(n => columns.FirstOrDefault(c => c.Name == n) ?? throw new TdsErrorException(207, $"Invalid column name '{n}'."))];

    public static IEnumerable<TdsResult> Extent(ModelDatabase database, TdsRequest request, ModelAccess? access)
    {
        var rows = Rows(null, database, request with { Text = request.Text.Split(';')[0].Replace("top (1) ", "", StringComparison.Ordinal) }, access);
        yield return rows with { Rows = rows.Rows.TakeLast(1).ToList() };
        yield return TdsResult.Of("total bigint", [rows.Rows.LongCount()]);
    }

    // Of expressions the model knows (column < number).
    static IEnumerable<IReadOnlyDictionary<string, object?>> Filtered(ModelTable table, IEnumerable<IReadOnlyDictionary<string, object?>> rows, string text)
    {
        if (Filter().Match(text) is not { Success: true } filter) return rows;
        var (column, number, op) = (filter.Groups["column"].Value, decimal.Parse(filter.Groups["number"].Value), filter.Groups["op"].Value);
        if (table.Columns.TrueForAll(c => c.Name != column)) throw new TdsErrorException(207, $"Invalid column name '{column}'.");
        return rows.Where(r => Convert.ToDecimal(r[column]).CompareTo(number) is var order && (op == "<" ? order < 0 : order > 0));
    }

    // By what the statement orders; the table's own key where it does not say.
    static List<TestColumn> Ordered(ModelTable table, string text) =>
        OrderList().Match(text) is { Success: true } list ? Selected(table.Columns, list.Groups["list"].Value.Replace(" desc", "", StringComparison.Ordinal)) : [.. table.Key];

    static bool IsAfter(List<TestColumn> key, IReadOnlyDictionary<string, object?> row, TdsRequest request, string name = "@k")
    {
        for (var i = 0; i < key.Count; i++)
            if (Order(row[key[i].Name], request.Parameters[$"{name}{i}"]) is not 0 and var order) return order > 0;
        return false;
    }

    static int Compare(List<TestColumn> key, IReadOnlyDictionary<string, object?> x, IReadOnlyDictionary<string, object?> y) =>
        key.Select(k => Order(x[k.Name], y[k.Name])).FirstOrDefault(o => o != 0);

    static int Order(object? x, object? y) => (x, y) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b),
        (string a, string b) => string.Compare(a, b, StringComparison.OrdinalIgnoreCase),
        (Guid a, Guid b) => new System.Data.SqlTypes.SqlGuid(a).CompareTo(new System.Data.SqlTypes.SqlGuid(b)),
        (DateTime or DateTimeOffset or DateOnly or TimeOnly, _) => ((IComparable)x).CompareTo(y),
        _ => Convert.ToDecimal(x is System.Data.SqlTypes.SqlDecimal l ? l.Value : x).CompareTo(Convert.ToDecimal(y is System.Data.SqlTypes.SqlDecimal r ? r.Value : y)),
    };

    [GeneratedRegex(@"^select (?<number>\d+) as number where exists \(\s*select \* from (?<table>\S+) where", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex ChangedLine();

    [GeneratedRegex(@"^from (?<table>\[.+?\]\.\[.+?\])|^select .* from (?<table>\[[^\]]+?\]\.\[[^\]]+?\]) ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex FromTable();

    [GeneratedRegex(@"__\$update_mask, (?<list>.*)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex SelectList();

    [GeneratedRegex(@"^select (top \(\d+\) )?(?<list>.*) from \[[^\]]+?\]\.\[[^\]]+?\] ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex RowList();

    [GeneratedRegex(@" order by (?<list>\[.*?)\s*;?\s*$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex OrderList();

    [GeneratedRegex(@"^select top \((?<count>\d+)\) ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Top();

    [GeneratedRegex(@"\((?<column>[a-z]+) (?<op>[<>]) (?<number>\d+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Filter();

    [GeneratedRegex(@"changetable\(changes (?<table>\S+),", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex TrackedTable();

    [GeneratedRegex(@"as sys_change_operation, (?<list>.*)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex TrackedList();

    [GeneratedRegex(@"\[(?<name>[^\]]+)\](?=,|\s*$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ItemName();
}
