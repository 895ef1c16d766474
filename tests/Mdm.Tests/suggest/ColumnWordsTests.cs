using CdcSync.Mdm.Suggest;

namespace CdcSync.Mdm.Tests.Suggest;

public sealed class ColumnWordsTests
{
    [Theory]
    [InlineData(nameof(Meaning.Given), "fname_c1", "first_name", "FirstName", "given_name", "Vorname", "prénom", "voornaam", "PRIMARY_NAME_FIRST", "billing_first_name", "customer.firstName")]
    [InlineData(nameof(Meaning.Surname), "lname_c1", "Last Name", "surname", "Nachname", "nom_de_famille", "cognome", "apellidos", "achternaam", "PRIMARY_NAME_LAST")]
    [InlineData(nameof(Meaning.Name), "NAME1", "name", "Naam", "PRIMARY_NAME_FULL", "customer_name", "Kundenname", "CustomerName")]
    [InlineData(nameof(Meaning.CompanyName), "PRIMARY_NAME_ORG", "Firma", "company", "raison_sociale", "ragione sociale", "razon_social", "bedrijfsnaam", "CompanyName", "Site name")]
    [InlineData(nameof(Meaning.StreetLine), "ADDR_LINE1", "address_1", "street_address", "Address 2", "direccion", "indirizzo", "BillingAddress1")]
    [InlineData(nameof(Meaning.Street), "STRAS", "street", "Straße", "rue", "BillingStreet")]
    [InlineData(nameof(Meaning.HouseNumber), "street_number", "Hausnummer", "house_no", "numero_civico", "huisnummer")]
    [InlineData(nameof(Meaning.Town), "ORT01", "city", "locality", "ADDR_CITY", "Ville", "BillingCity", "Wohnort", "plaats", "comune", "shipping.city")]
    [InlineData(nameof(Meaning.Postcode), "PSTLZ", "postal_code", "zip", "PLZ", "code postal", "ADDR_POSTAL_CODE", "codigo_postal", "BillingPostalCode", "postcode_fake", "Zip Code")]
    [InlineData(nameof(Meaning.Region), "state", "REGIO", "ADDR_STATE", "Bundesland", "provincia")]
    [InlineData(nameof(Meaning.Country), "LAND1", "country", "ADDR_COUNTRY", "pays", "CountryCode", "Country/Region Code")]
    [InlineData(nameof(Meaning.Phone), "TELF1", "phone", "Phone No_", "telephone_number", "Telefonnummer", "mobile", "phone_2", "téléfono", "CELL PHONE")]
    [InlineData(nameof(Meaning.Email), "e-mail", "E-Mail-Adresse", "EMAIL_ADDRESS", "SMTP_ADDR", "courriel", "contact_email", "Email Address")]
    [InlineData(nameof(Meaning.TaxId), "STCEG", "tax_id", "VAT Registration No_", "USt-IdNr", "partita_iva", "siret", "NIF", "btw_nummer")]
    [InlineData(nameof(Meaning.Identifier), "soc_sec_id", "SSN_NUMBER", "PASSPORT_NUMBER", "nhs_number", "DUNS", "DRIVERS_LICENSE_NUMBER")]
    [InlineData(nameof(Meaning.Birth), "dob", "date_of_birth", "Geburtsdatum", "DATE_OF_BIRTH", "birth_date", "fecha_nacimiento")]
    [InlineData(nameof(Meaning.BirthYear), "by", "birth_year", "dob_year")]
    [InlineData(nameof(Meaning.Gtin), "EAN11", "gtin", "upc", "Variant Barcode", "EAN-Code")]
    [InlineData(nameof(Meaning.PartNumber), "MFRPN", "modelno", "part_number", "sku", "Artikelnummer", "Variant SKU")]
    [InlineData(nameof(Meaning.Product), "MAKTX", "product_name", "Artikelbezeichnung", "Beer_Name", "item description")]
    [InlineData(nameof(Meaning.Maker), "brand", "manufacturer", "Hersteller", "marca", "Brew_Factory_Name")]
    [InlineData(nameof(Meaning.Id), "id", "rec_id", "unique_id", "RECORD_ID", "KUNNR", "_id", "ltable_id")]
    [InlineData(nameof(Meaning.Truth), "cluster", "true_id", "entity", "CLUSTER_ID", "simulant_id", "gold_id")]
    [InlineData(nameof(Meaning.Technical), "created_at", "LastModified", "status", "ADDR_TYPE", "updatedAt", "timestamp", "Bemerkungen")]
    [InlineData(nameof(Meaning.Source), "source", "DATA_SOURCE", "source_dataset", "Quelle")]
    [InlineData(nameof(Meaning.LocalNumber), "account", "customer_no", "Kundennummer", "parent_id")]
    [InlineData(nameof(Meaning.Unknown), "foo", "x1", "", "???")]
    public void Names_of_columns_by_language_and_system(string meaning, params string[] names) =>
        Assert.All(names, name => Assert.Equal((name, meaning), (name, ColumnWords.Of(name).ToString())));
}
