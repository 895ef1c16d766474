using System.CommandLine;
using CdcSync.Capture;
using CdcSync.Capture.Debezium.Takeover;
using CdcSync.Host.Run;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Cli;

/// <summary><c>cdcsync import debezium FILE</c>: a connector's settings as ours, and its place.</summary>
sealed class ImportCommand : Command
{
    static readonly Argument<string> Settings = new("settings") { Description = "The connector's properties, or the JSON that Kafka Connect's REST gives" };
    static readonly Option<string?> Worker = new("--worker") { Description = "The Connect worker's properties: converters and brokers that the connector does not name" };
    static readonly Option<string?> Offsets = new("--offsets") { Description = "The connector's offsets: the file of a FileOffsetBackingStore" };
    static readonly Option<string?> OffsetsTopic = new("--offsets-topic") { Description = "The connector's offsets: the Connect cluster's offset topic" };
    static readonly Option<string?> Bootstrap = new("--bootstrap") { Description = "The brokers of the offset topic, HOST:PORT" };
    static readonly Option<string?> Connector = new("--connector") { Description = "The connector's name at Kafka Connect, where 'name' does not say it" };
    static readonly Option<string?> Out = new("--out") { Description = "Write the settings to this file; one that is there is never overwritten" };
    static readonly Option<bool> Apply = new("--apply") { Description = "Take the offsets over: the source goes on where the connector stopped" };
    static readonly Option<bool> TrustSlot = new("--trust-slot") { Description = "Where the slot, or the oldest change that SQL Server keeps, is later than the offset, believe that nothing lay between" };

    public ImportCommand()
        : base("import", "Move from another tool")
    {
        var debezium = new Command("debezium", "A Debezium connector (PostgreSQL, SQL Server): its settings as ours, and its place") { Settings, Worker, Offsets, OffsetsTopic, Bootstrap, Connector, Out, Apply, TrustSlot };
        debezium.SetAction(async (parsed, stop) =>
        {
            try
            {
                return await ImportAsync(new CommandContext(parsed), stop);
            }
            catch (SourceException refused)
            {
                throw new TakeoverException(refused.Message);
            }
        });
        Add(debezium);
    }

    static async Task<int> ImportAsync(CommandContext context, CancellationToken stop)
    {
        var parsed = context.Parsed;
        var import = ConnectorImport.Of(ConnectorFile.Read(parsed.GetValue(Settings)!), parsed.GetValue(Worker) is { } worker ? ConnectorFile.Read(worker) : new Dictionary<string, string>());
        var offset = await PlaceAsync(parsed, import, stop);
        var wants = parsed.GetValue(Apply);
        if (wants && offset is null) throw new TakeoverException("--apply takes offsets over: say where they are, --offsets FILE or --offsets-topic TOPIC --bootstrap HOST:PORT");
        IReadOnlyList<string> paths = parsed.GetValue(Out) is { } file ? [file] : wants ? context.ConfigPaths : [];
        Show(context, import, paths.Count > 0 ? paths[0] : null, keep: wants);
        if (offset is not null && !wants) context.Say("The offset can be read. With --apply the source goes on from there, when the connector is stopped.");
        return wants ? await ApplyAsync(context, import, offset!, paths, stop) : ExitCode.Done;
    }

    static async Task<ConnectorPlace?> PlaceAsync(ParseResult parsed, ConnectorImport import, CancellationToken stop)
    {
        StoredOffsets stored;
        if (parsed.GetValue(Offsets) is { } file)
        {
            stored = StoredOffsets.FromFile(file);
        }
        else if (parsed.GetValue(OffsetsTopic) is { } topic)
        {
            var brokers = parsed.GetValue(Bootstrap) ?? import.Bootstrap ?? throw new TakeoverException("--offsets-topic needs --bootstrap HOST:PORT");
            var options = import.LogOptions.ToDictionary(o => o.Key, o => YamlFile.Resolve(o.Value));
            stored = await StoredOffsets.FromTopicAsync(brokers, topic, options, stop);
        }
        else
        {
            return null;
        }
        return new ConnectorPlace(import.Kind, stored, parsed.GetValue(Connector) ?? import.Connector, import.Source.TopicPrefix!);
    }

    static void Show(CommandContext context, ConnectorImport import, string? path, bool keep)
    {
        var text = ImportText.Of(import, Path.GetFileName(context.Parsed.GetValue(Settings)!));
        if (path is null && !context.AsJson)
        {
            context.Say(text);
            return;
        }
        if (path is not null && File.Exists(path))
        {
            if (!keep) throw new TakeoverException($"{path} is there already and is not overwritten: name another --out");
            context.Say($"{path} is used as it is.");
        }
        else if (path is not null)
        {
            File.WriteAllText(path, text);
            context.Say($"{path} is written.");
        }
        if (context.AsJson && path is null) context.Write(new { Yaml = text }, r => r.Yaml);
        var secrets = import.Secrets.Select(s => new { Setting = $"${{{s.Key}}}", Note = $"the environment must set it: {s.Value}" });
        var rows = import.Left.Select(l => new { Setting = ImportText.Shown(l.Name), Note = l.Why }).Concat(secrets).ToList();
        if (rows.Count > 0) context.WriteTable(rows, ("setting", r => r.Setting), ("note", r => r.Note));
    }

    static async Task<int> ApplyAsync(CommandContext context, ConnectorImport import, ConnectorPlace offset, IReadOnlyList<string> paths, CancellationToken stop)
    {
        var settings = ApplianceLoader.Load(paths);
        if (settings.Sources.SingleOrDefault(s => (s.TopicPrefix ?? s.Name) == import.Source.TopicPrefix) is not { } source)
            throw new TakeoverException($"{string.Join(" and ", paths)} has no source of kind {import.Kind} with topic_prefix {import.Source.TopicPrefix}: add it (import without --apply shows it), then apply");
        using var loggers = Logging.ForCommands();
        await using var appliance = await Appliance.OpenAsync(settings, loggers, stop);
        var place = await offset.ApplyAsync(source, appliance.Log, context.Parsed.GetValue(TrustSlot), TimeProvider.System, stop);
        context.Write(new { Source = source.Name, Position = place.Position.ToString(), place.Published, place.Unpublished },
            r => $"{r.Source} goes on at {place.Text}, behind what the connector had stored. Rows of {r.Published.Count} tables are not published again"
                + (r.Unpublished.Count == 0 ? "." : $"; {string.Join(", ", r.Unpublished)} were not captured by it and start with a snapshot.")
                + "\nStart it with `cdcsync run`. Do not start the connector again: it would publish the same changes.");
        return ExitCode.Done;
    }
}
