namespace CdcSync.Mdm.Rules;

/// <summary>The rule files that come with CdcSync.</summary>
public static class ShippedRules
{
    /// <summary>The text of an object's rule file.</summary>
    /// <param name="kind">The object: <c>customer</c>.</param>
    /// <exception cref="KeyNotFoundException">There is none for it.</exception>
    public static string Text(string kind)
    {
        using var stream = typeof(ShippedRules).Assembly.GetManifestResourceStream(Name(kind)) ?? throw new KeyNotFoundException($"No rule file comes with CdcSync for '{kind}'");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>How messages call it.</summary>
    public static string Name(string kind) => $"shipped/{kind}.yaml";
}
