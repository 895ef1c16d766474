using System.Reflection;

namespace CdcSync.EventLog.Registry;

/// <summary>Schemas by id, and what the registry says of itself.</summary>
static class SchemaEndpoints
{
    static readonly string Version = typeof(SchemaEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
    static readonly string[] Types = ["AVRO"];
    static readonly string[] Contexts = ["."];

    public static void Map(RegistryRoutes api, StoreRegistry registry)
    {
        api.Get("/schemas", async ask => ask.Page(Latest(await registry.ListAsync(ask.Text("subjectPrefix"), ask.Shown, ask.Stop), ask)).Select(SubjectEndpoints.Answer).ToArray());
        api.Get("/schemas/types", _ => Answer(Types));
        api.Get("/schemas/ids/{id}", async ask =>
        {
            var schema = (await PlacesAsync(registry, ask))[0].Schema;
            return new SchemaAnswer(schema.Text, SubjectEndpoints.References(schema), ask.Flag("fetchMaxId") ? await registry.LastIdAsync(ask.Stop) : null);
        });
        api.Get("/schemas/ids/{id}/schema", async ask => new RawAnswer((await PlacesAsync(registry, ask))[0].Schema.Text));
        api.Get("/schemas/ids/{id}/subjects", async ask => (await ShownPlacesAsync(registry, ask)).Select(v => v.Subject).Distinct().ToArray());
        api.Get("/schemas/ids/{id}/versions", async ask => (await ShownPlacesAsync(registry, ask)).Select(v => new PlaceAnswer(v.Subject, v.Version)).ToArray());
        api.Get("/contexts", _ => Answer(Contexts));
        api.Get("/v1/metadata/id", _ => Answer(new ClusterAnswer("", new([], new Dictionary<string, string> { ["schema-registry-cluster"] = "cdcsync" }))));
        api.Get("/v1/metadata/version", _ => Answer(new MetadataAnswer(Version, "")));
        api.Get("/", _ => Answer(new RawAnswer("{}")));
    }

    /// <summary>Every version with the id: there is one at least.</summary>
    static async Task<IReadOnlyList<StoredVersion>> PlacesAsync(StoreRegistry registry, RegistryRequest ask) =>
        await registry.PlacesAsync(ask.Id, ask.Stop) is { Count: > 0 } places ? places : throw RegistryErrors.SchemaNotFound(ask.Id);

    static async Task<IEnumerable<StoredVersion>> ShownPlacesAsync(StoreRegistry registry, RegistryRequest ask)
    {
        var subject = ask.Text("subject");
        return ask.Page((await PlacesAsync(registry, ask)).Where(v => (ask.Flag("deleted") || !v.Deleted) && (subject.Length == 0 || v.Subject == subject)));
    }

    static IEnumerable<StoredVersion> Latest(IReadOnlyList<StoredVersion> versions, RegistryRequest ask) =>
        ask.Flag("latestOnly") ? versions.GroupBy(v => v.Subject).Select(s => s.Last()) : versions;

    static Task<object> Answer(object value) => Task.FromResult(value);
}
