namespace CdcSync.Mdm.Standardise;

/// <summary>What a street line says beside the address: whose care it is in, and which streets are near.</summary>
static class StreetAsides
{
    /// <summary>Removes it from the tokens.</summary>
    public static void Cut(List<string> tokens, FieldReading reading)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var end = tokens[i] switch
            {
                "C/O" or "ATTN" or "ATTENTION" or "ZHD" or "ZHDN" => i == 0 ? CareEnd(tokens) : Comma(tokens, i),
                "BETWEEN" or "NEAR" or "OPP" or "AT" when i >= 2 => Comma(tokens, i),
                "CNR" when i >= 2 => Comma(tokens, i),
                "CNR" => i + (i + 1 < tokens.Count && tokens[i + 1] == "OF" ? 2 : 1),
                _ => i,
            };
            if (end == i) continue;
            if (reading.Notes is not null) reading.Note($"'{string.Join(' ', tokens[i..end])}' left out");
            tokens.RemoveRange(i, end - i);
            i--;
        }
        while (tokens.Count > 0 && tokens[0] == ",") tokens.RemoveAt(0);
    }

    static int Comma(List<string> tokens, int from) => tokens.IndexOf(",", from) is >= 0 and var comma ? comma : tokens.Count;

    // "C/O John Smith 12 Main St": the person ends at the comma or before the first number.
    static int CareEnd(List<string> tokens)
    {
        for (var i = 1; i < tokens.Count; i++)
            if (tokens[i] == "," || char.IsAsciiDigit(tokens[i][0]) || tokens[i] is "POBOX" or "PO") return i;
        return tokens.Count;
    }
}
