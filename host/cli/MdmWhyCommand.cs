using System.CommandLine;
using System.Text;
using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Host.Run;
using CdcSync.Mdm;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Survivorship;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm why OBJECT SOURCE/ID|GOLDEN_ID [ATTRIBUTE]</c>: whose value a golden record shows, since when, and what the other records say.</summary>
sealed class MdmWhyCommand : Command
{
    static readonly Argument<string> Kind = new("object") { Description = "customer, item or location" };
    static readonly Argument<string> Which = new("key") { Description = "SOURCE/ID of a record, or the id of a golden record" };
    static readonly Argument<string?> Attribute = new("attribute") { Description = "Only this one: credit_limit", Arity = ArgumentArity.ZeroOrOne };

    public MdmWhyCommand()
        : base("why", "Why a golden record has its values: whose they are, since when, and what lost")
    {
        Arguments.Add(Kind);
        Arguments.Add(Which);
        Arguments.Add(Attribute);
        ApplianceCommand.Does(this, WhyAsync);
    }

    static async Task<int> WhyAsync(CommandContext context, Appliance appliance, CancellationToken stop)
    {
        if (appliance.Settings.Mdm is not { } mdm) return MdmCommand.NoGoldenRecords();
        var (kind, which, attribute) = (context.Parsed.GetValue(Kind)!, context.Parsed.GetValue(Which)!, context.Parsed.GetValue(Attribute));
        if (GoldenIds.Kinds.All(k => k.Name != kind)) return Refused($"there are no golden records of '{kind}'{NearestName.Hint(kind, GoldenIds.Kinds.Select(k => k.Name))}");
        if (attribute is not null && GoldenAttributes.Find(kind, attribute) is null)
            return Refused($"{kind} has no attribute '{attribute}'{NearestName.Hint(attribute, GoldenAttributes.Of(kind).Select(a => a.Name))}");
        var directory = new GoldenDirectory(appliance.Store, mdm);
        var goldenId = which.Split('/', 2) is [var source, var id] ? await directory.FindAsync(kind, new CanonicalKey(source, id), stop) : GoldenIds.Parse(which)?.Kind == kind ? which : null;
        if (goldenId is null || await directory.WhyAsync(goldenId, stop) is not { } reasons)
            return Refused($"there is no {kind} '{which}'; write SOURCE/ID of a record, or a golden id such as {GoldenIds.Text(kind, 42)}");
        if (attribute is not null)
            reasons = reasons with { Values = [.. reasons.Values.Where(v => v.Attribute == attribute)], Conflicts = [.. reasons.Conflicts.Where(c => c.Attribute == attribute)] };
        context.Write(reasons, Text);
        return ExitCode.Done;
    }

    static int Refused(string why)
    {
        Console.Error.WriteLine($"cdcsync: {why}");
        return ExitCode.Failed;
    }

    /// <summary>For people: what nobody says anything of is left out.</summary>
    internal static string Text(ValueReasons reasons)
    {
        var text = new StringBuilder();
        text.Append($"{reasons.GoldenId}  {string.Join(", ", reasons.Members.Select(m => m.Key))}{Level(reasons.Level)}");
        foreach (var ancestor in reasons.Ancestors)
            text.Append($"\n  in {ancestor.GoldenId}  {ancestor.Name}{Level(ancestor.Level)}{(ancestor.Again ? ": again, its parents go in a circle" : "")}");
        foreach (var value in reasons.Values.Where(v => reasons.Values.Count == 1 || Says(v.Value) || v.Losers.Any(l => Says(l.Value)))) Append(text, value);
        foreach (var conflict in reasons.Conflicts)
            text.Append($"\nCONFLICT {conflict.Attribute}: {string.Join(" or ", conflict.Values.Select(v => $"{v.Value.GetRawText()} ({string.Join(", ", v.Keys)})"))}");
        return text.ToString();
    }

    static void Append(StringBuilder text, Lineage value)
    {
        text.Append($"\n{value.Attribute}: {value.Value.GetRawText()}");
        if (value is { By: "pin", Pin: { } pin })
            text.Append($"\n    pinned by {pin.By} on {pin.At:yyyy-MM-dd}{(pin.Until is { } until ? $" until {until:yyyy-MM-dd HH:mm}" : "")}{(pin.Why.Length > 0 ? $": {pin.Why}" : "")}");
        else if (value.PinRefused is { } refused) text.Append($"\n    the pin by {value.Pin!.By} is not used: {refused}");
        foreach (var from in value.From) text.Append($"\n    {from.Key} since {from.Since:yyyy-MM-dd HH:mm}");
        text.Append($" ({value.By.Replace('_', ' ')}{(value.Group is { } group ? $", group {group}" : "")})");
        foreach (var loser in value.Losers.Where(l => Says(l.Value))) text.Append($"\n    not {loser.Key} since {loser.Since:yyyy-MM-dd HH:mm}: {loser.Value.GetRawText()}: {loser.Why}");
    }

    static string Level(string? level) => level is null ? "" : $"  ({level.Replace('_', ' ')})";

    static bool Says(JsonElement value) => value.GetRawText() is not ("null" or "\"\"" or "[]");
}
