using System.Diagnostics;
using System.IO.Compression;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>The shipped example on a database that nobody here designed.</summary>
public class TrytonTests(TestPostgres postgres)
{
    // Statements a data clerk with SQL would run, on every table the mappings read that Tryton's own constraints let us touch.
    const string Clerk = """
        update country_country set code = 'CA'; update product_uom set symbol = 'ea' where symbol = 'u'; update party_party set active = false where id = 5;
        update party_address set party = 7 where id = 8; delete from party_contact_mechanism where id in (3, 4); delete from product_identifier where id = 9;
        update product_template set weight = 2.5, weight_uom = (select id from product_uom where symbol = 'kg' limit 1) where id in (3, 4);
        update product_list_price set list_price = null where id = 11; update product_list_price set list_price = 12.345 where id = 12;
        delete from sale_line_account_tax where line = 1; delete from sale_line where id = 1; update sale_line set sale = 2 where id = 2;
        update stock_move set to_location = 9 where id = (select min(id) from stock_move where state = 'done' and from_location = 4 and to_location = 3); delete from stock_move where id = (select min(id) from stock_move where state = 'draft');
        update stock_location set active = false, code = 'XX' where id = 11; update stock_location set storage_location = 11 where id = 12;
        update account_invoice_line set invoice = (select max(id) from account_invoice) where id = 26; update account_invoice_tax set amount = amount + 1;
        insert into party_identifier(id, party, type, code) values (9001, 6, 'us_ein', '12-3456789'); update product_price_list set name = 'Wholesale';
        insert into party_party(id, code, name, active) values (9001, 'N1', 'Harbour Nord', true); update party_party set name = 'x' where id = 9001; delete from party_party where id = 9001
        """;

    [Fact]
    public async Task Every_object_follows_changes_made_behind_the_ERP()
    {
        await using var rig = await RestoredAsync();
        rig.Captured.Start();
        await rig.AgreeAsync();
        var before = await rig.TopicsAsync();
        foreach (var mapping in rig.Mapper.Mappings) Assert.Contains(before.Keys, k => k.StartsWith(mapping["erp.".Length..], StringComparison.Ordinal));
        await rig.Captured.ExecuteAsync(Clerk);
        await rig.AgreeAsync();
        Assert.NotEqual(before, await rig.TopicsAsync());
        Assert.Empty(rig.DeadLetters);
    }

    [Fact]
    public async Task Live_traffic_adds_up()
    {
        if (!Directory.Exists("/usr/lib/python3/dist-packages/proteus")) Needs.Missing("Tryton is not installed: shared/servers/README.md names its packages");
        var script = Needs.Shared("servers", "tryton", "live.py");
        await using var rig = await RestoredAsync();
        rig.Captured.Start();
        await RunAsync(script, rig.Captured.Connection, operations: 16);
        await rig.AgreeAsync();
        Assert.Contains(rig.Captured.Log.Records, r => r.Topic == "erp.public.stock_move");
        Assert.Empty(rig.DeadLetters);
    }

    async Task<MappingRig> RestoredAsync()
    {
        var dump = Needs.Shared("data", "tryton_demo.sql.gz");
        var connection = await postgres.NewDatabaseAsync("tryton");
        await RestoreAsync(dump, connection);
        var rig = MappingRig.Of(connection, MappingRig.Shipped("deploy/tryton/cdcsync.yaml"));
        await rig.PrepareAsync();
        return rig;
    }

    static async Task RestoreAsync(string dump, string connection)
    {
        using var psql = Process.Start(new ProcessStartInfo("psql", ["-qX", "-v", "ON_ERROR_STOP=1", "-d", Uri(connection) + Database(connection)]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await using (var zipped = new GZipStream(File.OpenRead(dump), CompressionMode.Decompress))
        await using (var input = psql.StandardInput) await zipped.CopyToAsync(input.BaseStream, TestContext.Current.CancellationToken);
        await psql.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await psql.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, psql.ExitCode);
    }

    static async Task RunAsync(string script, string connection, int operations)
    {
        var folder = Directory.CreateTempSubdirectory("cdcsync-tryton-");
        try
        {
            var conf = Path.Combine(folder.FullName, "trytond.conf");
            await File.WriteAllTextAsync(conf, $"[database]\nuri = {Uri(connection)}\npath = {folder.FullName}\n", TestContext.Current.CancellationToken);
            var start = new ProcessStartInfo("/usr/bin/python3", [script, conf, Database(connection), $"{operations}", "7"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            using var python = Process.Start(start)!;
            var errors = python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var lines = (await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(python.ExitCode == 0, await errors);
            Assert.Equal(operations, lines.Length);
            Assert.DoesNotContain(lines, l => l.Contains("\"error\"", StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static string Uri(string connection) => new NpgsqlConnectionStringBuilder(connection) is var c ? $"postgresql://{c.Username}@{c.Host}:{c.Port}/" : "";

    static string Database(string connection) => new NpgsqlConnectionStringBuilder(connection).Database!;
}
