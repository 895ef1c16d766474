using CdcSync.Contract.Settings;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Suggest;
using CdcSync.Servers;

namespace CdcSync.Mdm.Tests.Suggest;

public sealed class RuleSuggestionTests
{
    static RawTable Table(string text, string name = "f") => RecordFile.Parse($"{name}.csv", text, TestContext.Current.CancellationToken);

    static RawTable Shared(params string[] path) => RecordFile.Read(Needs.Shared(["data", "matching", .. path]), TestContext.Current.CancellationToken);

    static string Fields(RuleProposal proposal) =>
        string.Join("; ", proposal.Fields.Where(f => f.Rule.Compare != "none").Select(f => $"{f.Rule.Kind}({string.Join(' ', f.Rule.From)})"));

    static RuleProposal Of(params RawTable[] tables) => RuleSuggestion.Of(tables);

    [Fact]
    public void Febrl()
    {
        var proposal = Of(Shared("febrl", "dataset1.csv"));
        Assert.Equal("given_name(given_name); surname(surname); street(street_number address_1); town(address_2); postcode(postcode); town(suburb); identifier(soc_sec_id); date(date_of_birth)", Fields(proposal));
        Assert.Equal("rec_id", proposal.Rules.Id);
        Assert.Contains("soc_sec_id", proposal.Rules.Blocking);
    }

    [Fact]
    public void Fake_persons_whose_names_are_exchanged()
    {
        var proposal = Of(Shared("splink", "fake_1000.csv"));
        Assert.Equal("given_name(first_name); surname(surname); person_name(first_name surname); town(city); email(email); date(dob)", Fields(proposal));
        Assert.Equal("unique_id", proposal.Rules.Id);
        Assert.Contains(proposal.LeftOut, c => c.Column == "cluster");
    }

    [Theory]
    [InlineData("RLdata500.csv")]
    [InlineData("RLdata10000.csv")]
    public void German_names_and_birth_dates_in_parts(string file)
    {
        var proposal = Of(Shared("rldata", file));
        Assert.Equal("date(by bm bd)", Fields(proposal).Split("; ")[^1]);
        Assert.StartsWith("given_name(fname_c1", Fields(proposal));
        Assert.Contains("surname(lname_c1)", Fields(proposal));
        Assert.Null(proposal.Rules.Id);
        Assert.Contains(proposal.LeftOut, c => c.Column == "true_id");
    }

    [Fact]
    public void Restaurants()
    {
        var proposal = Of(Shared("restaurants", "restaurant-nophone-training.csv"));
        Assert.Equal("company_name(name); street(address); town(city); category(cuisine)", Fields(proposal));
        Assert.Contains(proposal.LeftOut, c => c.Column == "unique_id" && c.Why.StartsWith("repeats", StringComparison.Ordinal));
    }

    [Fact]
    public void Venues_of_two_files()
    {
        var proposal = Of(Shared("foursquare_locu", "locu_train.json"), Shared("foursquare_locu", "foursquare_train.json"));
        Assert.Equal("company_name(name); street(street_address); town(locality); postcode(postal_code); coordinates(latitude longitude); phone(phone); domain(website)", Fields(proposal));
        Assert.Equal("id", proposal.Rules.Id);
        Assert.False(proposal.Rules.OneToOne);
    }

    [Fact]
    public void Products_of_two_shops()
    {
        var proposal = Of(Shared("abt_buy", "tableA.csv"), Shared("abt_buy", "tableB.csv"));
        Assert.Equal(("item", "product_name(name); text(description); number(price)"), (proposal.Rules.Object, Fields(proposal)));
    }

    [Fact]
    public void Persons_and_companies_of_three_systems()
    {
        var proposal = Of(Shared("senzing_truthset", "customers.csv"), Shared("senzing_truthset", "reference.csv"), Shared("senzing_truthset", "watchlist.csv"));
        Assert.Equal(("RECORD_ID", "DATA_SOURCE"), (proposal.Rules.Id, proposal.Rules.Source));
        Assert.StartsWith("party_name(PRIMARY_NAME_ORG PRIMARY_NAME_FULL PRIMARY_NAME_FIRST PRIMARY_NAME_MIDDLE PRIMARY_NAME_LAST); ", Fields(proposal));
        Assert.Contains("address(ADDR_FULL ADDR_LINE1 ADDR_CITY ADDR_STATE ADDR_POSTAL_CODE ADDR_COUNTRY); ", Fields(proposal));
        Assert.Contains("phone(PHONE_NUMBER); email(EMAIL_ADDRESS); tax_id(TAX_ID_NUMBER); identifier(PASSPORT_NUMBER)", Fields(proposal));
        Assert.Contains("date(DATE_OF_BIRTH)", Fields(proposal));
    }

    [Theory]
    [InlineData("KUNNR,NAME1,NAME2,STRAS,PSTLZ,ORT01,LAND1,TELF1,STCEG\n1,Abel GmbH,Werk 2,Am Tor 1,89073,Ulm,DE,0731 12345,DE123456789\n2,Beck KG,,Ring 4,10115,Berlin,DE,030 98765,\n3,Cohn AG,,Weg 9,1010,Wien,AT,01 55555,ATU12345678",
        "company_name(NAME1 NAME2); street(STRAS); town(ORT01); postcode(PSTLZ); phone(TELF1); tax_id(STCEG)")]
    [InlineData("id,Nom,Prénom,Rue,Numéro rue,Code postal,Ville,Date de naissance,Téléphone portable\n1,Martin,Anne,rue de la Paix,3,75002,Paris,1980-01-02,06 12 34 56 78\n2,Petit,Luc,place d'Armes,12,57000,Metz,1975-11-30,06 99 88 77 66",
        "given_name(Prénom); surname(Nom); street(Numéro rue Rue); town(Ville); postcode(Code postal); phone(Téléphone portable); date(Date de naissance)")]
    [InlineData("code,nome,cognome,indirizzo,cap,comune,email\na1,Anna,Rossi,Via Roma 1,20121,Milano,anna@x.it\na2,Luca,Bianchi,Via Po 22,10121,Torino,luca@y.it",
        "given_name(nome); surname(cognome); street(indirizzo); town(comune); postcode(cap); email(email)")]
    [InlineData("id,company,billing_address,phone,phone_2,created_at\n1,Acme Inc,\"1 Main St, Springfield, IL 62701\",217-555-0100,,2020-01-01\n2,Bolt LLC,\"22 Oak Avenue, Portland, OR 97201\",503-555-0111,503-555-0112,2021-02-03",
        "company_name(company); address(billing_address); address(billing_address); address(billing_address); phone(phone phone_2)")]
    [InlineData("id,title,authors,venue,year\n1,On Sorting,A. Bee and C. Dee,VLDB,1999\n2,Joins Revisited,E. Eff,SIGMOD,2001\n3,Trees,G. Gee,VLDB,1998",
        "text(title); text(authors); year(year); text(venue)")]
    [InlineData("id,full_name,first_name,surname,dob,postcode_fake,gender,cluster\nQ1,Ann Lee,Ann,Lee,1850-01-01,ab1 2cd,f,c1\nQ2,Bob Ray,Bob,Ray,1851-05-09,ef3 4gh,m,c2",
        "given_name(first_name); surname(surname); postcode(postcode_fake); date(dob); category(gender)")]
    public void Files_of_usual_systems(string text, string fields) => Assert.Equal(fields, Fields(Of(Table(text))));

    [Fact]
    public void Columns_of_two_files_with_other_names_are_one_field() =>
        Assert.StartsWith("company_name(firm venue_name); street(address street)", Fields(Of(
            Table("id,firm,address,city\n1,Acme Inc,1 Main St,Ulm\n2,Bolt Ltd,2 High St,Bonn", "a"), Table("key,venue_name,street,town\n1,Acme,Main St 1,Ulm\n2,Bolt,High St 2,Bonn", "b"))));

    [Fact]
    public void What_the_user_names_as_truth_is_not_compared() =>
        Assert.DoesNotContain("surname", Fields(RuleSuggestion.Of([Table("first_name,surname,city\nA,B,C\nD,E,F")], truth: ["surname"])));

    [Fact]
    public void Columns_that_say_nothing_are_an_error() =>
        Assert.Contains("can be compared", Assert.Throws<SettingsException>(() => Of(Table("id,status\n1,x\n2,y"))).Message);

    [Fact]
    public void A_number_of_one_system_is_not_compared_and_one_of_a_register_is()
    {
        var rows = Enumerable.Range(0, 60).Select(i => $"{i},P{i / 2 * 7919 % 9973}x{i / 2},P{i * 7919 % 31 * 317}x,Name{i / 2} Given{i / 2},{10000 + (i / 2 * 37)}");
        var proposal = Of(Table("id,register,counter,name,zip\n" + string.Join('\n', rows)));
        Assert.Contains("identifier(register)", Fields(proposal));
        Assert.DoesNotContain("counter", Fields(proposal));
    }

    [Fact]
    public void More_fields_than_can_be_compared_leave_the_weakest()
    {
        var columns = Enumerable.Range(0, 24).Select(i => $"colour {(char)('a' + i)}").ToList();
        var proposal = Of(Table($"id,name,{string.Join(',', columns)}\n" + string.Join('\n', Enumerable.Range(0, 40).Select(r => $"{r},Firm {r} Ltd,{string.Join(',', columns.Select((_, c) => $"v{(r + c) % 5}"))}"))));
        Assert.Equal(16, proposal.Fields.Count(f => f.Rule.Compare != "none"));
        Assert.Contains("company_name(name)", Fields(proposal));
    }
}
