using System.Text;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Debezium.Takeover;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Cli;

/// <summary>An imported connector as our settings file, with what was not carried over as comments.</summary>
public static class ImportText
{
    /// <summary>The file.</summary>
    public static string Of(ConnectorImport import, string from)
    {
        var text = new StringBuilder();
        text.Append("# Made by `cdcsync import debezium ").Append(OneLine(from)).Append("`.\n");
        foreach (var (name, what) in import.Secrets) text.Append("# The environment must set ").Append(name).Append(": ").Append(OneLine(what)).Append(".\n");
        text.Append("store: ${CDCSYNC_STORE}    # a PostgreSQL database of CdcSync's own\n");
        Log(text, import);
        Registry(text, import);
        text.Append("sources:\n  - kind: ").Append(import.Kind).Append('\n').Append(SettingsText.Of(import.Source, 4));
        if (import.Left.Count == 0) return text.ToString();
        text.Append("# Not carried over from the connector:\n");
        foreach (var left in import.Left) text.Append("#   ").Append(OneLine(Shown(left.Name))).Append(": ").Append(OneLine(left.Why)).Append('\n');
        return text.ToString();
    }

    /// <summary>A setting's name without the secret that some hold.</summary>
    public static string Shown(string name) =>
        name.IndexOf(".with.salt.", StringComparison.Ordinal) is > 0 and var salt ? name[..salt] + ".with.salt.***" : name;

    static void Log(StringBuilder text, ConnectorImport import)
    {
        if (import.Bootstrap is null)
        {
            text.Append("# Records go to tables in the store, and are read over Kafka when you say where it is:\n# log: { kind: kafka, bootstrap: \"HOST:9092\" }\n");
            return;
        }
        text.Append("log:\n  kind: kafka\n  bootstrap: ").Append(SettingsText.Scalar(import.Bootstrap)).Append('\n');
        if (import.LogOptions.Count == 0) return;
        text.Append("  options:\n");
        foreach (var (name, value) in import.LogOptions) text.Append("    ").Append(name).Append(": ").Append(SettingsText.Scalar(value)).Append('\n');
    }

    static void Registry(StringBuilder text, ConnectorImport import)
    {
        if (import.Registry is null)
        {
            if (import.Format == RecordFormat.Avro) text.Append("# No converter named a registry: CdcSync serves one itself.\n");
            return;
        }
        text.Append("registry:\n  kind: http\n  url: ").Append(SettingsText.Scalar(import.Registry)).Append('\n');
        if (import.RegistryCredentials is { } credentials) text.Append("  credentials: ").Append(SettingsText.Scalar(credentials)).Append('\n');
    }

    static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
