using System.Security.Cryptography;
using System.Text;

namespace CdcSync.Capture.Care;

/// <summary>A table that waits: its records stand in a topic of their own, in their order, until they are given out to where they belong.</summary>
/// <param name="Table"><c>schema.name</c>.</param>
/// <param name="Topic">Where its records are held.</param>
/// <param name="Next">Offset of the first one that was not given out.</param>
/// <param name="Held">Records held so far.</param>
/// <param name="Given">How many of them were given out.</param>
public sealed record HeldTable(string Table, string Topic, long Next, long Held, long Given)
{
    /// <summary>The topic of a source's table: its name where that can be one, else with a hash in place of what cannot.</summary>
    internal static string TopicOf(string source, string table)
    {
        var plain = new string([.. table.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_')]);
        if (plain == table && plain.Length <= 150) return $"cdcsync.held.{source}.{plain}";
        return $"cdcsync.held.{source}.{plain[..Math.Min(plain.Length, 120)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(table)))[..16]}";
    }
}
