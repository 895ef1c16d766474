using CdcSync.EventLog.Registry;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.EventLog.Tests.Registry;

public sealed class RegistryConcurrencyTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_that_register_at_once_over_two_processes_agree()
    {
        var database = await postgres.NewDatabaseAsync("registry");
        // A small pool: a registration that holds the lock must not need a second connection.
        var pool = new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 2 }.ConnectionString;
        await using var one = NpgsqlDataSource.Create(pool);
        await using var other = NpgsqlDataSource.Create(pool);
        StoreRegistry[] registries = [await StoreRegistry.OpenAsync(one, Stop), new(other)];
        await registries[0].ConfigureAsync(StoreRegistry.Global, CompatibilityLevel.None, null, Stop);
        const int Schemas = 12;

        var seen = await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            var ids = new Dictionary<string, int>();
            // Each goes through the schemas from another place on, in two subjects of which one is shared by all.
            for (var i = 0; i < Schemas; i++)
                foreach (var subject in (string[])["shared", $"s{worker % 3}"])
                {
                    var size = (i + worker * 3) % Schemas + 1;
                    var text = $$"""{"type":"fixed","name":"F","size":{{size}}}""";
                    var id = await registries[worker % 2].RegisterAsync(subject, new RegisteredSchema(text), Stop);
                    Assert.True(ids.TryAdd(text, id) || ids[text] == id);
                }
            return ids;
        }));

        Assert.All(seen, ids => Assert.Equal(seen[0].OrderBy(p => p.Key, StringComparer.Ordinal), ids.OrderBy(p => p.Key, StringComparer.Ordinal)));
        Assert.Equal(Enumerable.Range(1, Schemas), seen[0].Values.Order());
        foreach (var subject in (string[])["shared", "s0", "s1", "s2"])
        {
            var versions = await registries[1].VersionsAsync(subject, Shown.All, Stop);
            Assert.Equal(Enumerable.Range(1, Schemas), versions.Select(v => v.Version));
            Assert.Equal(Schemas, versions.Select(v => v.Id).Distinct().Count());
        }
    }

    [Fact]
    public async Task Of_two_incompatible_successors_one_is_refused()
    {
        var database = await postgres.NewDatabaseAsync("registry");
        await using var store = NpgsqlDataSource.Create(database);
        var registry = await StoreRegistry.OpenAsync(store, Stop);
        await registry.RegisterAsync("s", new RegisteredSchema("\"int\""), Stop);
        var results = await Task.WhenAll(((string[])["\"float\"", "\"long\"", "\"double\""]).Select(async text =>
        {
            try
            {
                await new StoreRegistry(store).RegisterAsync("s", new RegisteredSchema(text), Stop);
                return true;
            }
            catch (SchemaRegistryException refused) when (refused.Code == 409)
            {
                return false;
            }
        }));
        // int <- long <- float <- double is the only order in which all fit; whatever happened, each version follows the one before it.
        var versions = await registry.VersionsAsync("s", Shown.Alive, Stop);
        Assert.Equal(results.Count(r => r) + 1, versions.Count);
        string[] order = ["\"int\"", "\"long\"", "\"float\"", "\"double\""];
        Assert.Equal(versions.Select(v => Array.IndexOf(order, v.Schema.Text)).Order(), versions.Select(v => Array.IndexOf(order, v.Schema.Text)));
    }
}
