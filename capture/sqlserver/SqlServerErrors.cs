using System.Net.Sockets;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>Which errors pass by themselves, and what a person must do about the others.</summary>
static class SqlServerErrors
{
    const int CannotOpenDatabase = 4060;

    /// <summary>Whether trying again may help.</summary>
    public static bool IsTransient(Exception error) => error switch
    {
        SqlException { Class: >= 20 } => true,      // the connection is gone
        // Timeouts, network, deadlock victim, lock timeout, a database that is starting, failing over or being restored, throttling of Azure.
        SqlException sql => sql.Number is -2 or -1 or 0 or 2 or 20 or 53 or 64 or 121 or 233 or 596 or 615 or 701 or 802 or 913 or 921 or 922 or 926 or 927 or 952 or 976 or 978 or 979 or 982 or 983 or 1204 or 1205
            or 1222 or 3960 or 4221 or 6005 or 8645 or 8651 or 10053 or 10054 or 10060 or 10928 or 10929 or 11001 or 40143 or 40197 or 40501 or 40540 or 40613 or 49918 or 49919 or 49920 or 208 or 207 or CannotOpenDatabase,
        InvalidOperationException invalid => invalid.Message.Contains("pool", StringComparison.OrdinalIgnoreCase) || invalid.Message.Contains("clos", StringComparison.OrdinalIgnoreCase),
        IOException or SocketException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Whether the server refuses this statement, now and later: a wrong expression, a column that is not there, a right that is missing.</summary>
    public static bool IsStatement(SqlException error) => error.Class is > 10 and < 17 && (error.Number is 207 or 208 || !IsTransient(error));

    /// <summary>How often an error of this kind is tried again before a person is asked; null for ever.</summary>
    public static int? Patience(Exception error) => error is SqlException { Number: CannotOpenDatabase or 207 or 208 } ? 8 : null;

    /// <summary>The message with the fix.</summary>
    public static string? Explain(Exception error, SqlServerSettings settings, string database) => Explain(error, settings.Name, database, settings.Login);

    static string? Explain(Exception error, string source, string database, string login) => error switch
    {
        SqlException { Number: CannotOpenDatabase } =>
            $"{source}: database {database} cannot be opened: detached, offline, or not for this login. Attach it or bring it online ({Remedies.Online(database)};), or: {Remedies.In(database, Remedies.CreateUser(login))}; Its place is kept",
        SqlException { Number: 18456 or 18452 or 18470 or 18486 or 18487 or 18488 } refused => $"{source}: {refused.Message} Check user and password in 'connection'",
        SqlException { Number: 229 or 230 or 916 or 300 or 297 } refused =>
            $"{source}: {refused.Message} Run: {Remedies.In(database, Remedies.ReadChanges(login))}; and on each captured table: {Remedies.ReadTable("dbo", "...", login)};",
        SqlException { Number: 208 } refused when refused.Message.Contains("cdc.", StringComparison.OrdinalIgnoreCase) =>
            $"{source}: {refused.Message} Change data capture was switched off in {database}, or a capture instance dropped, while it was read: changes since then are not to be had. Switch it on again ({Remedies.In(database, Remedies.Capture)};), then publish everything again: `cdcsync snapshot {source} --restart`",
        SqlException { Number: 207 or 208 } refused => $"{source}: {refused.Message} A table or column of {database} is gone while it is read",
        SqlException { Number: 3952 } => $"{source}: database {database} does not allow snapshot isolation. Run: {Remedies.AllowSnapshot(database)}; or set 'snapshot_isolation: chunks'",
        SqlException { Number: 1222 } => $"{source}: a table of {database} stayed locked by others; raise 'lock_timeout' or set 'snapshot_isolation: chunks'",
        NotSupportedException { Message: var text } when text.Contains("Globalization", StringComparison.Ordinal) =>
            $"{source}: Microsoft.Data.SqlClient needs cultures: install ICU (Debian: apt install libicu72) and unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT",
        SqlException refused => $"{source}: {database}: {refused.Message} (error {refused.Number})",
        _ => null,
    };
}
