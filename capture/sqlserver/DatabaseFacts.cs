using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>A user table, and what a login may do with it.</summary>
sealed record TableFacts(string Schema, string Name, bool IsCaptured, bool IsTracked, bool MaySelect, bool HasKey, bool MaySeeTracked)
{
    public string FullName => $"{Schema}.{Name}";
}

/// <summary>What a login may do in a database beside its tables.</summary>
readonly record struct RightsFacts(bool MayRead, bool MaySeeScans, bool IsOwner, string Login, bool MaySeeServer, bool MaySeeJobs);

/// <summary>What a database is, has and allows: for <c>check</c>, and for <c>enable</c> on behalf of another login.</summary>
sealed class DatabaseFacts
{
    public required string Name { get; init; }
    public int Version { get; init; }
    public bool IsCaptured { get; init; }
    public bool AllowsSnapshot { get; init; }
    public bool IsWritable { get; init; }
    public int OffsetMinutes { get; init; }
    public DateTime Now { get; init; }
    public bool IsTracked { get; init; }
    public IReadOnlyList<TableFacts> Tables { get; private set; } = [];
    public RightsFacts Rights { get; private set; }

    /// <summary>Looks.</summary>
    /// <param name="connections">The database.</param>
    /// <param name="login">Whose rights: of somebody whom the connection's login may act for; null for its own.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<DatabaseFacts> ReadAsync(SqlServerConnections connections, string? login, CancellationToken stop)
    {
        var facts = (await connections.ListAsync("database", r => new DatabaseFacts
        {
            Name = r.GetString(0), Version = r.GetInt32(1), IsCaptured = r.GetBoolean(2), AllowsSnapshot = r.GetInt32(3) == 1, IsWritable = r.IsDBNull(5) || r.GetString(5) != "READ_ONLY",
            OffsetMinutes = r.GetInt32(6), Now = r.GetDateTime(7), IsTracked = r.GetBoolean(8),
        }, stop)).FirstOrDefault() ?? throw new SourceException($"{connections.Settings.Name}: the server does not show database {connections.Database} to this login");
        facts.Tables = await TablesAsync(connections, login, stop);
        facts.Rights = (await AskAsync(connections, "rights", login, r => new RightsFacts(r.GetBoolean(0), r.GetBoolean(1), r.GetBoolean(2), r.GetString(3), r.GetBoolean(4), r.GetBoolean(5)), stop))[0];
        return facts;
    }

    /// <summary>The names of the tables that the settings want and that the database follows already.</summary>
    public static async Task<IEnumerable<string>> FollowedAsync(SqlServerConnections connections, CancellationToken stop) =>
        (await TablesAsync(connections, login: null, stop)).Where(t => SqlServerCatalog.IsWanted(connections.Settings, t.FullName) && IsFollowed(connections.Settings, t)).Select(t => t.FullName);

    static Task<List<TableFacts>> TablesAsync(SqlServerConnections connections, string? login, CancellationToken stop) =>
        AskAsync(connections, "tables", login, r => new TableFacts(r.GetString(0), r.GetString(1), r.GetBoolean(2), r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5), r.GetBoolean(6)), stop);

    /// <summary>The tables that the settings want and that the database follows, or is to follow: with the wildcard for all, those it follows already.</summary>
    public IEnumerable<TableFacts> Wanted(SqlServerSettings settings) =>
        Tables.Where(t => SqlServerCatalog.IsWanted(settings, t.FullName) && (!settings.TakesWhatIsThere || IsFollowed(settings, t)));

    /// <summary>The wanted tables that the database does not follow yet.</summary>
    public IEnumerable<TableFacts> Unfollowed(SqlServerSettings settings) => Wanted(settings).Where(t => !IsFollowed(settings, t));

    static bool IsFollowed(SqlServerSettings settings, TableFacts table) => settings.Mode == CaptureMode.ChangeTracking ? table.IsTracked : table.IsCaptured;

    /// <summary>Asks a statement of rights, as the login itself or as somebody who acts for it.</summary>
    public static async Task<List<T>> AskAsync<T>(SqlServerConnections connections, string statement, string? login, Func<SqlDataReader, T> row, CancellationToken stop)
    {
        // Not to the pool: a session that has acted for another is none to go on with.
        await using var connection = await connections.OpenAsync(stop, pooled: login is null);
        await using var reader = await connections.ReadAsync(connection, Statements.Of(statement, ("as", login is null ? "" : "execute as login = @login;")), stop,
            login is null ? [] : [new SqlParameter("@login", System.Data.SqlDbType.NVarChar, 128) { Value = login }]);
        return await SqlServerConnections.ListAsync(reader, row, stop);
    }
}
