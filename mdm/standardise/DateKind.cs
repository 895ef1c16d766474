using System.Globalization;

namespace CdcSync.Mdm.Standardise;

/// <summary>
/// A date: <c>1978-11-12</c>, <c>19081209</c>, <c>1967 9 27</c>, <c>12. November 1978</c>. Where day and month could be either ("12/11/1978") it has both values; a date that
/// the calendar lacks is missing.
/// </summary>
public sealed class DateKind : IFieldKind
{
    public string Name => "date";

    public string Summary => "a date in any order; both readings where day and month could be either";

    public string Comparison => "date";

    public double MostDifferent => 0.2;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Folded(raw, reading) is not { } folded) return [];
        Span<int> numbers = stackalloc int[3];
        Span<int> lengths = stackalloc int[3];
        var (count, month) = Parts(folded, numbers, lengths);
        var values = Values(numbers, lengths, count, month);
        if (reading.Notes is not null && values.Count != 1) reading.Note(values.Count == 0 ? $"'{folded}' is no date: missing" : "day and month could be either: both are tried");
        return values;
    }

    static List<FieldValue> Values(ReadOnlySpan<int> numbers, ReadOnlySpan<int> lengths, int count, int month)
    {
        var values = new List<FieldValue>(1);
        if (month > 0 && count == 2)
        {
            if (lengths[0] == 4) Add(values, numbers[0], month, numbers[1]);
            else Add(values, Year(numbers[1], lengths[1]), month, numbers[0]);
        }
        else if (count == 1 && month == 0) Single(values, numbers[0], lengths[0]);
        else if (count == 3 && month == 0 && lengths[0] == 4) Add(values, numbers[0], numbers[1], numbers[2]);
        else if (count == 3 && month == 0)
        {
            var year = Year(numbers[2], lengths[2]);
            Add(values, year, numbers[1], numbers[0]);
            if (numbers[0] != numbers[1]) Add(values, year, numbers[0], numbers[1]);
        }
        return values;
    }

    // "19081209", "12111978", and the days since 1899-12-30 that spreadsheets count.
    static void Single(List<FieldValue> values, int number, int length)
    {
        if (length == 8)
        {
            Add(values, number / 10000, number / 100 % 100, number % 100);
            if (values.Count > 0) return;
            Add(values, number % 10000, number / 10000 % 100, number / 1000000);
            if (number / 10000 % 100 != number / 1000000) Add(values, number % 10000, number / 1000000, number / 10000 % 100);
        }
        else if (length == 5 && number is > 7000 and < 73000)
        {
            var date = new DateOnly(1899, 12, 30).AddDays(number);
            Add(values, date.Year, date.Month, date.Day);
        }
    }

    static void Add(List<FieldValue> values, int year, int month, int day)
    {
        // A system's "never" is no date.
        if (year is < 1000 or > 9998 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || (year, month, day) is (1899, 12, 30) or (1900, 1, 1) or (1753, 1, 1)) return;
        var date = new DateOnly(year, month, day);
        values.Add(new FieldValue(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), detail: date));
    }

    // Two digits are most often a birthday's: 31 is 1931.
    static int Year(int year, int length) => length != 2 ? year : year <= 29 ? 2000 + year : 1900 + year;

    // Runs of digits (a time of day behind them is left out) and a month's name.
    static (int Count, int Month) Parts(string folded, Span<int> numbers, Span<int> lengths)
    {
        var (count, month) = (0, 0);
        for (var i = 0; i < folded.Length;)
        {
            var start = i;
            if (char.IsAsciiDigit(folded[i]))
            {
                while (i < folded.Length && char.IsAsciiDigit(folded[i])) i++;
                // "12:30", "T00", ".000".
                if (i < folded.Length && folded[i] == ':') break;
                if (count == 3 || i - start > 8) return count == 3 ? (3, month) : (0, 0);
                lengths[count] = i - start;
                numbers[count++] = int.Parse(folded.AsSpan(start, i - start), CultureInfo.InvariantCulture);
                if (i < folded.Length && folded[i] == 'T' && i + 1 < folded.Length && char.IsAsciiDigit(folded[i + 1])) break;
            }
            else if (char.IsAsciiLetterUpper(folded[i]))
            {
                while (i < folded.Length && char.IsAsciiLetterUpper(folded[i])) i++;
                if (Month(folded.AsSpan(start, i - start)) is > 0 and var named) month = named;
            }
            else i++;
        }
        // "2540.0": a serial number that is a decimal.
        if (count == 2 && month == 0 && numbers[1] == 0 && lengths[0] == 5) count = 1;
        return (count, month);
    }

    static int Month(ReadOnlySpan<char> word) => word.Length < 3 ? 0 : word[..3] switch
    {
        "JAN" or "GEN" or "ENE" => 1, "FEB" or "FEV" => 2, "MAR" or "MRZ" or "MAA" => 3, "APR" or "AVR" or "ABR" => 4, "MAY" or "MAI" or "MAG" or "MEI" => 5,
        "JUN" or "GIU" => 6, "JUL" or "LUG" => 7, "JUI" => word.StartsWith("JUIL") ? 7 : 6, "AUG" or "AOU" or "AGO" => 8, "SEP" or "SET" => 9,
        "OCT" or "OKT" or "OTT" or "OUT" => 10, "NOV" => 11, "DEC" or "DEZ" or "DIC" => 12, _ => 0,
    };
}
