namespace CdcSync.Capture.SqlServer;

/// <summary>The T-SQL that gives what is missing and takes it back: the same wherever it is shown or run.</summary>
static class Remedies
{
    public static string In(string database, string sql) => $"use {Statements.Quote(database)}; {sql}";

    public static string Capture => "exec sys.sp_cdc_enable_db";

    public static string CaptureEnd => "exec sys.sp_cdc_disable_db";

    public static string CaptureTable(string schema, string table) =>
        $"exec sys.sp_cdc_enable_table @source_schema = {Statements.Text(schema)}, @source_name = {Statements.Text(table)}, @role_name = null, @supports_net_changes = 0";

    public static string CaptureTableEnd(string schema, string table, string instance) =>
        $"exec sys.sp_cdc_disable_table @source_schema = {Statements.Text(schema)}, @source_name = {Statements.Text(table)}, @capture_instance = {Statements.Text(instance)}";

    public static string Track(string database) => $"alter database {Statements.Quote(database)} set change_tracking = on (change_retention = 3 days, auto_cleanup = on)";

    public static string TrackEnd(string database) => $"alter database {Statements.Quote(database)} set change_tracking = off";

    public static string TrackLonger(string database, int days) => $"alter database {Statements.Quote(database)} set change_tracking (change_retention = {days} days)";

    public static string TrackTable(string schema, string table) => $"alter table {Statements.Quote(schema, table)} enable change_tracking";

    public static string TrackTableEnd(string schema, string table) => $"alter table {Statements.Quote(schema, table)} disable change_tracking";

    public static string AllowSnapshot(string database) => $"alter database {Statements.Quote(database)} set allow_snapshot_isolation on";

    public static string AllowSnapshotEnd(string database) => $"alter database {Statements.Quote(database)} set allow_snapshot_isolation off";

    public static string Online(string database) => $"alter database {Statements.Quote(database)} set online";

    public static string Retention(int minutes) => $"exec sys.sp_cdc_change_job @job_type = 'cleanup', @retention = {minutes}";

    public static string Polling => "exec sys.sp_cdc_change_job @job_type = 'capture', @pollinginterval = 1, @maxtrans = 2000; exec sys.sp_cdc_stop_job; exec sys.sp_cdc_start_job";

    public static string CreateUser(string login) => $"create user {Statements.Quote(login)} for login {Statements.Quote(login)}";

    public static string ReadChanges(string user) => $"grant select on schema::cdc to {Statements.Quote(user)}";

    public static string ReadSchema(string schema, string user) => $"grant select on schema::{Statements.Quote(schema)} to {Statements.Quote(user)}";

    public static string ReadTable(string schema, string table, string user) => $"grant select on {Statements.Quote(schema, table)} to {Statements.Quote(user)}";

    public static string SeeTrackedSchema(string schema, string user) => $"grant view change tracking on schema::{Statements.Quote(schema)} to {Statements.Quote(user)}";

    public static string SeeTracked(string schema, string table, string user) => $"grant view change tracking on {Statements.Quote(schema, table)} to {Statements.Quote(user)}";

    public static string SeeScans(string user) => $"grant view database state to {Statements.Quote(user)}";

    public static string SeeServer(string login) => $"grant view server state to {Statements.Quote(login)}";

    public static string SeeJobs(string login) => $"if user_id({Statements.Text(login)}) is null {CreateUser(login)}; grant select on dbo.cdc_jobs to {Statements.Quote(login)}";
}
