using CdcSync.Mdm.Offline;

namespace CdcSync.Mdm.Suggest;

/// <summary>A column and what it is taken for: first by its name, which its values must bear out; by its values alone where the name says nothing.</summary>
sealed record ColumnGuess(ColumnShape Shape, Meaning Meaning, string Why)
{
    public string Name => Shape.Name;

    public static ColumnGuess Of(string column, IReadOnlyList<RawTable> tables)
    {
        var shape = ColumnShape.Of(column, tables);
        if (shape.Values.Count == 0) return new(shape, Meaning.Technical, "is empty");
        if (shape.Filled < 3 && shape.Rows > 30) return new(shape, Meaning.Technical, "is nearly empty");
        if (ByValue(shape) is { } telling) return telling;
        var named = ColumnWords.Of(column);
        if (Column(shape) is [.., "STATE" or "COUNTRY" or "TYPE" or "ISSUER" or "EXPIRY" or "DATE"] and var words && words.Exists(w => w is "PASSPORT" or "LICENSE" or "LICENCE" or "NATIONAL" or "TAX" or "SSN" or "BANK" or "VAT"))
            return new(shape, Meaning.Technical, "says something of a document, not of the thing");
        if (named is not (Meaning.Source or Meaning.Truth or Meaning.Technical) && shape is { DistinctInSample: 1, FilledShare: > 0.9 } && shape.Values.Count > 5) return new(shape, Meaning.Technical, "is the same everywhere");
        if (named == Meaning.Unknown) return new(shape, Unnamed(shape), $"by its values{Example(shape)}");
        var borneOut = Confirm(named, shape);
        return new(shape, borneOut, borneOut == named ? "by its name" : "by its values, which are not what its name says");
    }

    static List<string> Column(ColumnShape shape) => ColumnWords.Words(shape.Name);

    static string Example(ColumnShape shape) => shape.Words >= 6 ? ": sentences" : shape.Numbers > 0.9 ? ": numbers" : shape.Digits > 0.7 ? ": letters and digits" : ": words";

    // Some values cannot be anything else, whatever the column is called.
    static ColumnGuess? ByValue(ColumnShape shape) =>
        shape.Emails > 0.5 ? new(shape, Meaning.Email, "its values are e-mail addresses")
        : shape.Urls > 0.5 ? new(shape, Meaning.Website, "its values are web addresses")
        : shape.Vats > 0.7 ? new(shape, Meaning.TaxId, "its values are VAT numbers")
        : shape.Gtins > 0.8 && shape.DistinctShare > 0.1 ? new(shape, Meaning.Gtin, "its values have right GTIN check digits")
        : null;

    static Meaning Confirm(Meaning named, ColumnShape shape) => named switch
    {
        Meaning.Truth when shape.Words > 1.3 && shape.Integers < 0.3 => shape.Digits > 0.9 ? Meaning.Truth : Named(shape),
        Meaning.Source when shape.Distinct > 60 && shape.DistinctShare > 0.02 => Meaning.Technical,
        Meaning.Gtin when shape.Gtins < 0.3 => Meaning.PartNumber,
        Meaning.Email => Unnamed(shape),
        Meaning.Phone or Meaning.Fax when shape.Share(v => v.Count(char.IsAsciiDigit) >= 5) < 0.5 => Meaning.Technical,
        Meaning.TaxId or Meaning.Identifier when shape.Digits < 0.5 => Unnamed(shape),
        Meaning.Postcode when shape.Digits < 0.5 || shape.Words > 3 => Unnamed(shape),
        Meaning.HouseNumber when shape.Digits < 0.5 || shape.Length > 12 => Unnamed(shape),
        Meaning.Latitude when !Within(shape, 90) => Unnamed(shape),
        Meaning.Longitude when !Within(shape, 180) => Unnamed(shape),
        Meaning.BirthYear when shape.Share(v => v.Length is 2 or 4 && v.All(char.IsAsciiDigit)) < 0.7 => Unnamed(shape),
        Meaning.BirthMonth or Meaning.BirthDay when shape.Length > 9 => Unnamed(shape),
        Meaning.Birth when shape.Dates < 0.3 && shape.Digits < 0.8 => Unnamed(shape),
        Meaning.Date when shape.Dates < 0.4 => Unnamed(shape),
        Meaning.Year when shape.Digits < 0.5 => Unnamed(shape),
        Meaning.Price or Meaning.Number when shape.Digits < 0.5 => Meaning.Category,
        Meaning.Age when shape.Numbers < 0.5 => Unnamed(shape),
        Meaning.Category or Meaning.Gender when shape.Integers > 0.95 && shape is { Distinct: > 60, DistinctShare: > 0.02 } => Meaning.Truth,
        Meaning.Category when shape.Words > 8 => Meaning.Description,
        Meaning.Name or Meaning.CompanyName or Meaning.PersonName or Meaning.Given or Meaning.Surname or Meaning.Town or Meaning.Product or Meaning.Title when shape.Numbers > 0.9 => Unnamed(shape),
        Meaning.StreetLine when shape.Emails > 0.2 => Meaning.Email,
        Meaning.Description when shape.Numbers > 0.8 => Unnamed(shape),
        Meaning.District when shape.Numbers > 0.8 => Meaning.Technical,
        _ => named,
    };

    static Meaning Named(ColumnShape shape) => shape.Distinct > 60 ? Meaning.CompanyName : Meaning.Category;

    static bool Within(ColumnShape shape, double most) => shape.Numbers > 0.8 && shape.Range() is var (least, greatest) && least >= -most && greatest <= most;

    static Meaning Unnamed(ColumnShape shape)
    {
        if (shape.Dates > 0.7) return Meaning.Date;
        if (shape.Phones > 0.7 && shape.Share(v => v[0] is '+' or '(' or '0' || v.Any(c => c is '-' or ' ' or '.')) > 0.5) return Meaning.Phone;
        if (shape.Countries > 0.9) return Meaning.Country;
        if (shape.Share(IsPoint) > 0.8) return Meaning.Coordinates;
        if (shape.Integers > 0.95) return Whole(shape);
        if (shape.Numbers > 0.9) return Meaning.Number;
        if (shape.DistinctInSample <= Math.Max(20, shape.Values.Count / 20) && shape.Words < 5) return Meaning.Category;
        if (shape is { Codes: > 0.7, Words: < 1.2 }) return Meaning.LocalNumber;
        if (shape.StartsWithNumber > 0.5) return shape.Words > 6 ? Meaning.Address : Meaning.StreetLine;
        return shape.Words > 12 ? Meaning.Description : Meaning.Text;
    }

    static Meaning Whole(ColumnShape shape) =>
        shape.Share(v => v.Length == 4 && v[..2] is "18" or "19" or "20") > 0.95 ? Meaning.Year
        : shape.Distinct <= 30 ? Meaning.Category
        : shape.AreDense ? Meaning.Truth
        : Meaning.LocalNumber;

    static bool IsPoint(string text) => Standardise.FieldKinds.Find("coordinates")!.Read(text, new Standardise.FieldReading()).Any();
}
