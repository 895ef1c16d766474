using System.CommandLine;
using System.Data.Common;
using CdcSync.Capture;
using CdcSync.Capture.Access;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync enable</c> and <c>disable</c>: the least a source's role needs, as a script, and its undo. Changes something only with <c>--apply</c>.</summary>
sealed class AccessCommand : Command
{
    const string DefaultVariable = "CDCSYNC_ADMIN";
    static readonly Argument<string?> Source = new("source") { Description = "Name of the source; all when left out", Arity = ArgumentArity.ZeroOrOne };
    static readonly Option<bool> Print = new("--print") { Description = "Print the statements and change nothing (this is also the default)" };
    static readonly Option<bool> Apply = new("--apply") { Description = "Run the statements, showing each, with the connection of an administrator" };
    static readonly Option<string> Variable = new("--admin-env") { Description = "Environment variable with the administrator's connection string", DefaultValueFactory = _ => DefaultVariable };
    static readonly Option<string?> File = new("--admin-file") { Description = "File with the administrator's connection string" };
    readonly bool _undo;

    public AccessCommand(bool undo)
        : base(undo ? "disable" : "enable", undo ? "Take back what `enable` gave at a source: print the statements, or run them" : "Give a source's role the least it needs: print the statements, or run them")
    {
        _undo = undo;
        Arguments.Add(Source);
        foreach (var option in (Option[])[Print, Apply, Variable, File]) Options.Add(option);
        SetAction(RunAsync);
    }

    async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var context = new CommandContext(parsed);
        var settings = ApplianceLoader.Load(context.ConfigPaths);
        var (name, apply) = (parsed.GetValue(Source), parsed.GetValue(Apply));
        if (apply && parsed.GetValue(Print)) return Refuse("--print and --apply exclude each other");
        var names = settings.Sources.Select(s => s.Name).ToList();
        if (name is not null && !names.Contains(name)) return Refuse($"there is no source '{name}'{Contract.Settings.NearestName.Hint(name, names)}");
        var administrator = Administrator(parsed);
        if (apply && administrator is null) return Refuse($"--apply needs an administrator's connection string, in {parsed.GetValue(Variable)} or in a file named by --admin-file. It is used once and never stored");
        if (apply && name is null && names.Count > 1) return Refuse($"--apply needs the name of one source: {string.Join(", ", names)}");
        foreach (var source in settings.Sources.Where(s => name is null || s.Name == name))
        {
            if (new SourceCatalog().OpenAccess(source, settings.Canonical) is not { } access)
            {
                context.Write(new { Source = source.Name, Note = "this kind of source has no script; see its guide" }, r => $"-- {r.Source}: {r.Note}");
                continue;
            }
            var script = await ScriptAsync(source.Name, access, administrator, stop);
            if (apply) await ApplyAsync(context, source.Name, access, script, administrator!, stop);
            else Show(context, source.Name, script);
        }
        return ExitCode.Done;
    }

    async Task<AccessScript> ScriptAsync(string source, SourceAccess access, string? administrator, CancellationToken stop)
    {
        try
        {
            return await access.ScriptAsync(_undo, administrator, stop);
        }
        catch (DbException refused) when (administrator is null)
        {
            throw new SourceException(
                $"{source}: its own connection cannot look at the database ({refused.Message}). Before the role exists, let {DefaultVariable} hold the connection string of any login there: printing changes nothing", refused);
        }
    }

    void Show(CommandContext context, string source, AccessScript script)
    {
        if (context.AsJson)
        {
            foreach (var note in script.Notes) context.Write(new { Source = source, Note = note }, _ => "");
            foreach (var step in script.Steps) context.Write(new { Source = source, step.Why, step.Sql, step.InTransaction }, _ => "");
            return;
        }
        context.Say($"-- {source}: {(script.Steps.Count == 0 ? "nothing left to do" : _undo ? "takes back what CdcSync was given" : $"what CdcSync needs, and no more. Undo: cdcsync disable {source} --print")}");
        foreach (var line in script.Lines()) context.Say(line);
    }

    static async Task ApplyAsync(CommandContext context, string source, SourceAccess access, AccessScript script, string administrator, CancellationToken stop)
    {
        foreach (var note in script.Notes) context.Write(new { Source = source, Note = note }, n => $"-- {n.Note}");
        await access.ApplyAsync(script, administrator, step => context.Write(new { Source = source, step.Why, step.Sql, step.InTransaction, Ran = true }, s => $"-- {s.Why}\n{s.Sql};"), stop);
        context.Say(script.Steps.Count == 0 ? $"-- {source}: nothing left to do" : $"-- {source}: {script.Steps.Count} statements ran");
    }

    // From the environment or a file, so that it stands in no shell history and no process list.
    static string? Administrator(ParseResult parsed) =>
        parsed.GetValue(File) is { } path ? System.IO.File.ReadAllText(path).Trim()
        : Environment.GetEnvironmentVariable(parsed.GetValue(Variable)!) is { Length: > 0 } text ? text : null;

    static int Refuse(string why)
    {
        Console.Error.WriteLine($"cdcsync: {why}");
        return ExitCode.WrongSettings;
    }
}
