using Npgsql;

namespace CdcSync.EventLog.Postgres;

/// <summary>Says in words of the log what the store said in its own.</summary>
static class PostgresLogErrors
{
    /// <summary>The store failed, rather than our own code.</summary>
    public static bool IsStore(Exception error) => error is NpgsqlException or IOException or TimeoutException;

    public static EventLogException Explain(string doing, Exception error)
    {
        var why = error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } full =>
                $"the store's disk is full ({full.MessageText}). Free space on the store's server or shorten the retention of topics; then it goes on by itself",
            PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
                "the store has no connection left. Raise its max_connections or run fewer processes",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied =>
                $"the store's role lacks a right ({denied.MessageText}). Grant it the schema log",
            PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
                "the store is read only (a standby?). Point the connection string at the primary",
            PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName } missing =>
                $"the store lacks a table of the log ({missing.MessageText}). Was its schema dropped? Start the process again to make it",
            PostgresException { SqlState: ['5', '7', 'P', ..] } down => $"the store ended the connection ({down.MessageText})",
            PostgresException other => $"the store answered {other.SqlState}: {other.MessageText}",
            _ => $"the connection to the store was lost ({error.InnerException?.Message ?? error.Message})",
        };
        return new EventLogException($"The log could not {doing}: {why}.", error);
    }
}
