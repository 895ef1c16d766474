namespace CdcSync.Mdm.Standardise;

/// <summary>Legal forms that Chinese, Japanese and Korean write without a space beside the name.</summary>
static class FarEastern
{
    static readonly string[] Forms = ["股份有限公司", "有限责任公司", "有限公司", "株式会社", "有限会社", "合同会社", "주식회사"];

    /// <summary>The name with spaces around them.</summary>
    public static string Part(string folded)
    {
        if (folded.AsSpan().IndexOfAnyInRange('\u3000', '\uD7FF') < 0) return folded;
        var parted = folded.Replace("㈱", "株式会社", StringComparison.Ordinal).Replace("㈜", "주식회사", StringComparison.Ordinal).Replace("(株)", "株式会社", StringComparison.Ordinal).Replace("(주)", "주식회사", StringComparison.Ordinal);
        foreach (var form in Forms)
            if (parted.IndexOf(form, StringComparison.Ordinal) is >= 0 and var at) return $"{parted[..at]} {form} {parted[(at + form.Length)..]}";
        return parted;
    }
}
