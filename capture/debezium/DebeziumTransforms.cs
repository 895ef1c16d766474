using System.Text.RegularExpressions;

namespace CdcSync.Capture.Debezium;

/// <summary>The transformations of a connector that we have as settings: outbox, flattening, routing.</summary>
sealed class DebeziumTransforms(PropertyBag bag)
{
    public List<TopicRoute> Routes { get; } = [];

    public FlatRows? Flatten { get; private set; }

    public OutboxRules? Outbox { get; private set; }

    /// <summary>Whether flattened rows show nulls as defaults.</summary>
    public bool ShowsDefaults { get; private set; } = true;

    public void Read()
    {
        foreach (var name in bag.List("transforms"))
        {
            var start = $"transforms.{name}.";
            switch (bag.Text(start + "type"))
            {
                case "io.debezium.transforms.ExtractNewRecordState":
                    Flat(start);
                    break;
                case "io.debezium.transforms.outbox.EventRouter":
                    Events(start);
                    break;
                case "io.debezium.transforms.ByLogicalTableRouter":
                    Logical(start);
                    break;
                case "org.apache.kafka.connect.transforms.RegexRouter":
                    Routes.Add(new TopicRoute { Match = bag.Text(start + "regex") ?? ".*", Topic = Replacement(bag.Text(start + "replacement") ?? "$0"), RenameSchemas = false });
                    break;
                case var type:
                    bag.Note(start + "type", $"there is no transformation '{type}' here; records are published without it");
                    break;
            }
        }
        // Taken where a transformation has one: tables of an outbox are named by settings.
        foreach (var predicate in bag.List("predicates")) bag.Text($"predicates.{predicate}.type");
    }

    void Logical(string start)
    {
        var unique = bag.Flag(start + "key.enforce.uniqueness", true);
        Routes.Add(new TopicRoute
        {
            Match = bag.Text(start + "topic.regex") ?? ".*",
            Topic = Replacement(bag.Text(start + "topic.replacement") ?? "$0"),
            KeyField = unique ? bag.Text(start + "key.field.name") ?? "__dbz__physicalTableIdentifier" : null,
            KeyFieldMatch = bag.Text(start + "key.field.regex"),
            KeyFieldValue = bag.Text(start + "key.field.replacement") is { } value ? Replacement(value) : null,
        });
    }

    void Flat(string start)
    {
        ShowsDefaults = bag.Flag(start + "replace.null.with.default", true);
        Flatten = new FlatRows
        {
            Deletes = bag.Word(start + "delete.tombstone.handling.mode", FlatDeletes.Tombstone),
            AddFields = bag.List(start + "add.fields"),
            FieldPrefix = bag.Text(start + "add.fields.prefix") ?? "__",
            AddHeaders = bag.List(start + "add.headers"),
            HeaderPrefix = bag.Text(start + "add.headers.prefix") ?? "__",
            RouteByField = bag.Text(start + "route.by.field"),
        };
    }

    void Events(string start)
    {
        Outbox = new OutboxRules
        {
            Tables = [OutboxTables(start)],
            Id = bag.Text(start + "table.field.event.id") ?? "id",
            Key = bag.Text(start + "table.field.event.key") ?? "aggregateid",
            Payload = bag.Text(start + "table.field.event.payload") ?? "payload",
            Timestamp = bag.Text(start + "table.field.event.timestamp"),
            RouteBy = bag.Text(start + "route.by.field") ?? "aggregatetype",
            RouteMatch = bag.Text(start + "route.topic.regex") ?? "(?<routedByValue>.*)",
            Topic = bag.Text(start + "route.topic.replacement") ?? "outbox.event.${routedByValue}",
            Columns = [.. bag.List(start + "table.fields.additional.placement").Select(Column)],
            TombstoneOnEmpty = bag.Flag(start + "route.tombstone.on.empty.payload", false),
            ExpandJson = bag.Flag(start + "table.expand.json.payload", false),
            Updates = bag.Text(start + "table.op.invalid.behavior") == "fatal" ? OutboxUpdates.Fatal : OutboxUpdates.Warn,
        };
    }

    static OutboxColumn Column(string text)
    {
        var parts = text.Split(':', StringSplitOptions.TrimEntries);
        return new OutboxColumn
        {
            Column = parts[0], Place = parts.Length > 1 && parts[1].Equals("envelope", StringComparison.OrdinalIgnoreCase) ? OutboxPlace.Envelope : OutboxPlace.Header, As = parts.Length > 2 ? parts[2] : null,
        };
    }

    // A predicate on topics says which tables are outboxes; the topic ends with schema and table.
    string OutboxTables(string start)
    {
        if (bag.Text(start + "predicate") is not { } predicate || bag.Text($"predicates.{predicate}.pattern") is not { } pattern) return ".*";
        var prefix = bag.Text("topic.prefix") is { } given ? Regex.Escape(given) + @"\." : "";
        return prefix.Length > 0 && pattern.StartsWith(prefix, StringComparison.Ordinal) ? pattern[prefix.Length..] : pattern;
    }

    // Java's replacements escape with a backslash, .NET's not; both say $1.
    static string Replacement(string java) => Regex.Replace(java, @"\\(?<next>.)", "${next}", RegexOptions.None, TimeSpan.FromSeconds(1));
}
