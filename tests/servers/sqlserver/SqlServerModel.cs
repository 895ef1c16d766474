using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using CdcSync.Servers.Tds;

namespace CdcSync.Servers.SqlServer;

/// <summary>
/// Answers CdcSync's statements from databases in memory. A statement is known by its first line, <c>-- cdcsync: name</c>; what it asks is read from its parameters and
/// from the identifiers in it, so the answers are those of a server that ran it. Other statements are answered by what a test has scripted.
/// </summary>
public sealed partial class SqlServerModel : ITdsAnswers
{
    readonly ConcurrentDictionary<int, Dictionary<ModelTable, List<IReadOnlyDictionary<string, object?>>>> _snapshots = new();
    readonly List<(string Part, Func<TdsRequest, TdsResult> Answer)> _scripts = [];

    public ConcurrentDictionary<string, ModelDatabase> Databases { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How often each statement was answered, by name.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = new();

    /// <summary>Logins seen.</summary>
    public ConcurrentQueue<TdsLogin> Logins { get; } = new();

    /// <summary>Called before a statement is answered: may wait, throw, or change the model.</summary>
    public Func<string, TdsRequest, CancellationToken, Task>? Before { get; set; }

    /// <summary>Who may do what; null for everybody everything.</summary>
    public ModelAccess? Access { get; set; }

    public bool AgentRuns { get; set; } = true;
    public bool MayReadCdc { get; set; } = true;
    public bool MaySeeScans { get; set; } = true;
    public int Retention { get; set; } = 4320;

    /// <summary>Answers statements that contain a text.</summary>
    public void Script(string part, Func<TdsRequest, TdsResult> answer) => _scripts.Insert(0, (part, answer));

    public void Login(TdsLogin login)
    {
        Logins.Enqueue(login);
        if (Access is { } access) access.LogIn(login);
        else if (login.Password != "secret") throw new TdsErrorException(18456, $"Login failed for user '{login.User}'.", 14);
        if (login.Database is not ("" or "master" or "msdb") && (!Databases.TryGetValue(login.Database, out var database) || !database.IsReadable))
            throw new TdsErrorException(4060, $"Cannot open database \"{login.Database}\" requested by the login. The login failed.", 11);
    }

    public void Closed(int session) => _snapshots.TryRemove(session, out _);

    public async Task<IReadOnlyList<TdsResult>> AnswerAsync(TdsRequest request, CancellationToken stop)
    {
        var name = StatementName().Match(request.Text) is { Success: true } found ? found.Groups["name"].Value : "";
        Asked.AddOrUpdate(name, 1, (_, count) => count + 1);
        if (Before is { } before) await before(name, request, stop);
        if (_scripts.Find(s => request.Text.Contains(s.Part, StringComparison.Ordinal)) is { Answer: { } scripted }) return [scripted(request)];
        if (ModelScript.TryRun(this, request)) return [];
        if (name is "principal" or "login_databases") return [name == "principal" ? ModelAnswers.Principal(Access, request.Database, request) : ComesInto(request)];
        if (!Databases.TryGetValue(request.Database, out var database)) return Session(name, request);
        lock (database.Lock) return name.Length == 0 ? Session(name, request) : [.. Answer(name, database, request)];
    }

    IReadOnlyList<TdsResult> Session(string name, TdsRequest request)
    {
        if (name.Length > 0) throw new TdsErrorException(208, $"Invalid object name in {name}.");
        if (request.Text.Contains("isolation level snapshot", StringComparison.Ordinal) && !Databases[request.Database].AllowsSnapshot)
            throw new TdsErrorException(3952, $"Snapshot isolation transaction failed accessing database '{request.Database}' because snapshot isolation is not allowed in this database.");
        if (request.Text.Contains("rollback", StringComparison.Ordinal)) Closed(request.Session);
        return [];
    }

    TdsResult ComesInto(TdsRequest request) => TdsResult.Of("name nvarchar(128)", [.. Databases.Keys.Where(d => Access?.ComesInto(d, Whose(request)) != false).Select(d => new object?[] { d })]);

    static string Whose(TdsRequest request) => request.Text.Contains("execute as login = @login", StringComparison.Ordinal) ? (string)request.Parameters["@login"]! : request.User;

    static string? RightFor(string name) => name switch
    {
        "max_lsn" or "window" or "changes" or "changed_instances" or "low_water" or "columns" or "anchor" or "fence" or "instances" or "retention" => "select on schema::cdc",
        "scans" => "view database state",
        _ => null,
    };

    IEnumerable<TdsResult> Answer(string name, ModelDatabase database, TdsRequest request)
    {
        if (RightFor(name) is { } right && Access?.May(database.Name, request.User, right) == false) throw new TdsErrorException(name == "scans" ? 300 : 229, $"The permission {right} was denied to {request.User}.", 14);
        if (name == "jobs" && Access?.May("msdb", request.User, "select on dbo.cdc_jobs") == false) throw new TdsErrorException(229, "The SELECT permission was denied on the object 'cdc_jobs'.", 14);
        if (name == "agent" && Access?.May("master", request.User, "view server state") == false) throw new TdsErrorException(300, "VIEW SERVER STATE permission was denied.", 14);
        if (!MayReadCdc && name is "max_lsn" or "window" or "changes" && !MayReadCdc) throw new TdsErrorException(229, "The SELECT permission was denied on the object 'lsn_time_mapping', database 'erp', schema 'cdc'.", 14);
        return name switch
        {
            "database" => [TdsResult.Of("name nvarchar(128);server_version int;is_cdc_enabled bit;snapshot_isolation int;recovery_fork_guid uniqueidentifier;updateability nvarchar(60);utc_offset_minutes int;now_utc datetime;is_change_tracked bit",
                [database.Name, 16, database.IsCdcEnabled, database.AllowsSnapshot ? 1 : 0, database.Fork, "READ_WRITE", database.UtcOffsetMinutes, TimeProvider.System.GetUtcNow().UtcDateTime, database.IsTracked || database.TrackedTables.Count > 0])],
            "max_lsn" => [TdsResult.Of("start_lsn binary(10)", [.. database.MaxLsn is { } max ? new object?[][] { [max] } : []])],
            "window" => Window(database, request),
            "low_water" => [TdsResult.Of("object_id int;start_lsn binary(10)", [.. database.Instances.Select(i => new object?[] { i.Id, i.StartLsn })])],
            "columns" => [ModelAnswers.Columns(database)],
            "changed_instances" => [ModelAnswers.Changed(database, request)],
            "changes" => [ModelAnswers.Changes(database, request)],
            "anchor" => [TdsResult.Of("is_there bit", [database.Times.Exists(t => t.Lsn.AsSpan().SequenceEqual((byte[])request.Parameters["@place"]!))])],
            "lock" => [TdsResult.Of("locked int", [1])],
            "moment" => Moment(database, request),
            "fence" => [TdsResult.Of("max_lsn binary(10);is_past bit", [database.MaxLsn, database.Times.Count > 0 && database.Times.Max(t => t.End) > (DateTime)request.Parameters["@moment"]!])],
            "scans" => MaySeeScans ? Scans(database) : throw new TdsErrorException(300, "VIEW DATABASE STATE permission was denied in database 'erp'.", 14),
            "extent" => ModelAnswers.Extent(database, request, Access),
            "rows" => [ModelAnswers.Rows(_snapshots.GetValueOrDefault(request.Session), database, request, Access)],
            "tables" => [ModelAnswers.Tables(database, Access, Whose(request))],
            "agent" => [TdsResult.Of("is_running bit", [AgentRuns])],
            "jobs" => [TdsResult.Of("job_type nvarchar(20);retention bigint;pollinginterval bigint;maxtrans bigint;maxscans bigint", ["capture", 0, 5, 500, 10], ["cleanup", Retention, 0, 0, 0])],
            "rights" => [ModelAnswers.Rights(this, database.Name, Whose(request))],
            "retention" => [ModelAnswers.Retention(database, (byte[])request.Parameters["@place"]!)],
            "instances" => [ModelAnswers.Instances(database)],
            "tracking" => [ModelAnswers.Tracking(database)],
            "tracked_changes" => [ModelAnswers.TrackedChanges(database, request, Access)],
            "tracked_columns" => [ModelAnswers.TrackedColumns(database)],
            _ => throw new TdsErrorException(102, $"The model does not know the statement '{name}'."),
        };
    }

    static IEnumerable<TdsResult> Window(ModelDatabase database, TdsRequest request)
    {
        var from = (byte[])request.Parameters["@from"]!;
        var through = (bool)request.Parameters["@through"]!;
        yield return TdsResult.Of("start_lsn binary(10);tran_begin_time datetime;tran_end_time datetime;tran_id varbinary(10)",
            [.. database.Times.Where(t => t.Lsn.AsSpan().SequenceCompareTo(from) is var order && (order > 0 || order == 0 && through)).OrderBy(t => Convert.ToHexString(t.Lsn), StringComparer.Ordinal)
                .Take((int)(long)request.Parameters["@count"]!).Select(t => new object?[] { t.Lsn, t.Begin, t.End, t.HasChanges ? t.Lsn : new byte[] { 0 } })]);
        yield return TdsResult.Of("capture_instance nvarchar(128);object_id int;source_object_id int;start_lsn binary(10);create_date datetime",
            [.. database.Instances.OrderBy(i => i.Table.Id).ThenBy(i => i.Id).Select(i => new object?[] { i.Name, i.Id, i.Table.Id, i.StartLsn, i.Created })]);
    }

    IEnumerable<TdsResult> Moment(ModelDatabase database, TdsRequest request)
    {
        _snapshots[request.Session] = database.Tables.ToDictionary(t => t, t => t.Rows.Values.ToList());
        return [TdsResult.Of("taken_at datetime;utc_offset_minutes int;max_lsn binary(10)", [database.Now, database.UtcOffsetMinutes, database.MaxLsn])];
    }

    static IEnumerable<TdsResult> Scans(ModelDatabase database)
    {
        if (database.AutoScan) database.Scan();
        return [TdsResult.Of("session_id int;empty_scans bigint;transactions bigint", [1, database.Scans, database.LastScanTransactions])];
    }

    [GeneratedRegex(@"^-- cdcsync: (?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StatementName();
}
