using System.Net.Http.Json;
using CdcSync.Capture.Care;
using CdcSync.Host.Run;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync status</c>: where everything stands, and how the running process is.</summary>
sealed class StatusCommand : ApplianceCommand
{
    public StatusCommand()
        : base("status", "Where sources, topics, golden records and sinks stand")
    {
        Does(this, async (context, appliance, stop) =>
        {
            var status = await AskRunningAsync(appliance.Settings.Http.Listen, stop) ?? await new StatusReader(appliance).ReadAsync([], stop);
            if (context.AsJson)
            {
                context.Write(status, _ => "");
                return ExitCode.Done;
            }
            context.Say(status.Roles.Count == 0 ? $"No process answers on {appliance.Settings.Http.Listen}; this is what the store says.\n" : "");
            if (status.Roles.Count > 0) context.WriteTable(status.Roles, ("ROLE", r => r.Name), ("STATE", r => r.State), ("SINCE", r => $"{r.Since:u}"), ("REASON", r => r.Reason ?? ""));
            context.Say("");
            context.WriteTable(status.Sources, ("SOURCE", s => s.Name), ("STATE", s => s.State?.ToString() ?? "-"), ("POSITION", s => s.Position ?? "-"), ("LAG BYTES", s => $"{s.LagBytes}"), ("KEPT UNTIL", s => KeptUntil(s.Retention)), ("ERROR", s => s.Error ?? ""));
            var stopped = status.Sources.SelectMany(s => s.Stopped).ToList();
            if (stopped.Count > 0)
            {
                context.Say("");
                context.WriteTable(stopped, ("MAPPING THAT STANDS STILL", m => m.Mapping), ("SINCE", m => $"{m.Since:u}"), ("REASON", m => m.Reason));
            }
            var paused = status.Sources.SelectMany(s => s.Paused).ToList();
            if (paused.Count > 0)
            {
                context.Say("");
                context.WriteTable(paused, ("PAUSED", p => p.Source), ("TABLE", p => p.Table ?? "(all)"), ("BY", p => p.By ?? "(resumed)"), ("SINCE", p => $"{p.Since:u}"), ("HELD", p => $"{p.Held}"), ("WHY", p => p.Why ?? ""));
            }
            var read = status.Sources.Where(s => s.Snapshot is not null).ToList();
            if (read.Count > 0)
            {
                context.Say("");
                context.WriteTable(read, ("SNAPSHOT", s => s.Name), ("ID", s => s.Snapshot!.Id), ("TABLE", s => s.Snapshot!.Table), ("ROWS", s => $"{s.Snapshot!.Rows}"), ("OF ABOUT", s => $"{s.Snapshot!.Total}"),
                    ("ROWS/S", s => s.Snapshot!.Paused ? "paused" : $"{s.Snapshot.RowsPerSecond:0}"), ("TIME LEFT", s => s.Snapshot!.TimeLeft is { } left ? $"{TimeSpan.FromSeconds(Math.Ceiling(left.TotalSeconds))}" : ""), ("TABLES LEFT", s => $"{s.Snapshot!.TablesLeft}"));
            }
            var held = status.Sources.Where(s => s.Waits is not null).ToList();
            if (held.Count > 0)
            {
                context.Say("");
                context.WriteTable(held, ("SNAPSHOT WAITS FOR ITS LOAD BUDGET", s => s.Name), ("LIMIT", s => $"{s.Waits!.Limit}: {s.Waits.Value}"), ("SINCE", s => $"{s.Waits!.Since:u}"), ("FOR", s => $"{TimeSpan.FromSeconds(Math.Floor(s.Waits!.For.TotalSeconds))}"));
            }
            context.Say("");
            context.WriteTable(status.Sinks, ("SINK", s => s.Target), ("WAITING", s => $"{s.Waiting}"), ("PARKED", s => $"{s.Parked}"), ("DELIVERED", s => $"{s.Delivered}"), ("BREAKER", s => s.Breaker),
                ("SEEN", s => $"{s.SeenAt:u}"), ("PROBLEM", s => s.Problem ?? ""));
            if (status.Comparisons.Count > 0)
            {
                context.Say("");
                context.WriteTable(status.Comparisons, ("COMPARISON", c => c.Name), ("LAST RUN", c => $"{c.FinishedAt:u}"), ("OUTCOME", c => $"{c.Outcome}"), ("LEFT", c => $"{c.Left}"), ("REASON", c => c.Message ?? ""));
            }
            context.Say("");
            context.WriteTable(status.Golden, ("GOLDEN", g => g.Kind), ("RECORDS", g => $"{g.Records}"), ("GOLDEN", g => $"{g.Golden}"), ("MERGED", g => $"{g.Merged}"));
            context.Say("");
            context.WriteTable(status.Topics, ("TOPIC", t => t.Name), ("RECORDS", t => $"{t.Records}"), ("WRITTEN", t => $"{t.Next}"));
            return ExitCode.Done;
        });
    }

    static string KeptUntil(RetentionStatus? retention) => retention switch
    {
        null => "",
        { Level: RetentionLevel.Lost } => "lost",
        { Left: { } left } => $"{retention.Level.ToString().ToLowerInvariant()}, {left.TotalHours:0.0} h",
        _ => retention.Level.ToString().ToLowerInvariant(),
    };

    static async Task<ApplianceStatus?> AskRunningAsync(string listen, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            return await http.GetFromJsonAsync<ApplianceStatus>($"http://{listen}/status", StatusReader.Json, stop);
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
        {
            return null;
        }
    }
}
