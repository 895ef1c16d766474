using System.Text.RegularExpressions;
using CdcSync.Capture.Postgres;
using CdcSync.Capture.Snapshot;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>A connector as a source of ours, with what lies round it.</summary>
/// <param name="Kind">The kind of source.</param>
/// <param name="Source">The source's settings; secrets are <c>${NAME}</c>.</param>
/// <param name="Format">How its records' values are written.</param>
/// <param name="Bootstrap">The brokers, when settings of the connector or its worker name them.</param>
/// <param name="LogOptions">librdkafka settings for them.</param>
/// <param name="Registry">The registry's URL, when a converter names it.</param>
/// <param name="RegistryCredentials">Its <c>${NAME}</c> for user and password.</param>
/// <param name="Secrets">What each <c>${NAME}</c> must hold.</param>
/// <param name="Left">What was not carried over, and why.</param>
public sealed partial record ConnectorImport(
    string Kind, SourceSettings Source, RecordFormat Format, string? Bootstrap, IReadOnlyDictionary<string, string> LogOptions, Uri? Registry, string? RegistryCredentials,
    IReadOnlyDictionary<string, string> Secrets, IReadOnlyList<LeftProperty> Left)
{
    /// <summary>The connector's name at Kafka Connect, under which its offset is stored.</summary>
    public string? Connector { get; private init; }

    /// <summary>Translates a connector's settings.</summary>
    /// <param name="connector">The connector's.</param>
    /// <param name="worker">Its worker's; what the connector does not say of converters and brokers stands there.</param>
    /// <exception cref="SettingsException">It is no connector of Debezium's for PostgreSQL or SQL Server, or a value is none.</exception>
    public static ConnectorImport Of(IReadOnlyDictionary<string, string> connector, IReadOnlyDictionary<string, string> worker)
    {
        var kind = connector.GetValueOrDefault("connector.class") ?? throw new SettingsException("connector.class", "is missing: these are no connector's settings");
        var isSqlServer = kind.Split('.')[^1] is "SqlServerConnector" or "SqlServerConnectorTask";
        if (!isSqlServer && kind.Split('.')[^1] is not ("PostgresConnector" or "PostgresConnectorTask"))
            throw new SettingsException("connector.class",
                $"'{kind}' is not imported: Debezium's PostgreSQL and SQL Server connectors are (io.debezium.connector.postgresql.PostgresConnector, io.debezium.connector.sqlserver.SqlServerConnector)");
        return new Reading(connector, worker).Import(isSqlServer) with { Connector = connector.GetValueOrDefault("name") };
    }

    sealed partial class Reading(IReadOnlyDictionary<string, string> connector, IReadOnlyDictionary<string, string> worker)
    {
        readonly Dictionary<string, string> _settings = new(connector, StringComparer.Ordinal);
        readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);
        readonly List<LeftProperty> _notes = [];
        readonly string _prefix = AvroNames.Part(connector.GetValueOrDefault("topic.prefix") ?? connector.GetValueOrDefault("name") ?? "debezium").ToUpperInvariant();

        public ConnectorImport Import(bool isSqlServer)
        {
            foreach (var (name, value) in worker.Where(w => w.Key.StartsWith("key.converter", StringComparison.Ordinal) || w.Key.StartsWith("value.converter", StringComparison.Ordinal) || w.Key == "bootstrap.servers"))
                _settings.TryAdd(name, value);
            if (!_settings.ContainsKey("value.converter"))
                _notes.Add(new("value.converter", "is the worker's setting, which was not given (--worker FILE): JSON with schemas is assumed"));
            ReplaceReferences();
            var bootstrap = Taken("bootstrap.servers") ?? Taken("producer.override.bootstrap.servers");
            var (registry, credentials) = Registry();
            var options = KafkaOptions("producer.override.", "KAFKA");
            if (_settings.ContainsKey("database.password")) _settings["database.password"] = Secret("DATABASE_PASSWORD", "the password of database.user");
            var (kind, source, format, left) = isSqlServer ? SqlServer() : Postgres();
            return new ConnectorImport(kind, source, format, bootstrap, options, registry, credentials, _secrets, [.. _notes, .. left]);
        }

        (string, SourceSettings, RecordFormat, IReadOnlyList<LeftProperty>) Postgres()
        {
            var security = SignalOptions();
            var (source, left) = DebeziumProperties.ToPostgres(_settings, RecordFormat.Json);
            return ("postgres", source with { Signals = With(source.Signals, security), Records = HideSalts(source.Records) }, source.Records.Format, left);
        }

        (string, SourceSettings, RecordFormat, IReadOnlyList<LeftProperty>) SqlServer()
        {
            var security = SignalOptions();
            var (source, left) = DebeziumProperties.ToSqlServer(_settings, RecordFormat.Json);
            return ("sqlserver", source with { Signals = With(source.Signals, security), Records = HideSalts(source.Records) }, source.Records.Format, left);
        }

        Dictionary<string, string> SignalOptions() =>
            _settings.GetValueOrDefault("signal.enabled.channels")?.Split(',', StringSplitOptions.TrimEntries).Contains("kafka") == true ? KafkaOptions("signal.consumer.", "SIGNAL_KAFKA") : [];

        static SignalSettings With(SignalSettings signals, Dictionary<string, string> security) =>
            security.Count == 0 ? signals : signals with { KafkaOptions = signals.KafkaOptions.Concat(security).ToDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal) };

        string Secret(string name, string what)
        {
            var whole = $"{_prefix}_{name}";
            _secrets[whole] = what;
            return $"${{{whole}}}";
        }

        string? Taken(string name)
        {
            _settings.Remove(name, out var value);
            return value;
        }

        // Kafka Connect's ${provider:path:key} is our ${NAME}; what would look like our ${NAME} without being one cannot be said.
        void ReplaceReferences()
        {
            foreach (var (name, value) in _settings.ToList())
            {
                var ours = Provider().Replace(value, match => match.Groups["provider"].Value == "env" && match.Groups["path"].Value is { } variable && Name().IsMatch(variable)
                    ? Known(variable, $"as for {name}") : Secret(NotWord().Replace(name, "_").ToUpperInvariant(), $"the value of {name}, which {match.Value} gave"));
                if (ours == value && Ours().IsMatch(value) && !name.StartsWith("database.password", StringComparison.Ordinal))
                {
                    _notes.Add(new(name, "contains ${...}, which is the environment here: write it by hand"));
                    _settings.Remove(name);
                    continue;
                }
                _settings[name] = ours;
            }
        }

        string Known(string variable, string what)
        {
            _secrets[variable] = what;
            return $"${{{variable}}}";
        }

        (Uri?, string?) Registry()
        {
            var (value, key) = (Taken("value.converter.schema.registry.url"), Taken("key.converter.schema.registry.url"));
            foreach (var side in (string[])["key", "value"]) Taken($"{side}.converter.basic.auth.credentials.source");
            var secret = Taken("value.converter.basic.auth.user.info") ?? Taken("key.converter.basic.auth.user.info") ?? Taken("value.converter.schema.registry.basic.auth.user.info");
            Taken("key.converter.basic.auth.user.info");
            if ((value ?? key) is not { } urls) return (null, null);
            if (key is not null && value is not null && key != value) _notes.Add(new("key.converter.schema.registry.url", $"keys are registered where values are: {value}"));
            var first = urls.Split(',')[0];
            if (urls.Contains(',', StringComparison.Ordinal)) _notes.Add(new("value.converter.schema.registry.url", $"the first of several is used: {first}"));
            if (!Uri.TryCreate(first, UriKind.Absolute, out var url))
            {
                _notes.Add(new("value.converter.schema.registry.url", "is no URL: set 'registry: url:' by hand"));
                return (null, null);
            }
            return (url, secret is null ? null : Secret("REGISTRY_CREDENTIALS", "user:password for the registry"));
        }

        // A Java client's security settings that librdkafka has under the same names.
        Dictionary<string, string> KafkaOptions(string prefix, string secret)
        {
            var options = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var name in (string[])["security.protocol", "sasl.mechanism", "client.id"])
                if (Taken(prefix + name) is { } value) options[name == "sasl.mechanism" ? "sasl.mechanisms" : name] = value;
            if (Taken(prefix + "sasl.jaas.config") is null) return options;
            options["sasl.username"] = Secret(secret + "_USER", $"username of {prefix}sasl.jaas.config");
            options["sasl.password"] = Secret(secret + "_PASSWORD", $"password of {prefix}sasl.jaas.config");
            return options;
        }

        RecordSettings HideSalts(RecordSettings records) => records with
        {
            Masks = [.. records.Masks.Select((mask, i) => mask.Salt.Length == 0 || Ours().IsMatch(mask.Salt) ? mask : mask with { Salt = Secret($"MASK_SALT_{i + 1}", $"the salt of {mask.Hash} for {string.Join(", ", mask.Columns)}") })],
        };

        [GeneratedRegex(@"\$\{(?<provider>[A-Za-z][A-Za-z0-9_-]*):(?<path>[^}]*)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex Provider();

        [GeneratedRegex(@"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex Ours();

        [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex Name();

        [GeneratedRegex("[^A-Za-z0-9]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex NotWord();
    }
}
