using CdcSync.EventLog;
using CdcSync.Host.Run;
using Microsoft.Extensions.Logging.Abstractions;

namespace CdcSync.Host.Tests;

public class RoleSupervisorTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failing_role_is_started_again_and_says_why()
    {
        var supervisor = new RoleSupervisor(TimeProvider.System, NullLogger.Instance);
        var tries = 0;
        await supervisor.RunAsync("r", _ => ++tries < 2 ? throw new InvalidOperationException("broken") : Task.CompletedTask, Stop);
        Assert.Equal(2, tries);
        Assert.Equal("ended", supervisor.States.Single().State);
    }

    [Fact]
    public async Task A_fenced_role_stays_down()
    {
        var supervisor = new RoleSupervisor(TimeProvider.System, NullLogger.Instance);
        await supervisor.RunAsync("r", _ => throw new FencedException("erp"), Stop);
        Assert.Equal("stopped", supervisor.States.Single().State);
        Assert.Contains("erp", supervisor.States.Single().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_ends_a_role_that_waits_to_be_tried_again()
    {
        var supervisor = new RoleSupervisor(TimeProvider.System, NullLogger.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = supervisor.RunAsync("r", _ => throw new InvalidOperationException("broken"), stop.Token);
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }
}
