using System.Globalization;
using System.Text.RegularExpressions;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Suggest;

/// <summary>What a column's values look like: from a sample of them, and counts over all.</summary>
sealed partial class ColumnShape
{
    const int Sample = 2000;

    readonly List<string> _values = [];

    ColumnShape(string name, IReadOnlyList<RawTable> tables)
    {
        Name = name;
        Tables = [.. tables.Where(t => t.Has(name))];
        Rows = tables.Sum(t => t.Rows);
        var counted = 0L;
        foreach (var table in Tables)
        {
            var column = table[name];
            var filled = column.Codes.Count(c => c >= 0);
            Filled += filled;
            Distinct += column.Values.Count;
            UniqueInEach &= column.Values.Count == filled;
            counted += column.Values.Count;
            var stride = Math.Max(1, table.Rows / (Sample / Tables.Count));
            for (var row = 0; row < table.Rows; row += stride)
                if (column.At(row) is { } value && !Placeholders.IsMissing(value)) _values.Add(value);
                else Missing++;
        }
        Words = _values.Count == 0 ? 0 : _values.Average(v => v.AsSpan().Count(' ') + 1d);
        Length = _values.Count == 0 ? 0 : _values.Average(v => (double)v.Length);
        DistinctInSample = _values.Distinct(StringComparer.OrdinalIgnoreCase).Count();
    }

    public string Name { get; }

    public IReadOnlyList<RawTable> Tables { get; }

    public int Rows { get; }

    public int Filled { get; }

    public int Distinct { get; }

    /// <summary>True when no value occurs twice in a file.</summary>
    public bool UniqueInEach { get; } = true;

    public double Words { get; }

    public double Length { get; }

    public int DistinctInSample { get; }

    /// <summary>Sampled values that are empty or stand for nothing.</summary>
    public int Missing { get; }

    public IReadOnlyList<string> Values => _values;

    public double FilledShare => _values.Count == 0 ? 0 : (double)_values.Count / (_values.Count + Missing);

    public double DistinctShare => Filled == 0 ? 0 : (double)Distinct / Filled;

    public static ColumnShape Of(string column, IReadOnlyList<RawTable> tables) => new(column, tables);

    /// <summary>The share of values for which it is true.</summary>
    public double Share(Func<string, bool> of) => _values.Count == 0 ? 0 : _values.Count(of) / (double)_values.Count;

    public double Emails => Share(v => Email().IsMatch(v));

    public double Urls => Share(v => Url().IsMatch(v));

    public double Numbers => Share(IsNumber);

    public double Integers => Share(v => v.Length < 16 && v.All(char.IsAsciiDigit));

    public double Dates => Share(v => DateLike().IsMatch(v) || IsCompactDate(v));

    public double Phones => Share(v => PhoneLike().IsMatch(v) && v.Count(char.IsAsciiDigit) is >= 6 and <= 15);

    public double Gtins => Share(v => Gs1Numbers.Gtin(v) is not null);

    public double Vats => Share(v => Vat().IsMatch(v.Replace(" ", "")));

    public double Digits => Share(v => v.Any(char.IsAsciiDigit));

    public double Codes => Share(v => CodeLike().IsMatch(v) && v.Any(char.IsAsciiDigit) && v.Any(char.IsLetter));

    public double StartsWithNumber => Share(v => StreetLike().IsMatch(v));

    public double Commas => Share(v => v.Contains(','));

    public double LegalForms => Share(v => LegalForm().IsMatch(v));

    public double Countries => Share(v => FieldKinds.Find("country")!.Read(v, new FieldReading()).Any());

    /// <summary>True when they are whole numbers that fill their range: 0, 1, 2, ... are given by a program, and no register's.</summary>
    public bool AreDense
    {
        get
        {
            if (Integers < 0.99 || Tables.Count == 0) return false;
            var numbers = Tables.SelectMany(t => t[Name].Values).Where(v => v.Length < 16).Select(v => long.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).ToHashSet();
            return numbers.Count > 1 && numbers.Count > (numbers.Max() - numbers.Min() + 1) * 0.3;
        }
    }

    /// <summary>The least and the greatest of the values that are numbers.</summary>
    public (double Least, double Greatest) Range()
    {
        var numbers = _values.Select(v => double.TryParse(v, CultureInfo.InvariantCulture, out var n) ? n : double.NaN).Where(double.IsFinite).ToList();
        return numbers.Count == 0 ? (0, 0) : (numbers.Min(), numbers.Max());
    }

    static bool IsNumber(string text) => double.TryParse(text.AsSpan().Trim("$€£% "), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);

    static bool IsCompactDate(string text) =>
        text.Length == 8 && text.All(char.IsAsciiDigit) && int.Parse(text[..4]) is > 1850 and < 2100 && int.Parse(text[4..6]) is > 0 and <= 12 && int.Parse(text[6..]) is > 0 and <= 31;

    [GeneratedRegex(@"^\S+@\S+\.\w{2,}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Email();

    [GeneratedRegex(@"^(https?://\S+|www\.\S+\.\w{2,}\S*)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Url();

    [GeneratedRegex(@"^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](\d{4}|\d{2})|\d{1,2}[-/. ]+\p{L}{3,9}\.?,?[-/. ]+(\d{4}|\d{2})|\p{L}{3,9}\.? \d{1,2},? \d{4})([ T]\d{1,2}:\d{2}.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DateLike();

    [GeneratedRegex(@"^[+(]?[\d][\d\s().\-/+]{5,22}(\s*(x|ext\.?|#)\s*\d{1,6})?$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex PhoneLike();

    [GeneratedRegex(@"^(ATU|DE|FR|IT|ES|NL|BE|GB|PL|CZ|DK|SE|FI|IE|LU|PT|EL|HU|RO|BG|HR|SI|SK|EE|LV|LT|MT|CY|CHE)[A-Z0-9.-]{7,14}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Vat();

    [GeneratedRegex(@"^[A-Za-z0-9./_-]{4,30}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeLike();

    [GeneratedRegex(@"^\d+\w?[ ,-]+\S*\p{L}|^[\p{L} .'-]{4,}\.? \d+ ?\w?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StreetLike();

    [GeneratedRegex(@"\b(inc|llc|ltd|limited|corp|corporation|co|company|gmbh|ag|kg|ohg|sarl|sas|sa|srl|spa|bv|nv|plc|pty|oy|ab|as|aps|lda|kft|group|services|university|center|centre|school|restaurant|cafe|hotel|bar|grill)\b\.?", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex LegalForm();
}
