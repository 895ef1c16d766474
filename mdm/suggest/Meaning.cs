namespace CdcSync.Mdm.Suggest;

/// <summary>What a column seems to hold.</summary>
public enum Meaning
{
    Unknown, Id, Source, Truth, Technical,
    Name, NameLine, PersonName, CompanyName, OtherName, Employer, Contact, Given, Middle, Surname, Salutation,
    Address, StreetLine, Street, HouseNumber, Unit, Town, District, Region, Postcode, Country, Coordinates, Latitude, Longitude,
    Phone, Fax, Email, Website, TaxId, Identifier, LocalNumber,
    Birth, BirthYear, BirthMonth, BirthDay, Date, Year, Age, Gender,
    Product, Title, Description, Maker, PartNumber, Gtin, Gln, Price, Pack, Number, Category, People, Text,
}
