using System.Globalization;

namespace CdcSync.Bench;

/// <summary>CPU time of private database servers.</summary>
static class ServerTime
{
    /// <summary>CPU-seconds of the processes of the servers on these ports, those that have ended too: their parent has them.</summary>
    public static double Of(params int[] ports)
    {
        var ticks = 0L;
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out _)) continue;
            try
            {
                var fields = File.ReadAllText(Path.Combine(folder, "stat")).Split(") ")[^1].Split(' ');
                var isServer = ports.Any(p => IsOf(folder, p));
                if (isServer) ticks += long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture);
                if (isServer || ports.Any(p => IsOf($"/proc/{fields[1]}", p))) ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }
        }
        return ticks / 100.0;
    }

    static bool IsOf(string process, int port) => File.Exists($"{process}/cmdline") && File.ReadAllText($"{process}/cmdline").Contains($"port={port}", StringComparison.Ordinal);
}
