using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CdcSync.Mdm.Decisions;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync mdm pin|unpin</c>: a value that stays whatever the sources say.</summary>
sealed class MdmPinCommand : StewardCommand
{
    static readonly Argument<string> Subject = new("subject") { Description = "A golden id, or SOURCE/ID of a record in it" };
    static readonly Argument<string> Attribute = new("attribute") { Description = "Which value: name, credit_limit, addresses, ..." };
    static readonly Argument<string> Value = new("value") { Description = "The value: text as it is, anything else as JSON; null for none" };
    static readonly Option<string?> Until = new("--until") { Description = "When it ends, 2027-01-31 or 2027-01-31T12:00Z; without it the pin stays" };

    public MdmPinCommand(bool undo)
        : base(undo ? "unpin" : "pin", undo ? "Let a pinned value follow the sources again" : "Pin a value of a golden record")
    {
        foreach (var argument in undo ? (Argument[])[Kind, Subject, Attribute] : [Kind, Subject, Attribute, Value]) Arguments.Add(argument);
        if (!undo) Options.Add(Until);
        Decides(this, (context, steward, author, stop) =>
        {
            var (kind, subject, attribute) = (context.Parsed.GetValue(Kind)!, context.Parsed.GetValue(Subject)!, context.Parsed.GetValue(Attribute)!);
            return undo ? steward.UnpinAsync(kind, subject, attribute, author, stop)
                : steward.PinAsync(kind, subject, attribute, Json(context.Parsed.GetValue(Value)!), Time(context.Parsed.GetValue(Until)), author, stop);
        });
    }

    // A shell takes quotes away: what is no JSON is text.
    static string Json(string value)
    {
        try
        {
            using var _ = JsonDocument.Parse(value);
            return value;
        }
        catch (JsonException)
        {
            return JsonSerializer.Serialize(value);
        }
    }

    static DateTimeOffset? Time(string? text) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new RefusedDecisionException(Refusal.Wrong, $"'{text}' is no time: write 2027-01-31 or 2027-01-31T12:00Z");
}

/// <summary><c>cdcsync mdm undo ACT</c>.</summary>
sealed class MdmUndoCommand : StewardCommand
{
    static readonly Argument<long> Act = new("act") { Description = "The act's number, from 'history'" };

    public MdmUndoCommand()
        : base("undo", "Take a decision back; undoing an undo brings it back")
    {
        Arguments.Add(Act);
        Decides(this, (context, steward, author, stop) => steward.UndoAsync(context.Parsed.GetValue(Act), null, author, stop));
    }
}
