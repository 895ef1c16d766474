namespace CdcSync.Mdm.Standardise;

/// <summary>Numbers in words and in digits are one: "Brigade Forty-Four" and "Brigade 44", "Three Percenters" and "3 Percenters".</summary>
static class Numerals
{
    /// <summary>Writes the English numbers up to 99 in digits.</summary>
    public static void Join(List<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (Of(words[i]) is not (> 0 and var number)) continue;
            if (number >= 20 && i + 1 < words.Count && (Of(words[i + 1]) is > 0 and < 10 and var unit || IsDigit(words[i + 1], out unit)))
            {
                number += unit;
                words.RemoveAt(i + 1);
            }
            words[i] = number.ToString();
        }
    }

    static bool IsDigit(string word, out int digit)
    {
        digit = word.Length == 1 && word[0] is >= '1' and <= '9' ? word[0] - '0' : 0;
        return digit > 0;
    }

    static int Of(string word) => word.Length is < 3 or > 9 ? 0 : word switch
    {
        "ONE" => 1, "TWO" => 2, "THREE" => 3, "FOUR" => 4, "FIVE" => 5, "SIX" => 6, "SEVEN" => 7, "EIGHT" => 8, "NINE" => 9, "TEN" => 10, "ELEVEN" => 11, "TWELVE" => 12,
        "THIRTEEN" => 13, "FOURTEEN" => 14, "FIFTEEN" => 15, "SIXTEEN" => 16, "SEVENTEEN" => 17, "EIGHTEEN" => 18, "NINETEEN" => 19,
        "TWENTY" => 20, "THIRTY" => 30, "FORTY" => 40, "FIFTY" => 50, "SIXTY" => 60, "SEVENTY" => 70, "EIGHTY" => 80, "NINETY" => 90,
        _ => 0,
    };
}
