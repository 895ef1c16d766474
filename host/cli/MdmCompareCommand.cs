using System.CommandLine;
using CdcSync.Mdm;
using CdcSync.Mdm.Decisions;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm compare OBJECT SOURCE/ID SOURCE/ID</c>: two records side by side.</summary>
sealed class MdmCompareCommand : StewardCommand
{
    static readonly Argument<string> One = new("record") { Description = "SOURCE/ID of a record" };
    static readonly Argument<string> Other = new("other") { Description = "SOURCE/ID of another one" };

    public MdmCompareCommand()
        : base("compare", "How alike two records are, field by field, also when nothing brings them together")
    {
        foreach (var argument in (Argument[])[Kind, One, Other]) Arguments.Add(argument);
        Works(this, async (context, appliance, _, stop) =>
        {
            var kind = context.Parsed.GetValue(Kind)!;
            DecisionHistory.Require(kind);
            var compared = await new GoldenComparison(appliance.Store).OfAsync(kind, Key(context.Parsed.GetValue(One)!), Key(context.Parsed.GetValue(Other)!), stop);
            context.Write(compared, MdmExplanation.Text);
            return ExitCode.Done;
        });
    }
}
