using System.CommandLine;
using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Sinks.Delivery;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync deadletters</c>: records a target refused for good.</summary>
sealed class DeadLettersCommand : ApplianceCommand
{
    static readonly Option<string?> Target = new("--sink") { Description = "Only of this sink" };
    static readonly Argument<long> Letter = new("number") { Description = "The letter's number, from 'list'" };
    static readonly Argument<long[]> Letters = new("numbers") { Description = "Letters' numbers; none for all of --sink", Arity = ArgumentArity.ZeroOrMore };

    public DeadLettersCommand()
        : base("deadletters", "Records that a target refused for good: list, show, replay, drop")
    {
        var list = new Command("list", "Open letters, oldest first") { Target };
        Does(list, async (context, appliance, stop) =>
        {
            var letters = await new DeadLetters(appliance.Store).ListAsync(context.Parsed.GetValue(Target), 1000, stop);
            context.WriteTable([.. letters.Select(Line)], ("NUMBER", l => $"{l.Letter}"), ("SINK", l => l.Sink), ("OBJECT", l => l.Object), ("KEY", l => l.Key), ("CLASS", l => l.Class), ("SINCE", l => $"{l.ParkedAt:u}"),
                ("REASON", l => l.Reason));
            return ExitCode.Done;
        });
        var show = new Command("show", "One letter with its record and the target's answer") { Letter };
        Does(show, async (context, appliance, stop) =>
        {
            if (await new DeadLetters(appliance.Store).ShowAsync(context.Parsed.GetValue(Letter), stop) is not { } letter) return Missing(context.Parsed.GetValue(Letter));
            var record = letter.Object is null ? "(deleted)" : JsonSerializer.Serialize(letter.Object, letter.Object.GetType(), CanonicalJson.Default);
            context.Write(new { Letter = Line(letter), letter.Response, letter.Attempts, letter.CorrelationId, letter.LogPlace, Record = record },
                l => $"{l.Letter.Sink} refused {l.Letter.Object} {l.Letter.Key} after {l.Attempts} attempts: {l.Letter.Reason}\nanswer: {l.Response}\nfrom: {l.LogPlace} ({l.CorrelationId})\nrecord: {l.Record}");
            return ExitCode.Done;
        });
        var replay = new Command("replay", "Have letters tried again by the running sink") { Letters, Target };
        Does(replay, async (context, appliance, stop) =>
        {
            var letters = context.Parsed.GetValue(Letters) ?? [];
            if (Sink(context) is not { } sink) return ExitCode.WrongSettings;
            var count = await new DeadLetters(appliance.Store).ReplayAsync(sink, letters.Length == 0 ? null : letters, stop);
            context.Write(new { Replayed = count }, r => $"{r.Replayed} will be tried again");
            return ExitCode.Done;
        });
        var drop = new Command("drop", "Give letters up") { Letters, Target };
        Does(drop, async (context, appliance, stop) =>
        {
            if (Sink(context) is not { } sink) return ExitCode.WrongSettings;
            var count = await new DeadLetters(appliance.Store).DropAsync(sink, context.Parsed.GetValue(Letters) ?? [], stop);
            context.Write(new { Dropped = count }, r => $"{r.Dropped} dropped");
            return ExitCode.Done;
        });
        foreach (var command in (Command[])[list, show, replay, drop]) Subcommands.Add(command);
    }

    sealed record LetterLine(long Letter, string Sink, string Object, string Key, string Class, string Reason, DateTimeOffset ParkedAt);

    static LetterLine Line(DeadLetter l) => new(l.Letter, l.Target, l.Kind.Name, l.Key.ToString(), l.Class, l.Reason, l.ParkedAt);

    static string? Sink(CommandContext context)
    {
        var sink = context.Parsed.GetValue(Target);
        if (sink is null) Console.Error.WriteLine("cdcsync: say --sink NAME");
        return sink;
    }

    static int Missing(long number)
    {
        Console.Error.WriteLine($"cdcsync: there is no dead letter {number}; 'cdcsync deadletters list' shows them");
        return ExitCode.Failed;
    }
}
