using System.Diagnostics;
using System.Net;
using System.Text.Json;
using CdcSync.Demo;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Host.Tests;

/// <summary>The executable as its users start it.</summary>
public sealed class ServiceTests(TestPostgres postgres) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("cdcsync-service-").FullName;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "cdcsync.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await output + await errors);
    }

    async Task<(string Config, string Source, string Http)> ConfigureAsync(string query)
    {
        var (store, source, target) = (await postgres.NewDatabaseAsync("store"), await postgres.NewDatabaseAsync("src"), await postgres.NewDatabaseAsync("dst"));
        await TestPostgres.ExecuteAsync(source, "create table party(id int primary key, name text not null); create table tag(id int primary key, party int, word text); insert into party values (1, 'Ada'), (2, 'Bob')");
        var (http, registry) = ($"127.0.0.1:{PrivatePostgres.FreePort()}", $"127.0.0.1:{PrivatePostgres.FreePort()}");
        var config = Path.Combine(_folder, "cdcsync.yaml");
        var name = $"s{Guid.NewGuid():n}"[..12];
        await File.WriteAllTextAsync(config, $$"""
            store: {{store}}
            http: { listen: "{{http}}" }
            registry: { listen: "{{registry}}" }
            sources:
              - { name: {{name}}, kind: postgres, connection: "{{source}}" }
            canonical:
              - object: customer
                source: {{name}}
                key: party.id
                query: {{query}}
                affected_by: { tag: party }
            sinks:
              - name: dw
                kind: tables
                objects: { customer: canonical }
                target: { connection: "{{target}}" }
            reconcile:
              - { name: all, object: customer, sink: dw, reread_after: 200ms, reports: "{{_folder}}/reports" }
            """, Stop);
        return (config, source, http);
    }

    // Whatever host a request names: behind a proxy it is another.
    static async Task OnlyTheRegistryAnswersThereAsync(string config, string http)
    {
        var registry = (await File.ReadAllLinesAsync(config, Stop)).Single(l => l.StartsWith("registry:", StringComparison.Ordinal)).Split('"')[1];
        using var client = new HttpClient();
        foreach (var (address, path, status) in new (string, string, HttpStatusCode)[] { (registry, "subjects", HttpStatusCode.OK), (registry, "status", HttpStatusCode.NotFound), (http, "subjects", HttpStatusCode.NotFound) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{address}/{path}") { Headers = { Host = "cdcsync.example" } };
            using var answer = await client.SendAsync(request, Stop);
            Assert.Equal(status, answer.StatusCode);
        }
    }

    const string Query = "select p.id, p.name from party p where p.id = any(@keys)";

    [Fact]
    public async Task A_service_is_ready_carries_changes_and_stops_within_ten_seconds()
    {
        var (config, source, http) = await ConfigureAsync(Query);
        using var service = Start("run", "-c", config);
        var output = service.StandardOutput.ReadToEndAsync(Stop);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{http}") };
        await Eventually(async () => (await client.GetAsync("/ready", Stop)).StatusCode == HttpStatusCode.OK);
        await TestPostgres.ExecuteAsync(source, "insert into party values (3, 'Cleo'); delete from party where id = 1");
        await Eventually(async () => (await client.GetStringAsync("/metrics", Stop)).Contains("cdcsync_capture_changes_total", StringComparison.Ordinal));
        Assert.Equal("ok\n", await client.GetStringAsync("/health", Stop));
        await OnlyTheRegistryAnswersThereAsync(config, http);
        await Eventually(async () => (await RunAsync("reconcile", "-c", config, "--json")) is (0, var report) && report.Contains("\"sourceRecords\":2", StringComparison.Ordinal));
        var (code, status) = await RunAsync("status", "-c", config, "--json");
        Assert.Equal(0, code);
        Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(status).RootElement.GetProperty("roles").ValueKind);
        var compared = Assert.Single(JsonDocument.Parse(status).RootElement.GetProperty("comparisons").EnumerateArray());
        Assert.Equal(("agree", 0), (compared.GetProperty("outcome").GetString(), compared.GetProperty("left").GetInt32()));
        Assert.Contains("COMPARISON", (await RunAsync("status", "-c", config)).Output, StringComparison.Ordinal);
        var (tailed, records) = await RunAsync("tail", "-c", config, "canonical.customer");
        Assert.Equal(0, tailed);
        Assert.Contains("Cleo", records, StringComparison.Ordinal);

        var since = Stopwatch.StartNew();
        using (Process.Start("kill", ["-TERM", service.Id.ToString()])) await service.WaitForExitAsync(Stop);
        Assert.True(since.Elapsed < TimeSpan.FromSeconds(10), $"it took {since.Elapsed}");
        Assert.Equal(0, service.ExitCode);
        Assert.Contains("Stopped cleanly", await output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_says_what_would_fail_later_with_the_sql_that_mends_it()
    {
        var (config, source, _) = await ConfigureAsync(Query);
        var (code, output) = await RunAsync("check", "-c", config);
        Assert.Equal(3, code);
        Assert.Contains("alter table \"public\".\"tag\" replica identity full;", output, StringComparison.Ordinal);
        await TestPostgres.ExecuteAsync(source, "alter table tag replica identity full");
        (code, output) = await RunAsync("check", "-c", config);
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Enable_prints_and_changes_nothing_until_told_to_apply_and_disable_takes_it_back()
    {
        var (config, source, _) = await ConfigureAsync(Query);
        var admin = Path.Combine(_folder, "admin");
        await File.WriteAllTextAsync(admin, source + "\n", Stop);
        var (code, printed) = await RunAsync("enable", "-c", config);
        Assert.True(code == 0, printed);
        Assert.Contains("alter table \"public\".\"tag\" replica identity full;", printed, StringComparison.Ordinal);
        Assert.Contains("create publication", printed, StringComparison.Ordinal);
        Assert.Equal(printed, (await RunAsync("enable", "-c", config, "--print")).Output);
        Assert.Equal(2, (await RunAsync("enable", "-c", config, "--apply", "--admin-env", "CDCSYNC_NOBODY_SET_THIS")).Code);
        var (applied, shown) = await RunAsync("enable", "-c", config, "--apply", "--admin-file", admin, "--json");
        Assert.True(applied == 0, shown);
        Assert.All(shown.TrimEnd().Split('\n'), line => JsonDocument.Parse(line));
        Assert.Contains("\"ran\":true", shown, StringComparison.Ordinal);
        Assert.Contains("nothing left to do", (await RunAsync("enable", "-c", config)).Output, StringComparison.Ordinal);
        (code, shown) = await RunAsync("disable", "-c", config, "--apply", "--admin-file", admin);
        Assert.True(code == 0, shown);
        Assert.Contains("drop publication", shown, StringComparison.Ordinal);
        Assert.Contains("create publication", (await RunAsync("enable", "-c", config)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mapping_that_stands_still_is_seen_everywhere_and_goes_on_when_mended()
    {
        var (config, source, http) = await ConfigureAsync(Query);
        using var service = Start("run", "-c", config);
        _ = service.StandardOutput.ReadToEndAsync(Stop);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{http}") };
        await Eventually(async () => (await client.GetAsync("/ready", Stop)).StatusCode == HttpStatusCode.OK && (await RunAsync("reconcile", "-c", config)).Code == 0);
        await TestPostgres.ExecuteAsync(source, "alter table party alter name drop not null; alter table party rename name to nom; insert into party values (3, 'Cleo')");
        await Eventually(async () => (await client.GetAsync("/ready", Stop)).StatusCode == HttpStatusCode.ServiceUnavailable);
        var ready = await (await client.GetAsync("/ready", Stop)).Content.ReadAsStringAsync(Stop);
        Assert.True(ready.Contains(".customer", StringComparison.Ordinal), ready);
        Assert.Matches(@"cdcsync_capture_mapping_stopped\{[^}]*customer[^}]*\} 1", await client.GetStringAsync("/metrics", Stop));
        Assert.Contains("MAPPING THAT STANDS STILL", (await RunAsync("status", "-c", config)).Output, StringComparison.Ordinal);
        await TestPostgres.ExecuteAsync(source, "delete from party where id = 1; alter table party rename nom to name");
        await Eventually(async () => (await client.GetAsync("/ready", Stop)).StatusCode == HttpStatusCode.OK && (await RunAsync("reconcile", "-c", config)).Code == 0);
        Assert.Matches(@"cdcsync_capture_mapping_stopped\{[^}]*customer[^}]*\} 0", await client.GetStringAsync("/metrics", Stop));
        service.Kill();
        await service.WaitForExitAsync(Stop);
    }

    [Fact]
    public async Task A_table_and_a_source_wait_and_go_on_by_command_and_by_http_and_status_says_who_wanted_it()
    {
        var (config, source, http) = await ConfigureAsync(Query);
        var name = (await File.ReadAllLinesAsync(config, Stop)).Single(l => l.Contains("kind: postgres", StringComparison.Ordinal)).Split("name: ")[1].Split(',')[0];
        using var service = Start("run", "-c", config);
        _ = service.StandardOutput.ReadToEndAsync(Stop);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{http}") };
        await Eventually(async () => (await client.GetAsync("/ready", Stop)).StatusCode == HttpStatusCode.OK && (await RunAsync("reconcile", "-c", config)).Code == 0);
        Assert.Contains("did you mean 'public.party'", (await RunAsync("pause", "-c", config, name, "public.prty")).Output, StringComparison.Ordinal);
        var (code, output) = await RunAsync("pause", "-c", config, name, "public.party", "--why", "bulk load", "--by", "ann");
        Assert.True(code == 0, output);
        await Eventually(async () => (await client.GetStringAsync("/metrics", Stop)).Contains($"cdcsync_capture_paused{{source=\"{name}\",table=\"public.party\"}} 1", StringComparison.Ordinal));
        await TestPostgres.ExecuteAsync(source, "insert into party values (3, 'Cleo'); delete from party where id = 1");
        await Eventually(async () => (await RunAsync("status", "-c", config)).Output is var status && status.Contains("bulk load", StringComparison.Ordinal) && status.Contains("ann", StringComparison.Ordinal)
            && status.Split('\n').Any(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "public.party", "ann", _, "3", ..] or [_, "public.party", "ann", _, _, "3", ..]));
        using (var answer = await client.PostAsync($"/sources/{name}/pause", new StringContent("""{"why":"night run"}"""), Stop)) Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await Eventually(async () => JsonDocument.Parse(await client.GetStringAsync("/status", Stop)).RootElement.GetProperty("sources")[0] is var line
            && line.GetProperty("state").GetString() == "paused" && line.GetProperty("paused").GetArrayLength() == 2 && line.GetProperty("retention") is { ValueKind: JsonValueKind.Object } kept && kept.GetProperty("heldBytes").GetInt64() >= 0);
        using (var answer = await client.PostAsync($"/sources/{name}/resume", new StringContent(""), Stop)) Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(0, (await RunAsync("resume", "-c", config, name, "public.party")).Code);
        Assert.Equal(2, (await RunAsync("resume", "-c", config, name, "public.party")).Code);
        await Eventually(async () => (await RunAsync("reconcile", "-c", config)).Code == 0 && (await RunAsync("tail", "-c", config, "canonical.customer")).Output.Contains("Cleo", StringComparison.Ordinal));
        await Eventually(async () => JsonDocument.Parse(await client.GetStringAsync("/status", Stop)).RootElement.GetProperty("sources")[0].GetProperty("paused").GetArrayLength() == 0);
        service.Kill();
        await service.WaitForExitAsync(Stop);
    }

    [Fact]
    public async Task A_snapshot_that_waits_for_its_load_budget_is_seen_in_status_with_the_limit_and_since_when()
    {
        var (config, source, http) = await ConfigureAsync(Query);
        await TestPostgres.ExecuteAsync(source, "insert into party select g, 'p' || g from generate_series(3, 400) g");
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config, Stop)).Replace("kind: postgres, ", "kind: postgres, load: { rows_per_second: 20 }, ", StringComparison.Ordinal), Stop);
        var before = TimeProvider.System.GetUtcNow();
        using var service = Start("run", "-c", config);
        _ = service.StandardOutput.ReadToEndAsync(Stop);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{http}") };
        var seen = "";
        await Eventually(async () => (seen = (await RunAsync("status", "-c", config)).Output).Contains("SNAPSHOT WAITS FOR ITS LOAD BUDGET", StringComparison.Ordinal));
        Assert.Contains("rows_per_second: 20", seen, StringComparison.Ordinal);
        var waits = JsonDocument.Parse(await client.GetStringAsync("/status", Stop)).RootElement.GetProperty("sources")[0].GetProperty("waits");
        Assert.Equal("rows_per_second", waits.GetProperty("limit").GetString());
        Assert.InRange(waits.GetProperty("since").GetDateTimeOffset(), before, TimeProvider.System.GetUtcNow());
        service.Kill();
        await service.WaitForExitAsync(Stop);
    }

    [Fact]
    public async Task A_column_that_is_no_field_is_named_with_the_nearest_one()
    {
        var (config, _, _) = await ConfigureAsync("select p.id, p.name as nmae from party p where p.id = any(@keys)");
        var (code, output) = await RunAsync("check", "-c", config);
        Assert.Equal(3, code);
        Assert.Contains("no field 'nmae'; did you mean 'name'?", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Differences_at_the_target_are_an_exit_code_and_are_repaired()
    {
        var (config, _, http) = await ConfigureAsync(Query);
        using var service = Start("run", "-c", config);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{http}") };
        _ = service.StandardOutput.ReadToEndAsync(Stop);
        await Eventually(async () => (await RunAsync("reconcile", "-c", config)).Code == 0);
        var target = (await File.ReadAllLinesAsync(config, Stop)).Single(l => l.Contains("target:", StringComparison.Ordinal)).Split('"')[1];
        await TestPostgres.ExecuteAsync(target, "update customer set name = 'Eve' where source_id = '1'; delete from customer where source_id = '2'");
        Assert.Equal(3, (await RunAsync("reconcile", "-c", config)).Code);
        Assert.Equal(3, (await RunAsync("reconcile", "-c", config, "--repair", "--dry-run", "--force")).Code);
        var (code, output) = await RunAsync("reconcile", "-c", config, "--repair", "--force");
        Assert.True(code == 0, output);
        Assert.Equal(0, (await RunAsync("reconcile", "-c", config)).Code);
        service.Kill();
        await service.WaitForExitAsync(Stop);
    }

    [Theory]
    [InlineData("run", "--role", "captain")]
    [InlineData("status", "-c", "/nowhere.yaml")]
    [InlineData("staus")]
    [InlineData("run", "--rol", "mdm")]
    [InlineData("deadletters", "show", "first")]
    public async Task What_cannot_be_asked_for_is_exit_code_2(params string[] arguments)
    {
        var (code, output) = await RunAsync(arguments);
        Assert.True(code == 2, output);
    }

    [Fact]
    public async Task The_demo_ends_with_both_sides_equal()
    {
        var (code, output) = await RunAsync("demo", "--json", "--seconds", "6");
        Assert.True(code == 0, output);
        var counts = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal(0, counts.GetProperty("differences").GetInt64());
        Assert.InRange(counts.GetProperty("merged").GetInt64(), 2000, 3000);
        Assert.True(counts.GetProperty("captured").GetInt64() > 30_000);
        Assert.True(counts.GetProperty("delivered").GetInt64() > 15_000);
    }

    static async Task Eventually(Func<Task<bool>> holds)
    {
        for (var tries = 0; tries < 120; tries++)
        {
            try
            {
                if (await holds()) return;
            }
            catch (Exception notYet) when (notYet is HttpRequestException or NpgsqlException)
            {
                // Not up yet.
            }
            await Task.Delay(500, Stop);
        }
        Assert.Fail("It did not come true within a minute");
    }
}
