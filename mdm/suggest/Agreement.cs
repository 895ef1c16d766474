using CdcSync.Mdm.Offline;

namespace CdcSync.Mdm.Suggest;

/// <summary>Whether records with an equal number are alike elsewhere: a register's number is, a system's counter is not.</summary>
static class Agreement
{
    const int Pairs = 400;

    static readonly Meaning[] Telling =
    [
        Meaning.Name, Meaning.CompanyName, Meaning.PersonName, Meaning.Given, Meaning.Surname, Meaning.StreetLine, Meaning.Street, Meaning.Town, Meaning.Postcode, Meaning.Birth,
        Meaning.Phone, Meaning.Email, Meaning.Product, Meaning.Title, Meaning.Address,
    ];

    /// <summary>The share of telling fields that agree among records that share a value; 0 when none share one.</summary>
    public static double Of(ColumnGuess number, FieldPlan plan)
    {
        var telling = plan.All.Where(g => Telling.Contains(g.Meaning)).ToList();
        var (seen, compared, equal) = (new Dictionary<string, (RawTable Table, int Row)>(StringComparer.Ordinal), 0, 0);
        foreach (var table in number.Shape.Tables)
            for (var row = 0; row < table.Rows && compared < Pairs * telling.Count; row++)
            {
                if (table[number.Name].At(row) is not { } value || seen.TryAdd(value, (table, row))) continue;
                var (otherTable, otherRow) = seen[value];
                foreach (var field in telling)
                {
                    if (!table.Has(field.Name) || !otherTable.Has(field.Name)) continue;
                    if (table[field.Name].At(row) is not { } one || otherTable[field.Name].At(otherRow) is not { } other) continue;
                    compared++;
                    if (one.Equals(other, StringComparison.OrdinalIgnoreCase)) equal++;
                }
            }
        return compared < 5 ? 0 : (double)equal / compared;
    }
}
