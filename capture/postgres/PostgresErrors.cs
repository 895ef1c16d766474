using System.Net.Sockets;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>Which errors pass by themselves, and what a person must do about the others.</summary>
static class PostgresErrors
{
    /// <summary>Whether connecting again may help.</summary>
    public static bool IsTransient(Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.ObjectInUse } => true,                      // our former connection is not gone yet
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ConfigurationLimitExceeded } => true,
        PostgresException { SqlState: ['0', '8', ..] or ['5', '7', 'P', ..] or ['5', '3', ..] or ['4', '0', ..] } => true,
        PostgresException { SqlState: PostgresErrorCodes.InvalidParameterValue, MessageText: var text } when text.Contains("snapshot identifier", StringComparison.Ordinal) => true,     // the connection that exported it was lost
        PostgresException { SqlState: "55000", MessageText: var text } => !text.Contains("slot", StringComparison.Ordinal),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn } => true,   // changed while a snapshot read it: look again
        PostgresException => false,
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>Whether the connection or the server failed, not the statement.</summary>
    public static bool IsLost(Exception error) => error is not PostgresException { SqlState: var state } || state is ['0', '8', ..] or ['5', '7', ..] or ['5', '3', ..] or ['4', '0', ..] or ['5', '5', ..];

    /// <summary>The message with the fix; null when there is no better one than the server's.</summary>
    public static string? Explain(PostgresException error, PostgresSettings settings) => error switch
    {
        { SqlState: PostgresErrorCodes.ObjectNotInPrerequisiteState } when error.MessageText.Contains("wal_level", StringComparison.Ordinal) =>
            $"{settings.Name}: the server does not write what logical replication needs. Set wal_level and restart it: alter system set wal_level = 'logical';",
        { SqlState: PostgresErrorCodes.InsufficientPrivilege } when error.MessageText.Contains("replication", StringComparison.OrdinalIgnoreCase) =>
            $"{settings.Name}: the role may not replicate ({error.MessageText}). Run: alter role {Role(settings)} replication;",
        { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            $"{settings.Name}: {error.MessageText}. Run: grant select on the captured tables to {Role(settings)};",
        { SqlState: PostgresErrorCodes.ConfigurationLimitExceeded } =>
            $"{settings.Name}: {error.MessageText}. Raise max_replication_slots (and max_wal_senders) and restart the server, or drop slots nobody reads",
        { SqlState: PostgresErrorCodes.UndefinedObject } when error.MessageText.Contains("publication", StringComparison.Ordinal) =>
            $"{settings.Name}: {error.MessageText}. A publication must be there before the changes it publishes: make it again, then `cdcsync snapshot {settings.Name} --restart`",
        { SqlState: PostgresErrorCodes.UndefinedObject } when error.MessageText.Contains("slot", StringComparison.Ordinal) =>
            $"{settings.Name}: {error.MessageText}: somebody dropped it while it was read. Nothing was made in its place; publish everything again: `cdcsync snapshot {settings.Name} --restart`",
        { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName } =>
            $"{settings.Name}: {error.MessageText}. Check 'connection', and pg_hba.conf for both the database and replication",
        _ => null,
    };

    /// <summary>Only what to do.</summary>
    public static string Fix(PostgresException error, PostgresSettings settings) => error switch
    {
        { SqlState: PostgresErrorCodes.InsufficientPrivilege } => $"alter role {Role(settings)} replication;",
        { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } => $"Check the password, and a line for this role and database in pg_hba.conf: host {new NpgsqlConnectionStringBuilder(settings.Connection).Database} {Role(settings)} ADDRESS scram-sha-256",
        { SqlState: PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ConfigurationLimitExceeded } => "alter system set max_wal_senders = 20; -- then restart the server",
        _ => Explain(error, settings) ?? "See the server's log",
    };

    static string Role(PostgresSettings settings) => Sql.Identifier(new NpgsqlConnectionStringBuilder(settings.Connection).Username ?? "the role");
}
