using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Scoring;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Bench;

/// <summary>Pairs of names with a verdict: how often the names by themselves come to it.</summary>
static class NameCases
{
    // What the comparison calls the same, nearly the same, alike, or a part of the other.
    const int Alike = 4;

    public static void Show(BenchOutput output, string path, CancellationToken stop)
    {
        var table = RecordFile.Read(path, stop);
        var read = Enumerable.Range(0, table.Rows).Select(r => (One: Read(table, "name1", r), Other: Read(table, "name2", r), Same: table["is_match"].At(r) == "true", Person: IsPerson(table, r))).ToList();
        var words = WordFrequencies.Of(read.SelectMany(r => new[] { (r.One, 1), (r.Other, 1) }));
        var comparison = ComparisonCatalog.Get("name", "names");
        bool Right((FieldValue[] One, FieldValue[] Other, bool Same, bool Person) pair) =>
            pair.One.Any(one => pair.Other.Any(other => comparison.Compare(one, other, words) <= Alike)) == pair.Same;
        output.Show("verdicts on names", ("right", $"{read.Count(Right) / (double)read.Count:0.0000}"),
            ("persons", $"{read.Where(r => r.Person).Average(r => Right(r) ? 1 : 0):0.0000}"), ("others", $"{read.Where(r => !r.Person).Average(r => Right(r) ? 1 : 0):0.0000}"), ("records", read.Count));
    }

    static bool IsPerson(RawTable table, int row) => table["schema"].At(row) == "Person";

    static FieldValue[] Read(RawTable table, string column, int row) =>
        [.. FieldKinds.Get(IsPerson(table, row) ? "person_name" : "company_name", "names").Read(table[column].At(row) ?? "", new FieldReading())];
}
