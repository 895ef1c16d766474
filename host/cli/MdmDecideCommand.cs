using System.CommandLine;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm decide same|distinct</c>: what a person knows of two records.</summary>
sealed class MdmDecideCommand : StewardCommand
{
    static readonly Argument<string> One = new("record") { Description = "SOURCE/ID of a record" };
    static readonly Argument<string> Other = new("other") { Description = "SOURCE/ID of another one" };

    public MdmDecideCommand()
        : base("decide", "Say of two records that they are the same thing, or two things; it holds over every rule")
    {
        foreach (var same in new[] { true, false })
        {
            var command = new Command(same ? "same" : "distinct", same ? "They are one and the same" : "They are two things") { Kind, One, Other };
            Decides(command, (context, steward, author, stop) =>
            {
                var (kind, one, other) = (context.Parsed.GetValue(Kind)!, Key(context.Parsed.GetValue(One)!), Key(context.Parsed.GetValue(Other)!));
                return same ? steward.SameAsync(kind, one, other, author, stop) : steward.DistinctAsync(kind, one, other, author, stop);
            });
            Subcommands.Add(command);
        }
    }
}

/// <summary><c>cdcsync mdm merge OBJECT GOLDEN GOLDEN</c>.</summary>
sealed class MdmMergeCommand : StewardCommand
{
    static readonly Argument<string> One = new("golden") { Description = "A golden id" };
    static readonly Argument<string> Other = new("other") { Description = "Another one" };

    public MdmMergeCommand()
        : base("merge", "Make one of two golden records: the older id stays, the other leads to it")
    {
        foreach (var argument in (Argument[])[Kind, One, Other]) Arguments.Add(argument);
        Decides(this, (context, steward, author, stop) => steward.MergeAsync(context.Parsed.GetValue(Kind)!, context.Parsed.GetValue(One)!, context.Parsed.GetValue(Other)!, author, stop));
    }
}

/// <summary><c>cdcsync mdm split OBJECT GOLDEN SOURCE/ID...</c>.</summary>
sealed class MdmSplitCommand : StewardCommand
{
    static readonly Argument<string> Golden = new("golden") { Description = "A golden id" };
    static readonly Argument<string[]> Records = new("record") { Description = "SOURCE/ID of the records that are something else than the others", Arity = ArgumentArity.OneOrMore };

    public MdmSplitCommand()
        : base("split", "Take records out of a golden record")
    {
        foreach (var argument in (Argument[])[Kind, Golden, Records]) Arguments.Add(argument);
        Decides(this, (context, steward, author, stop) =>
            steward.SplitAsync(context.Parsed.GetValue(Kind)!, context.Parsed.GetValue(Golden)!, [.. context.Parsed.GetValue(Records)!.Select(Key)], author, stop));
    }
}
