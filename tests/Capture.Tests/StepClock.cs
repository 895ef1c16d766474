namespace CdcSync.Capture.Tests;

/// <summary>Time that passes when the test says so.</summary>
sealed class StepClock : TimeProvider
{
    long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Step(TimeSpan by) => _now += by.Ticks;
}
