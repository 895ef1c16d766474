using System.CommandLine;

namespace CdcSync.Host.Cli;

public sealed class DemoCommand : Command
{
    public DemoCommand() : base("demo", "x") { }
}
