using System.Diagnostics;

namespace CdcSync.Capture.Tests;

/// <summary>Starts a capture worker in a process of its own.</summary>
static class CaptureProcessStart
{
    public static Process Start(string name, string connection, string log, string place, long? changes = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var path = typeof(CdcSync.CaptureProcess.Marker).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [path, name, connection, log, place, .. changes is { } count ? [count.ToString()] : Array.Empty<string>()])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var (variable, value) in environment ?? new Dictionary<string, string>()) start.Environment[variable] = value;
        return Process.Start(start)!;
    }
}
