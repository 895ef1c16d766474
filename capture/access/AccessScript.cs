namespace CdcSync.Capture.Access;

/// <summary>One statement for an administrator.</summary>
/// <param name="Why">What it is for, in a line.</param>
/// <param name="Sql">The statement, without its end mark; never with a secret in it.</param>
/// <param name="InTransaction">Whether it holds only together with its neighbours; false for what a server does not do inside a transaction.</param>
public sealed record AccessStep(string Why, string Sql, bool InTransaction = true)
{
    /// <summary>What is run in place of <see cref="Sql"/> when that hides something.</summary>
    internal string? Hidden { get; init; }
}

/// <summary>What an administrator runs, in order, and what is to be said beside it.</summary>
/// <param name="Steps">The statements; none when nothing is left to do.</param>
/// <param name="Notes">What is there already, what a person must decide, what the rights do not cover.</param>
public sealed record AccessScript(IReadOnlyList<AccessStep> Steps, IReadOnlyList<string> Notes)
{
    /// <summary>How the client's SQL opens a transaction.</summary>
    public string Begin { get; init; } = "begin";

    /// <summary>As a file that an SQL client runs: transactions marked, notes as comments.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var note in Notes) yield return $"-- {note.Replace("\n", "\n-- ", StringComparison.Ordinal)}";
        var open = false;
        foreach (var step in Steps)
        {
            if (open != step.InTransaction) yield return open ? "commit;" : $"{Begin};";
            open = step.InTransaction;
            yield return $"-- {step.Why}";
            yield return $"{step.Sql};";
        }
        if (open) yield return "commit;";
    }
}
