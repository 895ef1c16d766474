namespace CdcSync.EventLog.Registry;

/// <summary>Subjects, their versions, and what may follow them.</summary>
static class SubjectEndpoints
{
    public static void Map(RegistryRoutes api, StoreRegistry registry)
    {
        api.Get("/subjects", async ask => ask.Page(await registry.SubjectsAsync(ask.Text("subjectPrefix"), ask.Shown, ask.Stop)).ToArray());
        api.Post("/subjects/{subject}", ask => FindAsync(registry, ask));
        api.Delete("/subjects/{subject}", async ask => (await registry.DeleteSubjectAsync(ask.Subject, ask.Flag("permanent"), ask.Stop)).ToArray());

        api.Get("/subjects/{subject}/versions", async ask => ask.Page((await registry.VersionsAsync(ask.Subject, ask.Shown, ask.Stop)).Select(v => v.Version)).ToArray());
        api.Post("/subjects/{subject}/versions", ask => RegisterAsync(registry, ask));
        api.Get("/subjects/{subject}/versions/{version}", async ask => Answer(await VersionAsync(registry, ask)));
        api.Delete("/subjects/{subject}/versions/{version}", async ask => await registry.DeleteVersionAsync(ask.Subject, ask.Version, ask.Flag("permanent"), ask.Stop));
        api.Get("/subjects/{subject}/versions/{version}/schema", async ask => new RawAnswer((await VersionAsync(registry, ask)).Schema.Text));
        api.Get("/subjects/{subject}/versions/{version}/referencedby", async ask => (await registry.ReferrersAsync(ask.Subject, ask.Version, ask.Stop)).ToArray());

        api.Post("/compatibility/subjects/{subject}/versions", ask => CheckAsync(registry, ask, null));
        api.Post("/compatibility/subjects/{subject}/versions/{version}", ask => CheckAsync(registry, ask, ask.Version));
    }

    public static VersionAnswer Answer(StoredVersion version) => new(
        version.Subject, version.Version, version.Id, version.Schema.Text, References(version.Schema), version.Deleted ? true : null);

    /// <summary>References as the API shows them: not at all when there are none.</summary>
    public static IReadOnlyList<SchemaReference>? References(RegisteredSchema schema) => schema.References is { Count: > 0 } some ? some : null;

    static Task<StoredVersion> VersionAsync(StoreRegistry registry, RegistryRequest ask) =>
        registry.VersionAsync(ask.Subject, ask.Version, ask.Flag("deleted") ? Shown.All : Shown.Alive, ask.Stop);

    static async Task<object> RegisterAsync(StoreRegistry registry, RegistryRequest ask)
    {
        var body = await ask.BodyAsync(RegistryJson.Default.SchemaBody);
        var made = await registry.RegisterAsync(
            new Registration(ask.Subject, body.Understood(), ask.Flag("normalize"), body.Id is >= 0 ? body.Id : null, body.Version is > 0 ? body.Version : null), ask.Stop);
        return new IdAnswer(made.Id);
    }

    static async Task<object> FindAsync(StoreRegistry registry, RegistryRequest ask)
    {
        var body = await ask.BodyAsync(RegistryJson.Default.SchemaBody);
        var (subject, deleted) = (ask.Subject, ask.Flag("deleted"));
        await registry.VersionsAsync(subject, deleted ? Shown.All : Shown.Alive, ask.Stop);   // 40401 comes before 40403
        return Answer(await registry.FindAsync(subject, body.Understood(), ask.Flag("normalize"), deleted, ask.Stop) ?? throw RegistryErrors.SchemaNotFound());
    }

    static async Task<object> CheckAsync(StoreRegistry registry, RegistryRequest ask, VersionName? against)
    {
        var body = await ask.BodyAsync(RegistryJson.Default.SchemaBody);
        var messages = await registry.ExplainAsync(ask.Subject, against, body.Understood(), ask.Flag("normalize"), ask.Stop);
        return new CompatibilityAnswer(messages.Count == 0, ask.Flag("verbose") ? messages : null);
    }
}
