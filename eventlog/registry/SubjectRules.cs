using System.Globalization;

namespace CdcSync.EventLog.Registry;

/// <summary>What may be done with subjects and versions, and Confluent's words when it may not.</summary>
sealed class SubjectRules(RegistryStore rows)
{
    /// <summary>A subject's versions, deleted ones when asked.</summary>
    public async Task<List<RegistryStore.Version>> VersionsAsync(string subject, bool deleted, CancellationToken stop)
    {
        var found = (await rows.VersionsAsync(subject, stop)).Where(v => deleted || !v.Deleted).ToList();
        return found.Count > 0 ? found : throw new SchemaRegistryException(40401, $"Subject '{subject}' not found.");
    }

    /// <summary>A version by number, or <c>latest</c> or -1.</summary>
    public async Task<RegistryStore.Version> VersionAsync(string subject, string version, bool deleted, CancellationToken stop)
    {
        var number = Number(version);
        var found = await VersionsAsync(subject, deleted, stop);
        return number is null ? found[^1] : found.Find(v => v.Number == number) ?? throw new SchemaRegistryException(40402, $"Version {version} not found.");
    }

    /// <summary>Refuses writes to a subject that is read only.</summary>
    public async Task MayWriteAsync(string subject, CancellationToken stop)
    {
        var mode = await rows.SettingAsync("mode", subject, stop) ?? await rows.SettingAsync("mode", "", stop) ?? "READWRITE";
        if (mode.StartsWith("READONLY", StringComparison.Ordinal)) throw new SchemaRegistryException(42205, $"Subject {subject} is in {mode.ToLowerInvariant()} mode");
    }

    /// <summary>Deletes a subject: marked at first, gone for good the second time.</summary>
    public async Task<List<int>> DeleteAsync(string subject, bool permanent, CancellationToken stop)
    {
        await MayWriteAsync(subject, stop);
        var all = await VersionsAsync(subject, deleted: true, stop);
        var chosen = all.Where(v => permanent || !v.Deleted).ToList();
        if (permanent && all.Exists(v => !v.Deleted)) throw new SchemaRegistryException(40405, $"Subject '{subject}' was not deleted first before being permanently deleted");
        if (chosen.Count == 0) throw new SchemaRegistryException(40404, $"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently");
        foreach (var version in chosen) await MayGoAsync(version, stop);
        foreach (var version in chosen) await DropAsync(version, permanent, stop);
        return [.. chosen.Select(v => v.Number)];
    }

    /// <summary>Deletes a version the same way.</summary>
    public async Task<int> DeleteVersionAsync(string subject, string version, bool permanent, CancellationToken stop)
    {
        await MayWriteAsync(subject, stop);
        var found = await VersionAsync(subject, version, deleted: Number(version) is not null, stop);
        if (permanent && !found.Deleted) throw new SchemaRegistryException(40407, $"Subject '{subject}' Version {found.Number} was not deleted first before being permanently deleted");
        if (!permanent && found.Deleted) throw new SchemaRegistryException(40406, $"Subject '{subject}' Version {found.Number} was soft deleted. Set permanent=true to delete permanently");
        await MayGoAsync(found, stop);
        await DropAsync(found, permanent, stop);
        return found.Number;
    }

    async Task MayGoAsync(RegistryStore.Version version, CancellationToken stop)
    {
        if (await rows.ReferencedByAsync(version.Subject, version.Number, stop) is [var user, ..])
            throw new SchemaRegistryException(42206, $"One or more references exist to the schema {{subject={version.Subject},version={version.Number}}}: schema {user}");
    }

    Task<int> DropAsync(RegistryStore.Version version, bool permanent, CancellationToken stop) =>
        permanent ? rows.RemoveAsync(version.Subject, version.Number, stop) : rows.MarkDeletedAsync(version.Subject, version.Number, stop);

    static int? Number(string version) =>
        version is "latest" or "-1" ? null
        : int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new SchemaRegistryException(42202, $"The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");
}
