using System.Globalization;
using System.IO.Compression;
using System.Text;
using CdcSync.Servers;
using Npgsql;

namespace CdcSync.Host.Tests;

/// <summary>
/// The customers of Microsoft's sample distributor as one legacy ERP on PostgreSQL: stores, and some of the people who buy for themselves. What people are called is not among the files that
/// are shared; they have the name that begins their e-mail address ("jon24@..." is Jon), which many share: all the better for telling apart.
/// </summary>
static class AdventureWorks
{
    // Of 18,484 people every twelfth, so that the day stays short; of the stores all.
    const int Every = 12;

    const string Tables = """
        create table country_region (code text primary key, name text not null);
        create table state_province (id int primary key, code text not null, country_code text not null, name text not null);
        create table address (id int primary key, line1 text not null, line2 text, city text not null, state_province_id int not null, postal_code text not null);
        create table entity_address (entity_id int, address_id int, address_type_id int, primary key (entity_id, address_id, address_type_id));
        create table entity_contact (entity_id int, person_id int, contact_type_id int, primary key (entity_id, person_id, contact_type_id));
        create table email_address (entity_id int, id int, email text not null, primary key (entity_id, id));
        create table person_phone (entity_id int, number text, type_id int, primary key (entity_id, number, type_id));
        create table store (entity_id int primary key, name text not null);
        create table customer (id int primary key, person_id int, store_id int, account_number text not null);
        """;

    /// <summary>The source and its mapping, as the appliance's settings.</summary>
    public static string Settings(string connection) => $$"""
        sources:
          - { name: bikes, kind: postgres, connection: "{{connection}}" }
        canonical:
          - object: customer
            source: bikes
            key: [customer.id]
            query: |
              select c.id, c.account_number as number, coalesce(s.name, initcap(substring(e.email from '^[^@0-9]+'))) as name,
                     case when s.entity_id is null then 'person' else 'company' end as kind,
                     (select json_agg(json_build_object('type', case a.address_type_id when 5 then 'ship' else 'bill' end, 'street', concat_ws(E'\n', d.line1, d.line2),
                               'city', d.city, 'postal_code', d.postal_code, 'region', p.code, 'country', p.country_code, 'source_id', d.id::text) order by a.address_type_id, d.id)
                        from entity_address a join address d on d.id = a.address_id join state_province p on p.id = d.state_province_id
                       where a.entity_id = coalesce(c.store_id, c.person_id)) as addresses,
                     (select json_agg(json_build_object('email', m.email, 'phone', h.number) order by w.id)
                        from (select person_id as id from entity_contact where entity_id = c.store_id union select c.person_id where c.store_id is null) w
                        left join email_address m on m.entity_id = w.id left join person_phone h on h.entity_id = w.id) as contacts
                from customer c
                left join store s on s.entity_id = c.store_id
                left join email_address e on e.entity_id = c.person_id and c.store_id is null
               where c.id = any(@keys)
            affected_by:
              store: select id from customer where store_id = any(@ids)
              address: select c.id from customer c join entity_address a on a.entity_id = coalesce(c.store_id, c.person_id) where a.address_id = any(@ids)
              entity_address: select id from customer where coalesce(store_id, person_id) = any(@entity_id)
              entity_contact: select id from customer where store_id = any(@entity_id)
              email_address: select c.id from customer c left join entity_contact k on k.entity_id = c.store_id where coalesce(k.person_id, c.person_id) = any(@entity_id)
              person_phone: select c.id from customer c left join entity_contact k on k.entity_id = c.store_id where coalesce(k.person_id, c.person_id) = any(@entity_id)
              state_province: |
                select c.id from customer c join entity_address a on a.entity_id = coalesce(c.store_id, c.person_id) join address d on d.id = a.address_id
                 where d.state_province_id = any(@ids)
        """;

    /// <summary>Makes and fills the tables.</summary>
    /// <returns>How many customers.</returns>
    public static async Task<int> LoadAsync(string connection, CancellationToken stop)
    {
        await using var database = new NpgsqlConnection(connection);
        await database.OpenAsync(stop);
        await using (var create = new NpgsqlCommand(Tables, database)) await create.ExecuteNonQueryAsync(stop);
        var customers = Rows("Customer", "\t").Where(c => c[2].Length > 0 || int.Parse(c[0], CultureInfo.InvariantCulture) % Every == 0).ToList();
        var contacts = Rows("BusinessEntityContact", "+|");
        var stores = customers.Select(c => c[2]).ToHashSet();
        var people = contacts.Where(c => stores.Contains(c[0])).Select(c => c[1]).Concat(customers.Select(c => c[1])).ToHashSet();
        var addresses = Rows("BusinessEntityAddress", "+|").Where(a => stores.Contains(a[0]) || people.Contains(a[0])).ToList();
        var lived = addresses.Select(a => a[1]).ToHashSet();
        async Task FillAsync(string table, IEnumerable<string[]> rows, params int[] columns)
        {
            await using var copy = await database.BeginTextImportAsync($"copy {table} from stdin", stop);
            foreach (var row in rows)
                await copy.WriteAsync($"{string.Join('\t', columns.Select(c => row[c].Trim() is { Length: > 0 } text ? text.Replace("\\", "\\\\", StringComparison.Ordinal) : "\\N"))}\n".AsMemory(), stop);
        }
        await FillAsync("country_region", Rows("CountryRegion", "\t"), 0, 1);
        await FillAsync("state_province", Rows("StateProvince", "\t"), 0, 1, 2, 4);
        await FillAsync("address", Rows("Address", "\t").Where(a => lived.Contains(a[0])), 0, 1, 2, 3, 4, 5);
        await FillAsync("entity_address", addresses, 0, 1, 2);
        await FillAsync("entity_contact", contacts.Where(c => stores.Contains(c[0])), 0, 1, 2);
        await FillAsync("email_address", Rows("EmailAddress", "+|").Where(e => people.Contains(e[0])), 0, 1, 2);
        await FillAsync("person_phone", Rows("PersonPhone", "+|").Where(p => people.Contains(p[0])), 0, 1, 2);
        await FillAsync("store", Rows("Store", "+|"), 0, 1);
        await FillAsync("customer", customers, 0, 1, 2, 3);
        return customers.Count;
    }

    // Tabs and lines, or '+|' between columns and '&|' behind rows.
    static List<string[]> Rows(string table, string between)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(Needs.Shared("data", "adventureworks", $"{table}.csv.gz")), CompressionMode.Decompress), Encoding.UTF8);
        return [.. text.ReadToEnd().Split(between == "\t" ? "\n" : "&|").Select(r => r.Trim('\r', '\n')).Where(r => r.Length > 0).Select(r => r.Split(between))];
    }
}
