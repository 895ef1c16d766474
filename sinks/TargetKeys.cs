using System.Text;

namespace CdcSync.Sinks;

/// <summary>Keys of several parts as one text: joined with '|'; a '|' or '\' inside a part is escaped with '\'.</summary>
public static class TargetKeys
{
    /// <summary>Joins the parts.</summary>
    public static string Join(IEnumerable<string> parts) => string.Join('|', parts.Select(p =>
        p.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal)));

    /// <summary>Splits what <see cref="Join"/> joined.</summary>
    public static IReadOnlyList<string> Split(string key)
    {
        var (parts, part) = (new List<string>(), new StringBuilder());
        for (var i = 0; i < key.Length; i++)
        {
            if (key[i] == '\\' && i + 1 < key.Length) part.Append(key[++i]);
            else if (key[i] == '|')
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else part.Append(key[i]);
        }
        return [.. parts, part.ToString()];
    }
}
