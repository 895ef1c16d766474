using CdcSync.Host.Settings;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Rules;

namespace CdcSync.Host.Tests;

public sealed class MatchRuleFilesTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("rules").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    ApplianceSettings Load(string mdm)
    {
        var path = Path.Combine(_folder, "cdcsync.yaml");
        File.WriteAllText(path, $"store: Host=localhost;Database=x\nmdm: {mdm}\n");
        return ApplianceLoader.Load(path);
    }

    [Fact]
    public void The_shipped_files_are_taken_where_none_is_named()
    {
        var rules = Load("{}").Mdm!.MatchRules();
        Assert.Equal(GoldenIds.Kinds.Select(k => k.Name), rules.Keys);
        Assert.True(rules["item"].OneToOne);
        Assert.Equal(["customer"], Load("{ rules: { item: off, location: off } }").Mdm!.MatchRules().Keys);
    }

    [Fact]
    public void A_file_of_ones_own_stands_beside_the_settings()
    {
        File.WriteAllText(Path.Combine(_folder, "mine.yaml"), ShippedRules.Text("customer").Replace("merge: 0.99 ", "merge: 0.98 ", StringComparison.Ordinal));
        Assert.Equal(0.98, Load("{ rules: { customer: mine.yaml } }").Mdm!.MatchRules()["customer"].Merge);
    }

    [Theory]
    [InlineData("addresses[].street\"", "addresses[].stret\"", "fields.street.from: a customer has no 'addresses[].stret'; did you mean 'street'?")]
    [InlineData("[name, trading_name]", "[name, addresses]", "fields.name.from: 'addresses' is a list: write 'addresses[].' and the member of its entries")]
    [InlineData("\"contacts[].name\"", "[\"contacts[].name\", \"addresses[].name\"]", "joins entries of two lists, contacts and addresses")]
    [InlineData("kind: street, from", "kind: street, also: name, from", "fields.street.also: is read from files alone")]
    [InlineData("object: customer", "object: supplier", "object: the file is for 'supplier', and is named for customer")]
    [InlineData("kind: street", "kind: stret", "fields.street.kind: there is no kind of field 'stret'; did you mean 'street'?")]
    public void What_is_wrong_in_a_file_is_told_with_its_name(string of, string to, string told)
    {
        File.WriteAllText(Path.Combine(_folder, "mine.yaml"), ShippedRules.Text("customer").Replace(of, to, StringComparison.Ordinal));
        var wrong = Assert.Throws<InvalidSettingsException>(() => Load("{ rules: { customer: mine.yaml } }")).Message;
        Assert.Contains("mine.yaml:", wrong, StringComparison.Ordinal);
        Assert.Contains(told, wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_for_nothing_that_has_golden_records_is_refused() =>
        Assert.Contains("mdm.rules.custmer: there are no golden records of 'custmer'; did you mean 'customer'?", Assert.Throws<InvalidSettingsException>(() => Load("{ rules: { custmer: shipped } }")).Message, StringComparison.Ordinal);
}
