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
    [InlineData("snapshot")]
    public Task A_given_scenario_leads_to_the_recorded_records(string scenario) => EqualAsync(Needs.Shared("reference", "debezium", "streams", scenario));

    /// <summary>What we recorded of settings and of corners, with the same Debezium 3.7.0 and PostgreSQL 15; several at once, for most of the time is waiting.</summary>
    [Fact]
    public async Task Scenarios_of_our_own_lead_to_the_recorded_records()
    {
        var folders = Directory.GetDirectories(Path.Combine(Needs.Root, "tests", "debezium", "scenarios"));
        var differences = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await Parallel.ForEachAsync(folders, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (folder, stop) =>
        {
            foreach (var difference in (await Attempts.BestAsync(new Scenario(folder), postgres.Server, stop)).Differences) differences.Enqueue(difference);
        });
        Assert.True(differences.IsEmpty, string.Join('\n', differences.Take(30)));
        Assert.True(folders.Length > 25);
    }

    async Task EqualAsync(string folder)
    {
        var (records, differences) = await Attempts.BestAsync(new Scenario(folder), postgres.Server, TestContext.Current.CancellationToken);
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(30)));
        Assert.True(records > 0);
    }
}
