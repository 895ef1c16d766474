using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Suggest;

/// <summary>Whether a name is a person's, judged by its words: enough to tell a column of people from one of companies.</summary>
static class GivenNames
{
    /// <summary>True when one of two to four words is a usual given name and none is a number.</summary>
    public static bool Starts(string name)
    {
        var words = Folding.Fold(name).Split([' ', ',', '.'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length is >= 2 and <= 4 && !name.Any(char.IsAsciiDigit) && words.Any(w => Nicknames.IsGiven(w));
    }
}
