namespace CdcSync.Mdm.Suggest;

/// <summary>Names of fields from names of columns.</summary>
static class FieldNames
{
    /// <summary>Small letters, digits and _, as rule files write names.</summary>
    public static string Of(string column)
    {
        var words = ColumnWords.Words(column).Select(w => string.Concat(w.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant()).Where(w => w.Length > 0);
        var name = string.Join('_', words);
        return name.Length == 0 || !char.IsAsciiLetter(name[0]) ? $"field_{name}".TrimEnd('_') : name;
    }

    /// <summary>The name without its number: the same for NAME1 and NAME2, phone and phone_2.</summary>
    public static string Stem(string column) => string.Concat(ColumnWords.Words(column).Select(w => string.Concat(w.Where(char.IsLetter))));
}
