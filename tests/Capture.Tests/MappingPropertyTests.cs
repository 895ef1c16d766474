using CdcSync.Capture.Mapping;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Capture.Tests;

/// <summary>Whatever happens to the tables, however it is cut into batches: the topics add up to what the projection says.</summary>
public class MappingPropertyTests(TestPostgres postgres)
{
    const string Schema = """
        create table cust(id int primary key, name text not null);
        create table address(id int primary key, cust int, street text, country int);
        create table country(id int primary key, code text);
        create table ord(id int primary key, cust int, number text);
        create table line(ord int, no int, qty numeric, product int, origin text, primary key (ord, no));
        create table move(id int primary key, product int, loc_from int, loc_to int, qty numeric);
        create table "ITM"("ITMNO" char(8) primary key, "DSC" char(20), "ACT" char(1), "WGT" numeric(12,3), big text);
        alter table "ITM" alter big set storage external
        """;

    static readonly MappingSettings[] Mappings =
    [
        new()
        {
            Object = "customer", Source = "erp", Key = ["cust.id"],
            Query = """
                select c.id, c.name, (select json_agg(json_build_object('street', a.street, 'country', n.code, 'source_id', a.id::text) order by a.id)
                  from address a left join country n on n.id = a.country where a.cust = c.id) as addresses
                from cust c where c.id = any(@keys) -- not '@keys' here
                """,
            AffectedBy = new Dictionary<string, string> { ["address"] = "cust", ["country"] = "select cust from address where country = any(@ids)" },
        },
        new()
        {
            Object = "sales_order", Source = "erp", Key = ["ord.id"],
            Query = """
                select o.id, o.number, o.cust::text as customer_id, (select c.name from cust c where c.id = o.cust) as reference,
                  (select json_agg(json_build_object('line_id', l.no::text, 'quantity', l.qty, 'item_id', l.product::text) order by l.no) from line l where l.ord = o.id) as lines
                from ord o where o.id = any(@keys)
                """,
            AffectedBy = new Dictionary<string, string> { ["line"] = "ord", ["cust"] = "select id from ord where cust = any(@ids)" },
        },
        new()
        {
            Object = "inventory", Source = "erp", Key = ["product", "loc"],
            Query = """
                select product, loc, product::text as item_id, loc::text as location_id, sum(qty) as on_hand from (
                  select product, loc_to as loc, qty from move where (product, loc_to) = any(@keys)
                  union all select product, loc_from, -qty from move where (product, loc_from) = any(@keys)) m group by 1, 2
                """,
            AffectedBy = new Dictionary<string, string> { ["move"] = "product, loc_from; product, loc_to" },
        },
        new()
        {
            Object = "item", Source = "erp", Key = ["ITM.ITMNO"], Table = "public.ITM",
            Row = new Dictionary<string, string>
            {
                ["number"] = "ITMNO | trim", ["name"] = "DSC | trim | default(?)", ["status"] = "ACT | map(Y=active, 1=active, *=inactive)", ["weight_kg"] = "WGT | number",
                ["description"] = "big", ["base_unit"] = "'EA'",
            },
        },
    ];

    [Theory]
    [InlineData(1, 8192), InlineData(2, 3), InlineData(3, 1)]
    public async Task Topics_add_up_to_the_projection(int seed, int batchChanges)
    {
        var connection = await postgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connection, Schema);
        var random = new Random(seed);
        for (var i = 0; i < 20; i++) await TransactAsync(connection, random);
        await using var rig = MappingRig.Of(connection, Mappings, batchChanges);
        await rig.PrepareAsync();
        rig.Captured.Start();
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 40; i++) await TransactAsync(connection, random);
            await rig.AgreeAsync();
        }
        Assert.NotEmpty(await rig.TopicsAsync());
        Assert.Empty(rig.DeadLetters);
    }

    static Task TransactAsync(string connection, Random random) =>
        TestPostgres.ExecuteAsync(connection, string.Join("; ", Enumerable.Range(0, random.Next(1, 6)).Select(_ => Statement(random))));

    static string Statement(Random r)
    {
        int Id() => r.Next(1, 9);
        var text = $"'t{r.Next(100)}'";
        return r.Next(16) switch
        {
            0 or 1 => $"insert into cust values ({Id()}, {text}) on conflict (id) do update set name = excluded.name",
            2 => $"delete from cust where id = {Id()}",
            3 => $"update cust set id = {Id()} + 20 where id = {Id()} and not exists (select from cust where id > 20)",
            4 => $"insert into address values ({Id()}, {Id()}, {text}, {Id()}) on conflict (id) do update set cust = excluded.cust",
            5 => $"delete from address where id = {Id()}",
            6 => $"insert into country values ({Id()}, {text}) on conflict (id) do update set code = excluded.code",
            7 => $"insert into ord values ({Id()}, {Id()}, {text}) on conflict (id) do update set cust = excluded.cust",
            8 => $"delete from ord where id = {Id()}",
            9 or 10 => $"insert into line values ({Id()}, {Id()}, {r.Next(999)}.25, {Id()}) on conflict (ord, no) do update set qty = excluded.qty",
            11 => $"update line set ord = {Id()}, no = no + 100 where ord = {Id()} and no < 100 and not exists (select from line where no > 100)",
            12 => $"delete from line where ord = {Id()}",
            13 => $"insert into move values ({Id()}, {Id()}, {Id()}, {Id()}, {r.Next(99)}.5) on conflict (id) do update set product = excluded.product, loc_to = excluded.loc_to",
            14 => $"delete from move where id = {Id()}",
            _ => r.Next(3) == 0 ? $"delete from \"ITM\" where \"ITMNO\" = 'I{Id()}'"
                : $"insert into \"ITM\" values ('I{Id()}', {text}, 'Y', {r.Next(99)}.125, repeat({text}, 2000)) on conflict (\"ITMNO\") do update set \"ACT\" = '0', \"DSC\" = excluded.\"DSC\"",
        };
    }
}
