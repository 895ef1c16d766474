using System.Collections.Concurrent;
using CdcSync.Contract.Settings;
using CdcSync.EventLog;

namespace CdcSync.Host.Run;

/// <summary>How a role of the process is doing.</summary>
/// <param name="Name"><c>capture:erp</c>, <c>sink:shop</c>, ...</param>
/// <param name="State"><c>running</c>, <c>waiting</c> (failed, will be tried again), <c>stopped</c> (failed for good) or <c>ended</c>.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reason">Why it is not running.</param>
public sealed record RoleState(string Name, string State, DateTimeOffset Since, string? Reason);

/// <summary>
/// Runs the roles of a process side by side. One that fails is started again with growing pauses; the others do not notice. One that cannot come right by itself
/// (fenced, wrong settings) stays down, and says so in <c>/ready</c> and <c>status</c>.
/// </summary>
public sealed class RoleSupervisor(TimeProvider clock, ILogger logger)
{
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);
    readonly ConcurrentDictionary<string, RoleState> _states = new(StringComparer.Ordinal);

    /// <summary>Every role's state, by name.</summary>
    public IReadOnlyList<RoleState> States => [.. _states.Values.OrderBy(s => s.Name, StringComparer.Ordinal)];

    /// <summary>Runs one role until it ends, fails for good, or <paramref name="stop"/>.</summary>
    public async Task RunAsync(string name, Func<CancellationToken, Task> role, CancellationToken stop)
    {
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            var started = clock.GetTimestamp();
            Say(name, "running", null);
            try
            {
                await role(stop);
                Say(name, "ended", null);
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception final) when (final is FencedException or SettingsException)
            {
                Say(name, "stopped", final.Message);
                Log.RoleStopped(logger, final, name, final.Message);
                return;
            }
            catch (Exception failure)
            {
                // The loop's edge: whatever a role dies of, the others go on and it is tried again.
                if (clock.GetElapsedTime(started) > LongestPause) pause = FirstPause;
                Say(name, "waiting", failure.Message);
                Log.RoleFailed(logger, failure, name, failure.Message, pause);
            }
            await Task.Delay(pause, clock, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
        Say(name, "ended", null);
    }

    void Say(string name, string state, string? reason) => _states[name] = new RoleState(name, state, clock.GetUtcNow(), reason);
}

static partial class Log
{
    [LoggerMessage(6001, LogLevel.Error, "{Role} failed and is started again in {Pause}: {Reason}")]
    public static partial void RoleFailed(ILogger logger, Exception failure, string role, string reason, TimeSpan pause);

    [LoggerMessage(6002, LogLevel.Critical, "{Role} stops: {Reason}")]
    public static partial void RoleStopped(ILogger logger, Exception failure, string role, string reason);

    [LoggerMessage(6003, LogLevel.Information, "Running {Roles}; http://{Listen}/status shows how they are")]
    public static partial void Running(ILogger logger, string roles, string listen);

    [LoggerMessage(6004, LogLevel.Information, "Stopped cleanly")]
    public static partial void Stopped(ILogger logger);
}
