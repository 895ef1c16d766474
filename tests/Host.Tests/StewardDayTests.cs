using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using CdcSync.Servers;
using Npgsql;
using static CdcSync.Host.Tests.StewardRig;

namespace CdcSync.Host.Tests;

/// <summary>
/// A steward's day at a distributor that bought another: AdventureWorks' customers in one ERP, Tryton's parties in another, both captured and mapped as at a user's. Nobody labelled a pair.
/// </summary>
public sealed class StewardDayTests(TestPostgres postgres, ITestOutputHelper output)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>
    /// The demo's parties live in other towns than AdventureWorks' stores. These were typed in anew when the firm was bought: the first three are stores of AdventureWorks written otherwise,
    /// then two that could be, and one that has a store's name and is none.
    /// </summary>
    static readonly (int Id, string Name, string Street, string City, string Postcode, string? Phone, string? Email)[] TypedAnew =
    [
        (9001, "Trusted Catalogue Store Inc", "9920 Picketts Line Rd", "Newport News", "23607", "+1 497 555 0147", "orders@trustedcatalog.example"),
        (9002, "WIDGET BICYCLE SPECIALSTS", "23456 Calumet Street", "Clearwater", "33755", "(954) 555-0145", null),
        (9003, "Thriling Bike Tours", "4660 Rodeo Rd", "Santa Fe", "87501", null, null),
        (9004, "Better Bikes", "PO Box 118", "Austell", "30106", null, null),
        (9005, "Professional Cycle Shop", "Arcadia Crossing", "Phoenix", "85004", null, null),
        (9006, "Friendly Bike Shop", "12 Dock St", "Fresno", "93721", "+1 510 555 0199", null),
    ];

    [Fact]
    public async Task Find_compare_decide_undo_and_see_why_on_two_ERPs()
    {
        await using var rig = await StartAsync();
        output.WriteLine(await rig.SayAsync("mdm", "weights", "customer"));
        foreach (var party in TypedAnew) output.WriteLine(await rig.SayAsync("mdm", "explain", "customer", $"erp/{party.Id}"));
        output.WriteLine(await rig.SayAsync("mdm", "queue", "customer"));
        if (Environment.GetEnvironmentVariable("DAY_WAIT") is { } file)
        {
            await File.WriteAllTextAsync(file, string.Join(':', rig.Configs) + "\n" + rig.Listen, Stop);
            while (File.Exists(file)) await Task.Delay(500, Stop);
        }
    }

    async Task<StewardRig> StartAsync()
    {
        var (bikes, tryton) = (await postgres.NewDatabaseAsync("bikes"), await postgres.NewDatabaseAsync("tryton"));
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
        await UntilAsync(async () => (await rig.CommandAsync("mdm", "weights", "customer")).Code == 0);
        await UntilAsync(async () => await rig.CountAsync("select count(*) from mdm.outbox") == 0);
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
