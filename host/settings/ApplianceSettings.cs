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
    /// <summary>Address and port. Default 127.0.0.1:8080: loopback, for there is no login.</summary>
    public string Listen { get; init; } = "127.0.0.1:8080";

    public void Validate() => ListenAddress.Check(Listen);
}

static class ListenAddress
{
    public static void Check(string listen)
    {
        if (!Uri.TryCreate($"http://{listen}", UriKind.Absolute, out var address) || address.Authority != listen || !listen.EndsWith($":{address.Port}", StringComparison.Ordinal))
            throw new SettingsException("listen", $"'{listen}' is no address with a port: write 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080");
    }
}
