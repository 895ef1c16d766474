namespace CdcSync.Mdm.Standardise;

/// <summary>E-mail addresses: lower case, without display name, one by one where a field holds several.</summary>
public static class Emails
{
    static readonly char[] Separators = [';', ',', ' ', '\t', '\r', '\n', '<', '>', '(', ')', '"'];

    /// <summary>The addresses in a field; empty when there is none.</summary>
    public static IEnumerable<string> Of(string? text)
    {
        if (Placeholders.IsMissing(text)) yield break;
        foreach (var part in text!.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (Standard(part) is { } email) yield return email;
    }

    static string? Standard(string part)
    {
        var email = part.ToLowerInvariant().Trim('.', '\'');
        if (email.StartsWith("mailto:", StringComparison.Ordinal)) email = email[7..];
        var at = email.IndexOf('@');
        if (at <= 0 || at != email.LastIndexOf('@') || email.Any(char.IsControl)) return null;
        var (local, domain) = (email[..at], email[(at + 1)..]);
        return domain.IndexOf('.') > 0 && !domain.EndsWith('.') && !IsNobody(local) ? email : null;
    }

    /// <summary>True when what stands before the @ says that nobody reads it.</summary>
    internal static bool IsNobody(string local) =>
        Placeholders.IsMissing(local) || local is "noemail" or "no-email" or "nomail" or "noreply" or "no-reply" or "donotreply";
}
