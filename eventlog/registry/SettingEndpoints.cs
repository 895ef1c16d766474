namespace CdcSync.EventLog.Registry;

/// <summary>Compatibility and mode, of a subject and globally.</summary>
static class SettingEndpoints
{
    public static void Map(RegistryRoutes api, StoreRegistry registry)
    {
        api.Get("/config", ask => ReadConfigAsync(registry, ask, StoreRegistry.Global));
        api.Put("/config", ask => WriteConfigAsync(registry, ask, StoreRegistry.Global));
        api.Delete("/config", async ask => Level(await registry.ForgetConfigurationAsync(StoreRegistry.Global, ask.Stop)));
        api.Get("/config/{subject}", ask => ReadConfigAsync(registry, ask, ask.Subject));
        api.Put("/config/{subject}", ask => WriteConfigAsync(registry, ask, ask.Subject));
        api.Delete("/config/{subject}", async ask => Level(await registry.ForgetConfigurationAsync(ask.Subject, ask.Stop)));

        api.Get("/mode", ask => ReadModeAsync(registry, ask, StoreRegistry.Global));
        api.Put("/mode", ask => WriteModeAsync(registry, ask, StoreRegistry.Global));
        api.Delete("/mode", async ask => Mode(await registry.ForgetModeAsync(StoreRegistry.Global, ask.Stop)));
        api.Get("/mode/{subject}", ask => ReadModeAsync(registry, ask, ask.Subject));
        api.Put("/mode/{subject}", ask => WriteModeAsync(registry, ask, ask.Subject));
        api.Delete("/mode/{subject}", async ask => Mode(await registry.ForgetModeAsync(ask.Subject, ask.Stop)));
    }

    static async Task<object> ReadConfigAsync(StoreRegistry registry, RegistryRequest ask, string subject)
    {
        var own = await registry.SettingAsync(subject, ask.Stop);
        if (subject != StoreRegistry.Global && !ask.Flag("defaultToGlobal"))
            return own is { Level: null, Normalize: null } ? throw RegistryErrors.NoCompatibility(subject) : Level(own);
        var whole = await registry.EffectiveSettingAsync(subject, ask.Stop);
        return Level(whole with { Normalize = whole.Normalize == true ? true : own.Normalize });
    }

    static async Task<object> WriteConfigAsync(StoreRegistry registry, RegistryRequest ask, string subject)
    {
        var body = await ask.BodyAsync(RegistryJson.Default.ConfigBody);
        if (body is { Compatibility: null, Normalize: null }) throw RegistryErrors.InvalidCompatibility();
        CompatibilityLevel? level = body.Compatibility is null ? null : RegistryWords.Level(body.Compatibility);
        await registry.ConfigureAsync(subject, level, body.Normalize, ask.Stop);
        return new ConfigAnswer(level?.Word(), body.Normalize);
    }

    static async Task<object> ReadModeAsync(StoreRegistry registry, RegistryRequest ask, string subject) =>
        subject == StoreRegistry.Global || ask.Flag("defaultToGlobal")
            ? Mode(await registry.EffectiveSettingAsync(subject, ask.Stop))
            : await registry.SettingAsync(subject, ask.Stop) is { Mode: not null } own ? Mode(own) : throw RegistryErrors.NoMode(subject);

    static async Task<object> WriteModeAsync(StoreRegistry registry, RegistryRequest ask, string subject)
    {
        var mode = RegistryWords.Mode((await ask.BodyAsync(RegistryJson.Default.ModeBody)).Mode);
        await registry.SetModeAsync(subject, mode, ask.Flag("force"), ask.Stop);
        return new ModeAnswer(mode.Word());
    }

    static LevelAnswer Level(SubjectSetting setting) => new(setting.Level?.Word(), setting.Normalize);

    static ModeAnswer Mode(SubjectSetting setting) => new((setting.Mode ?? RegistryMode.ReadWrite).Word());
}
