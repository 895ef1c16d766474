using System.Text.RegularExpressions;
using CdcSync.Servers.Tds;

namespace CdcSync.Servers.SqlServer;

/// <summary>Carries out an administrator's statements on a model: those that <c>cdcsync enable</c> and <c>disable</c> write, and no others.</summary>
static partial class ModelScript
{
    public static bool TryRun(SqlServerModel model, TdsRequest request)
    {
        var (database, sql) = (request.Database, request.Text.Trim().TrimEnd(';'));
        if (Use().Match(sql) is { Success: true } use) (database, sql) = (use.Groups["db"].Value, sql[use.Length..]);
        if (!Known().IsMatch(sql)) return false;
        if (model.Access is { } access && request.User != "sa") throw new TdsErrorException(15247, "User does not have permission to perform this action.");
        // SQL Server refuses a comment in place of the password.
        if (sql.Contains("/*", StringComparison.Ordinal)) throw new TdsErrorException(102, "Incorrect syntax near '='.");
        Run(model, database, sql);
        return true;
    }

    static void Run(SqlServerModel model, string database, string sql)
    {
        var access = model.Access;
        if (Login().Match(sql) is { Success: true } login) access!.Logins.Add(login.Groups["name"].Value, login.Groups["password"].Value.Replace("''", "'", StringComparison.Ordinal));
        else if (DropLogin().Match(sql) is { Success: true } gone) access!.Logins.Remove(gone.Groups["name"].Value);
        else if (DropUser().Match(sql) is { Success: true } left) access!.Forget(database, left.Groups["name"].Value);
        else if (User().Match(sql) is { Success: true } user)
        {
            if (!access!.Users.Add((database, user.Groups["name"].Value)) && !sql.StartsWith("if user_id", StringComparison.Ordinal)) throw new TdsErrorException(15023, "User already exists in the current database.");
            if (Grant().Match(sql) is { Success: true } with) access.Grants.Add((database, with.Groups["name"].Value, with.Groups["right"].Value));
        }
        else if (Grant().Match(sql) is { Success: true } grant)
        {
            if (grant.Groups["right"].Value.Contains("schema::cdc", StringComparison.Ordinal) && !model.Databases[database].IsCdcEnabled) throw new TdsErrorException(15151, "Cannot find the schema 'cdc', because it does not exist or you do not have permission.");
            access!.Grants.Add((database, grant.Groups["name"].Value, grant.Groups["right"].Value));
        }
        else if (Alter().Match(sql) is { Success: true } alter) Set(model.Databases[alter.Groups["db"].Value], alter.Groups["what"].Value);
        else Capture(model.Databases[database], sql);
    }

    static void Set(ModelDatabase database, string what)
    {
        if (what.StartsWith("change_tracking", StringComparison.Ordinal)) database.IsTracked = what.Contains("= on", StringComparison.Ordinal);
        else database.AllowsSnapshot = what == "allow_snapshot_isolation on";
    }

    static void Capture(ModelDatabase database, string sql)
    {
        if (sql == "exec sys.sp_cdc_enable_db") database.IsCdcEnabled = true;
        else if (sql == "exec sys.sp_cdc_disable_db") (database.IsCdcEnabled, _) = (false, database.Instances.RemoveAll(_ => true));
        else if (Procedure().Match(sql) is { Success: true } call)
        {
            if (!database.IsCdcEnabled) throw new TdsErrorException(22901, $"The database '{database.Name}' is not enabled for Change Data Capture.");
            if (call.Groups["verb"].Value == "enable") database.EnableCdc($"{call.Groups["schema"].Value}.{call.Groups["table"].Value}");
            else database.DisableCdc(call.Groups["instance"].Value);
        }
        else if (TrackTable().Match(sql) is { Success: true } track)
        {
            var table = database.Table($"{track.Groups["schema"].Value}.{track.Groups["table"].Value}");
            if (!database.IsTracked) throw new TdsErrorException(5088, "Change tracking must be enabled on the database before it can be enabled on its tables.");
            if (track.Groups["verb"].Value == "enable") database.TrackedTables[table] = database.Version;
            else database.TrackedTables.Remove(table);
        }
        else throw new TdsErrorException(102, $"The model does not know: {sql}");
    }

    [GeneratedRegex(@"^use \[(?<db>[^\]]+)\];\s*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Use();

    [GeneratedRegex(@"^(create login|create user|drop login|drop user|grant|alter database|alter table|exec sys\.sp_cdc|if user_id)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Known();

    [GeneratedRegex(@"^create login \[(?<name>[^\]]+)\] with password = N'(?<password>.*)'$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Login();

    [GeneratedRegex(@"create user \[(?<name>[^\]]+)\] for login", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex User();

    [GeneratedRegex(@"^drop login \[(?<name>[^\]]+)\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DropLogin();

    [GeneratedRegex(@"^drop user \[(?<name>[^\]]+)\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DropUser();

    [GeneratedRegex(@"(^|; )grant (?<right>.+) to \[(?<name>[^\]]+)\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Grant();

    [GeneratedRegex(@"^alter database \[(?<db>[^\]]+)\] set (?<what>.+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Alter();

    [GeneratedRegex(@"^exec sys\.sp_cdc_(?<verb>enable|disable)_table @source_schema = N'(?<schema>[^']+)', @source_name = N'(?<table>[^']+)'(, @role_name = null, @supports_net_changes = 0|, @capture_instance = N'(?<instance>[^']+)')$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Procedure();

    [GeneratedRegex(@"^alter table \[(?<schema>[^\]]+)\]\.\[(?<table>[^\]]+)\] (?<verb>enable|disable) change_tracking$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TrackTable();
}
