using CdcSync.Bench;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
var benches = typeof(IBench).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IBench)))
    .Select(t => (IBench)Activator.CreateInstance(t)!).ToDictionary(b => b.Name);
if (args.Length == 0 || args.Contains("--help") || !benches.TryGetValue(args[0], out var bench))
{
    await Console.Error.WriteLineAsync($"Usage: cdcsync-bench NAME [--json] [options]; NAME is one of: {string.Join(", ", benches.Keys.Order())}");
    return 2;
}
try
{
    await bench.RunAsync(new BenchArguments(args[1..]), new BenchOutput(args.Contains("--json")), stop.Token);
    return 0;
}
catch (OperationCanceledException)
{
    return 130;
}
