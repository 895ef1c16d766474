using CdcSync.DebeziumConformance;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>The same SQL that a recorded Debezium saw leads to the same records: topics, order, schemas, values, headers, in Connect's JSON and in Avro.</summary>
public class PostgresDebeziumTests(TestPostgres postgres)
{
    /// <summary>What others recorded.</summary>
    [Theory]
    [InlineData("lifecycle")]
    [InlineData("keys")]
    [InlineData("toast")]
    [InlineData("types")]
    [InlineData("partitions")]
    [InlineData("schema_change")]
    public Task A_given_scenario_leads_to_the_recorded_records(string scenario) => EqualAsync(Needs.Shared("reference", "debezium", "streams", scenario));

    /// <summary>What we recorded of settings and of corners, with the same Debezium 3.7.0 and PostgreSQL 15.</summary>
    [Theory]
    [MemberData(nameof(Own))]
    public Task A_scenario_of_our_own_leads_to_the_recorded_records(string scenario) => EqualAsync(Path.Combine(Folder, scenario));

    static string Folder => Path.Combine(Needs.Root, "tests", "debezium", "scenarios");

    public static TheoryData<string> Own() => [.. Directory.GetDirectories(Folder).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    async Task EqualAsync(string folder)
    {
        var (records, differences) = await Attempts.BestAsync(new Scenario(folder), postgres.Server, TestContext.Current.CancellationToken);
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(30)));
        Assert.True(records > 0);
    }
}
