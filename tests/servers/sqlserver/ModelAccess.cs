using CdcSync.Servers.Tds;

namespace CdcSync.Servers.SqlServer;

/// <summary>Logins, users and their rights. Without one a model lets everybody do everything.</summary>
public sealed class ModelAccess
{
    public Dictionary<string, string> Logins { get; } = new(StringComparer.OrdinalIgnoreCase) { ["sa"] = "secret" };

    /// <summary>(database, login).</summary>
    public HashSet<(string Database, string Login)> Users { get; } = [];

    /// <summary>(database, login, right), as <c>grant</c> has it: <c>select on [dbo].[item]</c>, <c>select on schema::[dbo]</c>, <c>view database state</c>.</summary>
    public HashSet<(string Database, string Login, string Right)> Grants { get; } = [];

    public void LogIn(TdsLogin login)
    {
        if (!Logins.TryGetValue(login.User, out var password) || password != login.Password) throw new TdsErrorException(18456, $"Login failed for user '{login.User}'.", 14);
        if (!ComesInto(login.Database, login.User)) throw new TdsErrorException(4060, $"Cannot open database \"{login.Database}\" requested by the login. The login failed.", 11);
    }

    public bool ComesInto(string database, string login) => login == "sa" || database is "" or "master" or "msdb" || Users.Contains((database, login));

    public bool May(string database, string login, string right) => login == "sa" || Grants.Contains((database, login, right));

    public bool MayTable(string database, string login, string right, ModelTable table) =>
        May(database, login, $"{right} on [{table.Schema}].[{table.Name}]") || May(database, login, $"{right} on schema::[{table.Schema}]");

    public void Forget(string database, string login)
    {
        Users.Remove((database, login));
        Grants.RemoveWhere(g => g.Database == database && g.Login == login);
    }
}
