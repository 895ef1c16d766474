using CdcSync.Mdm.Standardise;
using static CdcSync.Mdm.Tests.StandardiseFields;

namespace CdcSync.Mdm.Tests;

public sealed class StandardiseNamesTests
{
    [Theory]
    [InlineData("Müller & Söhne GmbH & Co. KG", "MUELLER UND SOEHNE G.m.b.H.")]
    [InlineData("Siemens Aktiengesellschaft", "Siemens AG")]
    [InlineData("SiemensAG", "Siemens AG")]
    [InlineData("SchummPLC", "Schumm Public Limited Company")]
    [InlineData("Siemens Aktiengeselschaft", "SIEMENS A.G.")]
    [InlineData("Smith Electrical Supplies Pty Ltd", "SMITH ELEC SUPP PTY. LIMITED")]
    [InlineData("Wanambi Plumbing Distributors", "Wanambi Plumbing Dist")]
    [InlineData("Solar W/Sale Mayfield", "SOLAR WHOLESALE MAYFIELD LTD C/O")]
    [InlineData("Acme Trading Group Inc", "Acme Trdg Grp")]
    [InlineData("Acme Pty Ltd", "Acme Pty Ldt")]
    [InlineData("Acme Pty Ltd", "Acme Pt yLtd")]
    [InlineData("Acme Tools Pty Ltd", "Acme Toolsp ty Ltd - DO NOT USE")]
    [InlineData("Fair Packaging Pty Ltd", "FAIR PACKAGIN GPTY LTD")]
    [InlineData("Tsang Farm GmbH", "Tsang Far mGmbh")]
    [InlineData("Glass Group Tanami Limited", "GLASS GROUP TANAM ILIMITED")]
    [InlineData("Acme Limited", "ACME LIMTED")]
    [InlineData("Hegerty Medical Imports Inc Ltd", "HEGERTY MEDICAL IMPORTS INC LI")]
    [InlineData("Acme Ltd", "*** INACTIVE *** ACME LIMITED")]
    [InlineData("Acme Ltd", "Acme Ltd (OLD)")]
    [InlineData("Acme Ltd", "ACME LTD - CLOSED")]
    [InlineData("Acme Ltd", "Acme Ltd #12")]
    [InlineData("Acme Ltd", "ACME 0042 - DO NOT USE")]
    [InlineData("Acme Ltd", "ZZZ-Acme")]
    [InlineData("Acme Ltd", "Acme C/O Head Office")]
    [InlineData("Acme Ltd", "Acme Ltd ATTN Accounts Payable")]
    [InlineData("Acme", "Acme, The")]
    [InlineData("OAO Gazprom", "Open Joint Stock Company Gazprom")]
    [InlineData("Oboronnye Initsiativy o.O.O.", "OOO Oboronnye Initsiativy")]
    [InlineData("S.R.L. PRO TRAFFIC", "Societatea cu Răspundere Limitată PRO TRAFFIC")]
    [InlineData("ООО \"БАЙ\"", "BAI LLC")]
    [InlineData("株式会社東京", "東京 K.K.")]
    [InlineData("삼성전자 주식회사", "(주)삼성전자")]
    [InlineData("FABERLIC EUROPE Sp. z o.o.", "Faberlic Europe")]
    [InlineData("AT&T Inc.", "AT and T")]
    [InlineData("H & M", "HM")]
    [InlineData("J.P. Morgan & Co.", "JP Morgan and Company")]
    [InlineData("Procter & Gamble", "The Procter and Gamble Company, Inc.")]
    [InlineData("First Bank Int'l", "1st Bank International")]
    [InlineData("Brigade Forty-Four", "Brigade 44")]
    [InlineData("3 Percenters", "Three Percenters")]
    [InlineData("Amazon.com, Inc.", "Amazon")]
    [InlineData("Foo A/S", "Foo AS")]
    [InlineData("World Health Organisation", "World Health Organization")]
    [InlineData("Government of the United Kingdom", "Government of United Kingdom")]
    public void Spellings_of_one_company_meet(string one, string other) => Assert.Equal(Text("company_name", one), Text("company_name", other));

    [Theory]
    [InlineData("BAE Systems, Inc.", "BAE Industries, Inc.")]
    [InlineData("Deutsche Bank Trust Company", "Deutsche Bank")]
    [InlineData("Apollo Investment Fund VIII L.P.", "Apollo Investment Fund IX L.P.")]
    [InlineData("Acme Zinc", "Acme Z Inc")]
    [InlineData("Old Mill Bakery", "Mill Bakery")]
    [InlineData("New Account Ltd", "Account Ltd")]
    [InlineData("Closed Loop Ltd", "Loop Ltd")]
    [InlineData("Northern Foods", "North Foods")]
    [InlineData("Bank of China (Singapore) Limited", "Bank of China Limited")]
    [InlineData("CRYSTALORD SYSTEMS LIMITED", "CRYSTALORD LTD")]
    public void Different_companies_stay_apart(string one, string other) => Assert.NotEqual(Text("company_name", one), Text("company_name", other));

    [Theory]
    [InlineData("AG", "AG")]
    [InlineData("Limited", "LIMITED")]
    [InlineData("The", "THE")]
    [InlineData("3M", "3M")]
    [InlineData("C/O Acme", "ACME")]
    [InlineData("DO NOT USE", "DO NOT USE")]
    public void A_name_never_vanishes(string raw, string text) => Assert.Equal(text, Text("company_name", raw));

    [Theory]
    [InlineData("Smith Trading Pty Ltd t/a Bob's Plumbing", "SMITH TRADING | BOBS PLUMBING")]
    [InlineData("J & B Foods Inc dba Corner Store", "JB FOODS | CORNER STORE")]
    [InlineData("Smith Pty Ltd Trading As Jones & Co", "SMITH | JONES")]
    [InlineData("Acme Inc formerly known as Apex", "ACME | APEX")]
    [InlineData("Smith Trading", "SMITH TRADING")]
    public void A_trading_name_is_a_second_value(string raw, string texts) => Assert.Equal(texts, Text("company_name", raw));

    [Theory]
    [InlineData("International Business Machines Corp", "CORP", "IBM")]
    [InlineData("Bayerische Motoren Werke Aktiengesellschaft", "AG", "BMW")]
    [InlineData("Acme Pty. Limited", "LTD", "")]
    [InlineData("Academy of Military Medical Sciences", null, "AMMS")]
    public void The_legal_form_and_the_acronym_are_kept_apart(string raw, string? form, string acronym) =>
        Assert.Equal(new CompanyName(form, acronym), Detail<CompanyName>("company_name", raw));

    [Theory]
    [InlineData("Hot AD", "BG", "HOT")]
    [InlineData("Hot AD", "US", "HOT AD")]
    [InlineData("Hot AD", null, "HOT AD")]
    public void A_short_legal_form_counts_where_its_country_uses_it(string raw, string? country, string text) => Assert.Equal(text, Text("company_name", raw, country));

    [Theory]
    [InlineData("Smith, John", "John Smith")]
    [InlineData("Dr. John SMITH", "SMITH JOHN")]
    [InlineData("Mr. Recep Tayyip Erdoğan", "Recep Tayyip Erdogan")]
    [InlineData("SergeiLavrov", "Sergei Lavrov")]
    [InlineData("Margarita-Simonyan", "Margarita Simonyán")]
    [InlineData("Müller, Jörg", "Joerg Mueller")]
    [InlineData("Барак Обама", "Barak Obama")]
    [InlineData("バラク・オバマ", "Baraku Obama")]
    [InlineData("NURISTANI, Abdul Aziz", "Abdul Aziz Nuristani")]
    [InlineData("GENA C RANDOLPH", "Randolph, Gena C")]
    public void Spellings_of_one_person_meet(string one, string other) => Assert.Equal(Text("person_name", one), Text("person_name", other));

    [Theory]
    [InlineData("Frost, William G.", "William W Frost")]
    [InlineData("Ihab Makhlouf", "Rami Makhlouf")]
    [InlineData("McDonald", "Donald")]
    public void Different_persons_stay_apart(string one, string other) => Assert.NotEqual(Text("person_name", one), Text("person_name", other));

    [Fact]
    public void Words_of_a_person_run_from_given_name_to_surname() => Assert.Equal(["JOHN", "PAUL", "SMITH"], Values("person_name", "Smith, Dr. John Paul")[0].Words);

    [Theory]
    [InlineData("Bob Smith", "Robert Smith", true)]
    [InlineData("Bill Smith", "William Smith", true)]
    [InlineData("Sergej Lavrov", "Sergey Lavrov", true)]
    [InlineData("Peggy Jones", "Margaret Jones", true)]
    [InlineData("Sepp Huber", "Josef Huber", true)]
    [InlineData("Mohamed Ali", "Muhammad Ali", true)]
    [InlineData("Robert Smith", "Richard Smith", false)]
    [InlineData("Boris Netanyahu", "Benjamin Netanyahu", false)]
    public void Nicknames_share_a_root(string one, string other, bool share) => Assert.Equal(share,
        Detail<PersonName>("person_name", one).NicknameRoots.Intersect(Detail<PersonName>("person_name", other).NicknameRoots).Any());

    [Theory]
    [InlineData("Robert Smith Sr", "SR")]
    [InlineData("Smith, Robert, Jr.", "JR")]
    [InlineData("Robert Smith III", "III")]
    [InlineData("Robert Smith", null)]
    public void Father_and_son_are_told_apart(string raw, string? generation)
    {
        Assert.Equal(generation, Detail<PersonName>("person_name", raw).Generation);
        Assert.Equal("ROBERT SMITH", Text("person_name", raw));
    }

    [Theory]
    [InlineData("O'Brien", "O Brien")]
    [InlineData("McDonald", "Mc Donald")]
    [InlineData("van der Berg", "Vanderberg")]
    [InlineData("Müller", "MUELLER")]
    [InlineData("de la Cruz", "Delacruz")]
    [InlineData("Smith-Jones", "Smith Jones")]
    public void Spellings_of_one_surname_meet(string one, string other) => Assert.Equal(Text("surname", one), Text("surname", other));

    [Fact]
    public void A_party_that_reads_like_a_person_has_the_names_of_one()
    {
        Assert.Contains("ROBERT", Detail<PersonName>("party_name", "Bob Smith").NicknameRoots);
        Assert.Equal("LTD", Detail<CompanyName>("party_name", "Bob Smith Ltd").LegalForm);
        Assert.Equal(Text("party_name", "Smith, Bob"), Text("party_name", "Bob Smith"));
    }
}
