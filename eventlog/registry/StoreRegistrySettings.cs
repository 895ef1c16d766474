namespace CdcSync.EventLog.Registry;

/// <summary>What is set for a subject or globally; null where nothing is.</summary>
/// <param name="Level">What new versions have to agree with.</param>
/// <param name="Normalize">Level out what does not matter in schemas.</param>
/// <param name="Mode">What may be done.</param>
public sealed record SubjectSetting(CompatibilityLevel? Level, bool? Normalize, RegistryMode? Mode);

/// <summary>What holds for a subject.</summary>
sealed record EffectiveSetting(CompatibilityLevel Level, bool Normalize, RegistryMode Mode);

/// <summary>Reads settings. The global ones stand under the empty subject, which no subject can be called.</summary>
static class StoredSettings
{
    public static async Task<SubjectSetting> SettingAsync(this RegistrySession session, string subject, CancellationToken stop) =>
        (await session.RowsAsync("select compatibility, normalize, mode from registry.setting where subject = $1", row => new SubjectSetting(
            row.IsDBNull(0) ? null : RegistryWords.Level(row.GetString(0)), row.IsDBNull(1) ? null : row.GetBoolean(1),
            row.IsDBNull(2) ? null : RegistryWords.Mode(row.GetString(2))), stop, subject)).FirstOrDefault() ?? new(null, null, null);

    public static async Task<EffectiveSetting> EffectiveAsync(this RegistrySession session, string subject, CancellationToken stop)
    {
        var own = await session.SettingAsync(subject, stop);
        var global = await session.SettingAsync(StoreRegistry.Global, stop);
        return new(
            own.Level ?? global.Level ?? CompatibilityLevel.Backward,
            own.Normalize ?? global.Normalize ?? false,
            (global.Mode == RegistryMode.ReadOnlyOverride ? global.Mode : own.Mode ?? global.Mode) ?? RegistryMode.ReadWrite);
    }
}

public sealed partial class StoreRegistry
{
    /// <summary>In place of a subject: the global settings.</summary>
    public const string Global = "";

    /// <summary>What is set for a subject itself, or globally.</summary>
    public async Task<SubjectSetting> SettingAsync(string subject, CancellationToken stop)
    {
        await using var session = await RegistrySession.ReadAsync(store, stop);
        return await session.SettingAsync(Place(subject), stop);
    }

    /// <summary>What holds for a subject, by its own settings, the global ones and the defaults.</summary>
    public async Task<SubjectSetting> EffectiveSettingAsync(string subject, CancellationToken stop)
    {
        await using var session = await RegistrySession.ReadAsync(store, stop);
        var setting = await session.EffectiveAsync(Place(subject), stop);
        return new(setting.Level, setting.Normalize, setting.Mode);
    }

    /// <summary>Sets compatibility and normalising, as far as given.</summary>
    /// <exception cref="SchemaRegistryException">42205: read-only.</exception>
    public Task ConfigureAsync(string subject, CompatibilityLevel? level, bool? normalize, CancellationToken stop) =>
        ChangeAsync(subject, before => before with { Level = level ?? before.Level, Normalize = normalize ?? before.Normalize }, guarded: true, stop);

    /// <summary>Takes compatibility and normalising back, so that the global ones hold, or the defaults.</summary>
    /// <returns>What was set.</returns>
    public Task<SubjectSetting> ForgetConfigurationAsync(string subject, CancellationToken stop) =>
        ChangeAsync(subject, before => before.Level is null && before.Normalize is null && Place(subject) != Global ? throw RegistryErrors.SubjectNotFound(subject)
            : before with { Level = null, Normalize = null }, guarded: true, stop);

    /// <summary>Sets the mode.</summary>
    /// <param name="subject">The subject, or <see cref="Global"/>.</param>
    /// <param name="mode">The mode.</param>
    /// <param name="force">Import mode although there are schemas.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="SchemaRegistryException">42205: there are schemas.</exception>
    public async Task SetModeAsync(string subject, RegistryMode mode, bool force, CancellationToken stop)
    {
        if (mode == RegistryMode.Import && !force)
        {
            await using var session = await RegistrySession.ReadAsync(store, stop);
            var there = Place(subject) is { Length: > 0 } name ? await session.VersionsAsync(name, stop) : await session.ListAsync("", stop);
            if (there.Exists(v => !v.Deleted)) throw RegistryErrors.NotPermitted("Cannot import since found existing subjects; force=true imports beside them");
        }
        await ChangeAsync(subject, before => before with { Mode = mode }, guarded: false, stop);
    }

    /// <summary>Takes the mode back, so that the global one holds, or the default.</summary>
    /// <returns>What was set.</returns>
    public Task<SubjectSetting> ForgetModeAsync(string subject, CancellationToken stop) =>
        ChangeAsync(subject, before => before.Mode is null && Place(subject) != Global ? throw RegistryErrors.SubjectNotFound(subject) : before with { Mode = null }, guarded: false, stop);

    async Task<SubjectSetting> ChangeAsync(string subject, Func<SubjectSetting, SubjectSetting> change, bool guarded, CancellationToken stop)
    {
        var place = Place(subject);
        await using var session = await RegistrySession.WriteAsync(store, _writer, stop);
        if (guarded && (await session.EffectiveAsync(place, stop)).Mode is RegistryMode.ReadOnly or RegistryMode.ReadOnlyOverride)
            throw RegistryErrors.NotPermitted(place == Global ? "The registry is in read-only mode" : $"Subject {place} is in read-only mode");
        var before = await session.SettingAsync(place, stop);
        var after = change(before);
        await session.ExecuteAsync("delete from registry.setting where subject = $1", stop, place);
        await session.ExecuteAsync("insert into registry.setting(subject, compatibility, normalize, mode) values ($1, $2, $3, $4)", stop,
            place, (object?)after.Level?.Word() ?? DBNull.Value, (object?)after.Normalize ?? DBNull.Value, (object?)after.Mode?.Word() ?? DBNull.Value);
        await session.CommitAsync(stop);
        return before;
    }

    static string Place(string subject) => subject == Global ? Global : SubjectName.Check(subject);
}
