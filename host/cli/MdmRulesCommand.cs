using System.CommandLine;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Rules;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm rules OBJECT</c>: the rule file that comes with CdcSync, to be edited.</summary>
sealed class MdmRulesCommand : Command
{
    static readonly Argument<string> Kind = new("object") { Description = "customer, item or location" };

    public MdmRulesCommand()
        : base("rules", "Print the rule file that comes with CdcSync for an object: edit it, and name it under `mdm: rules:`")
    {
        Kind.AcceptOnlyFromAmong([.. GoldenIds.Kinds.Select(k => k.Name)]);
        Arguments.Add(Kind);
        SetAction(parsed =>
        {
            Console.Write(ShippedRules.Text(parsed.GetValue(Kind)!));
            return ExitCode.Done;
        });
    }
}
