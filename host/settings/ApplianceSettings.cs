using CdcSync.Capture;
using CdcSync.Capture.Mapping;
using CdcSync.Contract.Settings;
using CdcSync.Mdm;
using CdcSync.Reconcile;
using CdcSync.Sinks.Delivery;

namespace CdcSync.Host.Settings;

/// <summary>The whole configuration of one appliance, validated.</summary>
public sealed record ApplianceSettings
{
    /// <summary>Connection string of the store, a PostgreSQL database of CdcSync's own.</summary>
    public required string Store { get; init; }

    /// <summary>Where records go. Default: tables in the store.</summary>
    public LogSettings Log { get; init; } = new();

    /// <summary>Where schemas are. Default: served by CdcSync itself.</summary>
    public RegistrySettings Registry { get; init; } = new();

    /// <summary>The HTTP side: health, metrics, status.</summary>
    public HttpSettings Http { get; init; } = new();

    /// <summary>Golden records; absent when none are wanted.</summary>
    public MdmSettings? Mdm { get; init; }

    /// <summary>The databases read.</summary>
    public IReadOnlyList<SourceSettings> Sources { get; init; } = [];

    /// <summary>How their tables become canonical objects.</summary>
    public IReadOnlyList<MappingSettings> Canonical { get; init; } = [];

    /// <summary>The systems written.</summary>
    public IReadOnlyList<SinkDefinition> Sinks { get; init; } = [];

    /// <summary>What is compared, and when.</summary>
    public IReadOnlyList<ReconcileSettings> Reconcile { get; init; } = [];
}

/// <summary>A sink with its target: what to send, and where.</summary>
/// <param name="Delivery">What to send and how patiently.</param>
/// <param name="Kind">The target's kind.</param>
/// <param name="Target">The target's own settings.</param>
public sealed record SinkDefinition(SinkSettings Delivery, string Kind, object Target);

/// <summary>Which log.</summary>
public enum LogKind
{
    /// <summary>Tables in the store.</summary>
    Postgres,

    /// <summary>Apache Kafka.</summary>
    Kafka,
}

/// <summary>Where records go.</summary>
public sealed record LogSettings
{
    public LogKind Kind { get; init; }

    /// <summary>Kafka: bootstrap servers.</summary>
    public string? Bootstrap { get; init; }

    /// <summary>Kafka: further librdkafka settings, such as <c>security.protocol</c>.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Kafka: copies of each partition; -1 is the brokers' default.</summary>
    public int Replicas { get; init; } = -1;

    public void Validate()
    {
        if (Kind == LogKind.Kafka && string.IsNullOrEmpty(Bootstrap)) throw new SettingsException("bootstrap", "is missing: name the Kafka brokers as HOST:PORT,...");
        if (Kind == LogKind.Postgres && Bootstrap is not null) throw new SettingsException("bootstrap", "belongs to 'kind: kafka'");
    }
}

/// <summary>Which registry.</summary>
public enum RegistryKind
{
    /// <summary>In the store, served with Confluent's REST API.</summary>
    Embedded,

    /// <summary>A Confluent-compatible one elsewhere.</summary>
    Http,
}

/// <summary>Where schemas are.</summary>
public sealed record RegistrySettings
{
    public RegistryKind Kind { get; init; }

    /// <summary>Http: its URL.</summary>
    public Uri? Url { get; init; }

    /// <summary>Http: user and password for basic authentication, <c>user:password</c>.</summary>
    public string? Credentials { get; init; }

    /// <summary>Embedded: where it is served. Default 127.0.0.1:8081.</summary>
    public string Listen { get; init; } = "127.0.0.1:8081";

    public void Validate()
    {
        if (Kind == RegistryKind.Http && Url is null) throw new SettingsException("url", "is missing: where is the registry?");
        if (Kind == RegistryKind.Embedded && Url is not null) throw new SettingsException("url", "belongs to 'kind: http'");
        ListenAddress.Check(Listen);
    }
}

/// <summary>The HTTP side.</summary>
public sealed record HttpSettings
{
    /// <summary>Address and port. Default 127.0.0.1:8080: loopback, for there is no login but by tokens.</summary>
    public string Listen { get; init; } = "127.0.0.1:8080";

    /// <summary>
    /// Who may read golden records, decide, and pause sources. Without any, golden records are read from this machine alone, nobody decides over HTTP, and whoever reaches the
    /// address may pause sources. Health, metrics and status are open either way: they hold no record.
    /// </summary>
    public IReadOnlyList<HttpToken> Tokens { get; init; } = [];

    public void Validate()
    {
        ListenAddress.Check(Listen);
        if (Tokens.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new SettingsException("tokens", $"two tokens are called '{twice.Key}': a name is one person or program");
        if (Tokens.GroupBy(t => t.Token, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } shared)
            throw new SettingsException("tokens", $"{string.Join(" and ", shared.Select(t => t.Name))} have the same token: who decided could not be told");
    }
}

/// <summary>What somebody may do over HTTP; each may what those before may.</summary>
public enum HttpRole
{
    /// <summary>Read golden records, their history and the queue.</summary>
    Viewer,

    /// <summary>Decide, and take questions of the queue.</summary>
    Steward,

    /// <summary>Pause and resume sources, and send them signals.</summary>
    Admin,
}

/// <summary>Somebody who may call.</summary>
public sealed record HttpToken
{
    const int Shortest = 20;

    /// <summary>A person or program: what history says of who decided.</summary>
    public required string Name { get; init; }

    /// <summary>What they may. Default viewer.</summary>
    public HttpRole Role { get; init; }

    /// <summary>The secret they send, 20 characters or more: from the environment or a file.</summary>
    public required string Token { get; init; }

    public void Validate()
    {
        if (Name.Trim().Length is 0 or > 100) throw new SettingsException("name", "is empty or longer than 100 characters");
        if (Token.Length < Shortest || Token.Any(c => c is <= ' ' or > '~')) throw new SettingsException("token", $"is shorter than {Shortest} characters, or holds others than letters, digits and signs: 'openssl rand -base64 32' makes one");
    }

    /// <summary>Without the secret: it may come into a log.</summary>
    public override string ToString() => $"{Name} ({Role})";
}

static class ListenAddress
{
    public static void Check(string listen)
    {
        if (!Uri.TryCreate($"http://{listen}", UriKind.Absolute, out var address) || address.Authority != listen || !listen.EndsWith($":{address.Port}", StringComparison.Ordinal))
            throw new SettingsException("listen", $"'{listen}' is no address with a port: write 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080");
    }

    /// <summary>True when only this machine can mean it.</summary>
    public static bool IsLoopback(string address) => Uri.TryCreate($"http://{address}", UriKind.Absolute, out var uri) && uri.IsLoopback;
}
