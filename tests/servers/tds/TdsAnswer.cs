namespace CdcSync.Servers.Tds;

/// <summary>A statement as a client sent it: alone, or by sp_executesql with typed parameters.</summary>
/// <param name="Text">The SQL.</param>
/// <param name="Parameters">Values by name, with the @; null for null.</param>
/// <param name="Database">The session's database.</param>
/// <param name="Session">Its number.</param>
/// <param name="User">Who logged in.</param>
public sealed record TdsRequest(string Text, IReadOnlyDictionary<string, object?> Parameters, string Database, int Session, string User);

/// <summary>One result: columns and rows.</summary>
public sealed record TdsResult(IReadOnlyList<TdsColumn> Columns, IEnumerable<object?[]> Rows)
{
    /// <summary>From <c>name type</c> pairs.</summary>
    public static TdsResult Of(string columns, params IEnumerable<object?[]> rows) =>
        new([.. columns.Split(';', StringSplitOptions.TrimEntries).Select(c => c.Split(' ', 2)).Select(c => new TdsColumn(c[0], TdsType.Parse(c[1])))], rows);
}

/// <summary>An error the server answers with.</summary>
public sealed class TdsErrorException(int number, string message, int level = 16) : Exception(message)
{
    public int Number { get; } = number;
    public int Level { get; } = level;
}

/// <summary>What answers statements behind a <see cref="TdsServer"/>.</summary>
public interface ITdsAnswers
{
    /// <summary>Whether a login may be; throws <see cref="TdsErrorException"/> when not.</summary>
    void Login(TdsLogin login);

    /// <summary>The results of a statement; throws <see cref="TdsErrorException"/>. May wait.</summary>
    Task<IReadOnlyList<TdsResult>> AnswerAsync(TdsRequest request, CancellationToken stop);

    /// <summary>A session is gone: what it held is released.</summary>
    void Closed(int session);
}

/// <summary>What a client said when it logged in.</summary>
public sealed record TdsLogin(string User, string Password, string Application, string Database, bool ReadOnlyIntent, bool Encrypted);
