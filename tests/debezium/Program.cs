using CdcSync.DebeziumConformance;
using CdcSync.Demo;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
if (args is not ["debezium", _, ..])
{
    await Console.Error.WriteLineAsync("Usage: conformance debezium DIR...   each DIR: setup.sql, changes.sql, messages.jsonl and, where needed, connector.properties");
    return 2;
}
await using var server = await PrivatePostgres.StartAsync(stop.Token, "timezone=UTC");
var (equal, different) = (0, 0);
foreach (var folder in args[1..])
{
    var scenario = new Scenario(Path.GetFullPath(folder));
    var (records, differences) = await Attempts.BestAsync(scenario, server, stop.Token);
    foreach (var difference in differences) Console.WriteLine(difference);
    Console.WriteLine(differences.Count == 0 ? $"{scenario.Name}: {records} records equal" : $"{scenario.Name}: {differences.Count} differences in {records} records");
    if (differences.Count == 0) equal++;
    else different++;
}
Console.WriteLine($"{equal} equal, {different} different");
return different == 0 ? 0 : 3;
