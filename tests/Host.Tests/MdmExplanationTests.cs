using CdcSync.Contract.Canonical;
using CdcSync.Host.Cli;
using CdcSync.Mdm;
using CdcSync.Mdm.Clustering;

namespace CdcSync.Host.Tests;

/// <summary>Why a record belongs to its golden record, in words.</summary>
public sealed class MdmExplanationTests
{
    static readonly CanonicalKey Key = new("erp", "4711");

    [Fact]
    public void A_record_that_nothing_brings_another_to_is_said_to_be_alone()
    {
        var lonely = new Explanation("C00000001", [new GoldenMember(Key, "Nordwind", "Kiel")], [], [], []);
        Assert.Equal(["C00000001", "  erp/4711: Nordwind, Kiel"], MdmExplanation.Text(lonely).Split('\n')[..2]);
        Assert.Contains("alone: no key, no decision and no score", MdmExplanation.Text(lonely), StringComparison.Ordinal);
        var keyed = lonely with { Links = [new Link("vat:DE1", [Key], Verdict.TooCommon)] };
        Assert.DoesNotContain("alone", MdmExplanation.Text(keyed), StringComparison.Ordinal);
        Assert.Contains("vat:DE1: too common: erp/4711", MdmExplanation.Text(keyed), StringComparison.Ordinal);
    }
}
