using System.Globalization;

namespace CdcSync.Capture;

/// <summary>How two clocks compare, for <c>cdcsync check</c>.</summary>
public static class ClockSkew
{
    /// <summary>Judges a reading of another clock, which is good to half its round trip.</summary>
    /// <param name="whose">What the other clock is of: <c>source</c>, <c>store</c>.</param>
    /// <param name="there">What it said.</param>
    /// <param name="asked">This machine's time when it was asked.</param>
    /// <param name="answered">And when it had answered.</param>
    public static PreflightResult Judge(string whose, DateTime there, DateTimeOffset asked, DateTimeOffset answered)
    {
        var half = (answered - asked) / 2;
        var skew = (there.ToUniversalTime() - (asked + half).UtcDateTime).Duration();
        return skew <= TimeSpan.FromSeconds(1) + half ? new(PreflightLevel.Pass, $"The clocks of {whose} and this machine agree within a second")
            : new(PreflightLevel.Warn, string.Create(CultureInfo.InvariantCulture,
                $"The clocks of {whose} and this machine differ by {skew.TotalSeconds:0.0} s: order is not touched (it comes from the log), but every delay shown is wrong by as much"),
                "Let both follow a time server: timedatectl set-ntp true, or chrony");
    }
}
