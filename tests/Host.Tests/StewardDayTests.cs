using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using CdcSync.Servers;
using Npgsql;
using static CdcSync.Host.Tests.StewardRig;

namespace CdcSync.Host.Tests;

/// <summary>
/// A steward's day at a distributor that bought another: AdventureWorks' customers in one ERP, Tryton's parties in another, both captured and mapped as at a user's. Nobody labelled a pair.
/// </summary>
public sealed class StewardDayTests(TestPostgres postgres)
{
    string _tryton = "";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>
    /// The demo's parties live in other towns than AdventureWorks' stores. These were typed in anew when the firm was bought: four are stores of AdventureWorks written otherwise, two
    /// have a store's name and are none.
    /// </summary>
    static readonly (int Id, string Name, string Street, string City, string Postcode, string? Phone, string? Email)[] TypedAnew =
    [
        (9001, "Trusted Catalogue Store Inc", "9920 Picketts Line Rd", "Newport News", "23607", "+1 497 555 0147", "orders@trustedcatalog.example"),
        (9002, "WIDGET BICYCLE SPECIALSTS", "23456 Calumet Street", "Clearwater", "33755", "(954) 555-0145", null),
        (9003, "Thriling Bike Tours", "4660 Rodeo Rd", "Santa Fe", "87501", null, null),
        (9004, "Professional Cycle Shop", "Arcadia Crossing", "Phoenix", "85004", null, null),
        (9006, "Friendly Bike Shop", "12 Dock St", "Fresno", "93721", "+1 510 555 0199", null),
        (9007, "Sturdy Toys", "Outlet Center 4", "Gilroy", "95020", "555 000 1234", null),
    ];

    [Fact]
    public async Task Find_compare_decide_undo_and_see_why_on_two_ERPs()
    {
        await using var rig = await StartAsync();
        await FoundByItselfAsync(rig);
        await FindAsync(rig);
        // Typed in while all runs: bikes/200 moved, or another shop has its phone.
        await TypeInAsync(_tryton, 9005, "Basic Bikes Company", "12 Harbour Road", "Port Orchard", "98366", "170 555 0189", null);
        await UntilAsync(async () => await rig.CountAsync("select count(*) from mdm.review") == 2);
        await CompareAsync(rig);
        await DecideAndUndoAsync(rig);
        await SeeWhyAsync(rig);
        // What came by and by, with a person's word in between, is what all records at once come to.
        var (_, rebuilt) = await rig.CommandAsync("mdm", "rebuild", "--dry-run");
        Assert.Equal(0, rebuilt.Single(r => r.GetProperty("kind").GetString() == "customer").GetProperty("moved").GetInt64());
        Assert.DoesNotContain(rig.Logged, l => TypedAnew.Any(t => l.Contains(t.Name, StringComparison.OrdinalIgnoreCase) || l.Contains(t.Street, StringComparison.OrdinalIgnoreCase)));
    }

    // What is written otherwise found its store, without a question; who only has a store's name did not.
    static async Task FoundByItselfAsync(StewardRig rig)
    {
        foreach (var (party, store) in new[] { ("erp/9001", "bikes/17"), ("erp/9002", "bikes/153"), ("erp/9003", "bikes/186"), ("erp/9004", "bikes/437") })
        {
            var why = (await rig.AskAsync(Viewer, $"/mdm/customer/explanation/{party}")).Body;
            // The store is twice in its own ERP: once as such, once with the buyer.
            Assert.Equal(3, why.GetProperty("members").GetArrayLength());
            Assert.Contains(store, Keys(why.GetProperty("members")));
            // Which of the two comes first depends on which arrived first.
            Assert.Contains(why.GetProperty("likenesses").EnumerateArray(), l => l.GetProperty("verdict").GetString() == "together" && new[] { party, store }.Order().SequenceEqual(new[] { Key(l.GetProperty("one")), Key(l.GetProperty("other")) }.Order()));
        }
        foreach (var alone in new[] { "erp/9006", "erp/9007" })
            Assert.Single((await rig.AskAsync(Viewer, $"/mdm/customer/explanation/{alone}")).Body.GetProperty("members").EnumerateArray());
    }

    // Of three shops of one name, twice in their ERP each, and two builders: which is which must be seen.
    static async Task FindAsync(StewardRig rig)
    {
        var shops = await rig.SayAsync("mdm", "search", "customer", "friendly", "bike", "shop");
        foreach (var place in new[] { "750 Lakeway Dr, 98225 Bellingham, US", "Port Huron, 48060 Port Huron, US", "12 Dock St, 93721 Fresno, US" }) Assert.Contains(place, shops, StringComparison.Ordinal);
        var builders = (await rig.AskAsync(Viewer, "/mdm/customer/search?q=juniper%20builders")).Body.EnumerateArray().ToList();
        Assert.Equal(["5762 Dock St, 95814 Sacramento, US", "6312 Third St, 93721 Fresno, US"], builders.Select(b => b.GetProperty("about").GetString()).Order());
        Assert.StartsWith("GOLDEN", shops, StringComparison.Ordinal);
        Assert.Contains("No customer has words", await rig.SayAsync("mdm", "search", "customer", "zyzzyva"), StringComparison.Ordinal);
    }

    static async Task CompareAsync(StewardRig rig)
    {
        var queue = await rig.SayAsync("mdm", "queue", "customer");
        Assert.Contains("Basic Bikes Company", queue, StringComparison.Ordinal);
        Assert.Contains("12 Harbour Road, 98366 Port Orchard, US", queue, StringComparison.Ordinal);
        Assert.Contains("--why TEXT", queue, StringComparison.Ordinal);
        Assert.Equal("No questions", (await rig.SayAsync("mdm", "queue", "customer", "--reason", "conflict")).Trim());

        var near = (await rig.AskAsync(Viewer, "/mdm/customer/candidates/erp/9005")).Body.EnumerateArray().ToList();
        Assert.Equal(["bikes/200", "bikes/29890"], near.Select(c => Key(c.GetProperty("record"))).Order());
        var waterfall = near[0].GetProperty("likeness");
        Assert.InRange(waterfall.GetProperty("probability").GetDouble(), 0.5, 0.99);
        var steps = waterfall.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(waterfall.GetProperty("bits").GetDouble(), steps.Sum(s => s.GetProperty("bits").GetDouble()), 0.01);
        double Bits(string field) => steps.First(s => s.GetProperty("field").GetString() == field).GetProperty("bits").GetDouble();
        Assert.True(Bits("phone") > 0 && Bits("town") > 0 && Bits("street") < 0);

        // What nobody asks about has its reasons too.
        Assert.Empty((await rig.AskAsync(Viewer, "/mdm/customer/candidates/erp/9007")).Body.EnumerateArray());
        var unlike = await rig.SayAsync("mdm", "compare", "customer", "erp/9007", "bikes/385");
        Assert.Contains("unlike", unlike, StringComparison.Ordinal);
        Assert.Contains("phone: ", unlike, StringComparison.Ordinal);
        var compared = (await rig.AskAsync(Viewer, "/mdm/customer/comparison/erp/9001?with=bikes/17")).Body;
        Assert.Equal(("together", "Trusted Catalog Store"), (compared.GetProperty("likeness").GetProperty("verdict").GetString(), compared.GetProperty("other").GetProperty("name").GetString()));
        Assert.Equal(404, (await rig.AskAsync(Viewer, "/mdm/customer/comparison/erp/9001?with=bikes/0")).Status);
        Assert.Equal(400, (await rig.AskAsync(Viewer, "/mdm/customer/comparison/erp/9001?with=erp/9001")).Status);
        Assert.Equal(400, (await rig.AskAsync(Viewer, "/mdm/customer/comparison/erp/9001")).Status);
    }

    // Both of the shop's records are doubtful, which is one question. By commands they are the same; taken back, it is asked again; over HTTP they are two.
    static async Task DecideAndUndoAsync(StewardRig rig)
    {
        async Task<List<string>> AskedAsync() => [.. (await rig.AskAsync(Viewer, "/mdm/customer/queue")).Body.EnumerateArray().Where(q => Key(q.GetProperty("other").GetProperty("key")) == "erp/9005").Select(q => Key(q.GetProperty("one").GetProperty("key")))];
        Assert.Contains(Assert.Single(await AskedAsync()), (string[])["bikes/200", "bikes/29890"]);
        var said = await rig.SayAsync("mdm", "decide", "same", "customer", "bikes/200", "erp/9005", "--why", "moved to the harbour", "--by", "ann");
        var act = long.Parse(said.Split(':')[0]["Act ".Length..], CultureInfo.InvariantCulture);
        Assert.Contains($"cdcsync mdm undo {act} --why TEXT", said, StringComparison.Ordinal);
        Assert.Contains("erp/9005 came from C", said, StringComparison.Ordinal);
        Assert.Empty(await AskedAsync());
        Assert.Contains($"decided (act {act}): bikes/200 and erp/9005 are the same", await rig.SayAsync("mdm", "explain", "customer", "bikes/29890"), StringComparison.Ordinal);
        Assert.Contains("not erp/9005", await rig.SayAsync("mdm", "why", "customer", "erp/9005", "name"), StringComparison.Ordinal);

        Assert.Equal(Cli.ExitCode.Done, (await rig.CommandAsync("mdm", "undo", $"{act}", "--why", "another shop", "--by", "bob")).Code);
        Assert.Contains(Assert.Single(await AskedAsync()), (string[])["bikes/200", "bikes/29890"]);
        var (status, distinct, _) = await rig.AskAsync(Ann, "/mdm/customer/decisions/distinct", new { one = "bikes/200", other = "erp/9005", why = "the shop that took over the phone" });
        Assert.Equal(201, status);
        Assert.Empty(await AskedAsync());
        var history = await rig.SayAsync("mdm", "history", "customer", "erp/9005");
        Assert.Equal(["distinct  by ann", "undo  by bob", "same  by ann"], history.Split('\n').Where(l => l.Contains("customer", StringComparison.Ordinal)).Select(l => l.Split("customer ")[1].Split("  (")[0].Trim()));
        Assert.Contains("moved to the harbour", history, StringComparison.Ordinal);
        Assert.Equal(409, (await rig.AskAsync(Bob, "/mdm/customer/decisions/same", new { one = "erp/9005", other = "bikes/200", why = "again" })).Status);
        Assert.True(distinct.GetProperty("act").GetInt64() > act);
    }

    static async Task SeeWhyAsync(StewardRig rig)
    {
        Assert.Contains("not erp/9001", await rig.SayAsync("mdm", "why", "customer", "erp/9001", "name"), StringComparison.Ordinal);
        var golden = (await rig.AskAsync(Viewer, "/mdm/customer/records/erp/9001")).Body.GetProperty("goldenId").GetString();
        var values = (await rig.AskAsync(Viewer, $"/mdm/customer/golden/{golden}/values")).Body.GetProperty("values").EnumerateArray().ToList();
        var name = values.Single(v => v.GetProperty("attribute").GetString() == "name");
        Assert.Equal(("Trusted Catalog Store", "trust"), (name.GetProperty("value").GetString(), name.GetProperty("by").GetString()));
    }

    static string Key(JsonElement key) => $"{key.GetProperty("source").GetString()}/{key.GetProperty("id").GetString()}";

    static IEnumerable<string> Keys(JsonElement members) => members.EnumerateArray().Select(m => Key(m.GetProperty("key")));

    async Task<StewardRig> StartAsync()
    {
        var (bikes, tryton) = (await postgres.NewDatabaseAsync("bikes"), await postgres.NewDatabaseAsync("tryton"));
        _tryton = tryton;
        var restored = RestoreAsync(tryton);
        var customers = await AdventureWorks.LoadAsync(bikes, Stop);
        await restored;
        foreach (var database in new[] { bikes, tryton })
            await TestPostgres.ExecuteAsync(database, "do $$ declare t regclass; begin for t in select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop execute format('alter table %s replica identity full', t); end loop; end $$");
        foreach (var (id, name, street, city, postcode, phone, email) in TypedAnew) await TypeInAsync(tryton, id, name, street, city, postcode, phone, email);
        // Tryton's own firm and those who only ever sold to it are no customers.
        await using (var source = NpgsqlDataSource.Create(tryton))
        await using (var parties = source.CreateCommand("select count(*) from party_party where id not in (select party from company_company) and (id in (select party from sale_sale) or id not in (select party from purchase_purchase))"))
            customers += (int)(long)(await parties.ExecuteScalarAsync(Stop))!;
        var shipped = (await File.ReadAllTextAsync(Path.Combine(Needs.Root, "deploy/tryton/cdcsync.yaml"), Stop)).Replace("store: ${CDCSYNC_STORE}", "", StringComparison.Ordinal).Replace("${TRYTON_CONNECTION}", tryton, StringComparison.Ordinal);
        // Likeness is learnt when the last customer is there: the scores are the same at each run.
        var rig = await StewardRig.StartAsync(postgres, tokens: true, ["capture", "mdm"], shipped, $"{AdventureWorks.Settings(bikes)}\nmdm: {{ sources: [bikes, erp], learn_from: {customers.ToString(CultureInfo.InvariantCulture)} }}\n");
        await UntilAsync(async () => await rig.CountAsync("select count(*) from mdm.record where kind = 'customer' and golden_id is not null") == customers);
        await UntilAsync(async () => await rig.CountAsync("select count(*) from mdm.model where kind = 'customer'") == 1);
        await UntilAsync(async () => await rig.CountAsync("select count(*) from mdm.outbox") == 0);
        Assert.Contains($"learnt from {customers:N0} records", await rig.SayAsync("mdm", "weights", "customer"), StringComparison.Ordinal);
        return rig;
    }

    static Task TypeInAsync(string tryton, int id, string name, string street, string city, string postcode, string? phone, string? email)
    {
        static string Text(string? text) => text is null ? "null" : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
        return TestPostgres.ExecuteAsync(tryton, $"""
            insert into party_party (id, active, code, name) values ({id}, true, 'C0{id}', {Text(name)});
            insert into party_address (active, party, street, city, postal_code, country) values (true, {id}, {Text(street)}, {Text(city)}, {Text(postcode)}, 1);
            insert into party_contact_mechanism (active, party, type, value) select true, {id}, type, value from (values ('phone', {Text(phone)}), ('email', {Text(email)})) m (type, value) where value is not null
            """);
    }

    static async Task RestoreAsync(string connection)
    {
        var dump = Needs.Shared("data", "tryton_demo.sql.gz");
        var to = new NpgsqlConnectionStringBuilder(connection);
        using var psql = Process.Start(new ProcessStartInfo("psql", ["-qX", "-v", "ON_ERROR_STOP=1", "-d", $"postgresql://{to.Username}@{to.Host}:{to.Port}/{to.Database}"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var said = psql.StandardOutput.ReadToEndAsync(Stop);
        await using (var zipped = new GZipStream(File.OpenRead(dump), CompressionMode.Decompress))
        await using (var input = psql.StandardInput) await zipped.CopyToAsync(input.BaseStream, Stop);
        await said;
        await psql.WaitForExitAsync(Stop);
        Assert.Equal(0, psql.ExitCode);
    }
}
