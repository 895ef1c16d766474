using System.Text.RegularExpressions;

namespace CdcSync.Sinks;

/// <summary>Makes a target's answer fit for a dead letter: its beginning, without secrets and addresses.</summary>
internal static partial class Redaction
{
    const int Longest = 500;

    public static string? Of(string? answer, IEnumerable<string> secrets)
    {
        if (answer is null) return null;
        foreach (var secret in secrets) answer = answer.Replace(secret, "***", StringComparison.Ordinal);
        answer = Named().Replace(answer, "${name}***");
        answer = Mail().Replace(answer, "***@***");
        answer = new string([.. answer.Where(c => !char.IsControl(c) || c is '\n')]);
        return answer.Length > Longest ? answer[..Longest] + " ..." : answer;
    }

    [GeneratedRegex("""(?i)(?<name>(?:password|passwd|secret|token|api[-_]?key|authorization)["']?\s*[:=]\s*["']?(?:bearer\s+|basic\s+)?)[^\s"',;&}]+""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 500)]
    private static partial Regex Named();

    [GeneratedRegex(@"[\w.+-]+@[\w-]+\.[\w.-]+", RegexOptions.None, matchTimeoutMilliseconds: 500)]
    private static partial Regex Mail();
}
