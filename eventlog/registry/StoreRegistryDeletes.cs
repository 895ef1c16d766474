namespace CdcSync.EventLog.Registry;

public sealed partial class StoreRegistry
{
    /// <summary>Deletes a subject: first softly, then, asked again, for good.</summary>
    /// <returns>The versions that were deleted.</returns>
    /// <exception cref="SchemaRegistryException">40401 there is none, 40404 and 40405 wrong order, 42205 read-only, 42206 referred to.</exception>
    public async Task<IReadOnlyList<int>> DeleteSubjectAsync(string subject, bool permanent, CancellationToken stop)
    {
        subject = SubjectName.Check(subject);
        await using var session = await RegistrySession.WriteAsync(store, _writer, stop);
        await AllowDeleteAsync(session, subject, stop);
        var versions = await session.VersionsAsync(subject, stop);
        if (versions.Count == 0) throw RegistryErrors.SubjectNotFound(subject);
        var alive = versions.FindAll(v => !v.Deleted);
        if (permanent && alive.Count > 0) throw RegistryErrors.SubjectNotSoftDeleted(subject);
        if (!permanent && alive.Count == 0) throw RegistryErrors.SubjectSoftDeleted(subject);
        var chosen = permanent ? versions : alive;
        foreach (var version in chosen) await DeleteAsync(session, version, permanent, stop);
        await session.CommitAsync(stop);
        return [.. chosen.Select(v => v.Version)];
    }

    /// <summary>Deletes a version: first softly, then, asked again, for good.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="SchemaRegistryException">40401, 40402 there is none, 40406 and 40407 wrong order, 42205 read-only, 42206 referred to.</exception>
    public async Task<int> DeleteVersionAsync(string subject, VersionName name, bool permanent, CancellationToken stop)
    {
        subject = SubjectName.Check(subject);
        await using var session = await RegistrySession.WriteAsync(store, _writer, stop);
        await AllowDeleteAsync(session, subject, stop);
        var versions = await session.VersionsAsync(subject, stop);
        if (versions.Count == 0) throw RegistryErrors.SubjectNotFound(subject);
        var version = (name.Number is { } number ? versions.Find(v => v.Version == number) : versions.FindLast(v => !v.Deleted))
            ?? throw RegistryErrors.VersionNotFound(name);
        if (permanent && !version.Deleted) throw RegistryErrors.VersionNotSoftDeleted(subject, version.Version);
        if (!permanent && version.Deleted) throw RegistryErrors.VersionSoftDeleted(subject, version.Version);
        await DeleteAsync(session, version, permanent, stop);
        await session.CommitAsync(stop);
        return version.Version;
    }

    static async Task AllowDeleteAsync(RegistrySession session, string subject, CancellationToken stop)
    {
        if ((await session.EffectiveAsync(subject, stop)).Mode is RegistryMode.ReadOnly or RegistryMode.ReadOnlyOverride)
            throw RegistryErrors.NotPermitted($"Subject {subject} is in read-only mode");
    }

    async Task DeleteAsync(RegistrySession session, StoredVersion version, bool permanent, CancellationToken stop)
    {
        if ((await session.ReferrersAsync(version.Subject, version.Version, stop)).Count > 0) throw RegistryErrors.Referenced(version.Subject, version.Version);
        await session.ExecuteAsync(
            permanent ? "delete from registry.version where subject = $1 and version = $2" : "update registry.version set deleted = true where subject = $1 and version = $2",
            stop, version.Subject, version.Version);
        // A subject without a version has no settings of its own either.
        await session.ExecuteAsync(
            "delete from registry.setting where subject = $1 and not exists (select from registry.version where subject = $1 and not deleted)", stop, version.Subject);
        foreach (var asked in _ids.Keys.Where(k => k.Subject == version.Subject)) _ids.TryRemove(asked, out _);
    }
}
