namespace CdcSync.Mdm.Suggest;

/// <summary>Which column is a record's id, which says its source, and which say nothing of the thing itself: truth, labels, counters, times.</summary>
static class Identity
{
    public static (string? Id, string? Source) Take(FieldPlan plan, IReadOnlyCollection<string> truth)
    {
        foreach (var known in plan.Left.Where(g => truth.Contains(g.Name)).ToList()) plan.LeaveOut(known, "is the truth to measure by");
        var id = Id(plan);
        if (id is not null) plan.LeaveOut(id, "is the record's id");
        var sources = plan.Take(Meaning.Source);
        var source = sources.OrderBy(s => s.Shape.Distinct).FirstOrDefault(s => s.Shape.FilledShare > 0.5);
        foreach (var one in sources) plan.LeaveOut(one, one == source ? "says the record's source" : "says where it is from");
        foreach (var label in plan.Take(Meaning.Truth)) plan.LeaveOut(label, "looks like a group's number or a label, which records of the same thing share because somebody knew it");
        foreach (var technical in plan.Take(Meaning.Technical)) plan.LeaveOut(technical, technical.Why.StartsWith("by its", StringComparison.Ordinal) ? "says nothing of the thing itself" : technical.Why);
        return (id?.Name, source?.Name);
    }

    static ColumnGuess? Id(FieldPlan plan)
    {
        var named = plan.Left.Where(g => g.Meaning == Meaning.Id).ToList();
        var id = named.Find(IsKey) ?? plan.Left.FirstOrDefault(g => g.Meaning == Meaning.LocalNumber && IsKey(g) && ColumnWords.Words(g.Name) is [.., "ID" or "NO" or "NR" or "NUMBER" or "KEY" or "CODE" or "NUMMER" or "NUM"])
            // The first column of whole numbers, each once: where nothing is called an id, that is it.
            ?? plan.Left.FirstOrDefault(g => g.Meaning is Meaning.Truth && g.Why.StartsWith("by its values", StringComparison.Ordinal) && IsKey(g))
            ?? (named is [{ Shape.DistinctShare: > 0.98 } almost] ? almost : null);
        foreach (var other in named.Where(o => o != id))
            plan.LeaveOut(other, IsKey(other) ? "is another id" : "repeats: it numbers groups of records, and who made the groups knew the answer");
        return id;
    }

    static bool IsKey(ColumnGuess guess) => guess.Shape.UniqueInEach && guess.Shape.Tables.Sum(t => t.Rows) == guess.Shape.Filled;
}
