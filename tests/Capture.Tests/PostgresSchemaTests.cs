using System.Text.Json;
using CdcSync.Capture.Postgres;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>Schemas text for text, and values byte for byte, as the reference has them.</summary>
public class PostgresSchemaTests(TestPostgres postgres)
{
    [Fact]
    public async Task The_reference_table_has_the_reference_schemas()
    {
        await using var captured = await Captured.NewAsync(postgres, """
            create table customers(id serial primary key, name text not null, email text, balance numeric(10,2), credit_limit numeric(12,2) not null default 100.00, status smallint default 1,
              created_at timestamptz, updated_at timestamp(6), birth date, ref uuid, attrs jsonb, tags text[], amount numeric, flags bit(7));
            insert into customers(name) values ('x');
            """);
        await using var named = new Captured(captured.Connection) { Settings = captured.Settings with { TopicPrefix = "inventory" } };
        named.Start();
        await named.UntilAsync(records => records.Count == 1);
        var golden = Needs.Shared("reference", "debezium", "golden");
        Assert.Equal(Compact(await File.ReadAllTextAsync(Path.Combine(golden, "pg_customers_key.avsc"), TestContext.Current.CancellationToken)), Compact(named.Registry.Text("inventory.public.customers-key")));
        Assert.Equal(Compact(await File.ReadAllTextAsync(Path.Combine(golden, "pg_customers_value.avsc"), TestContext.Current.CancellationToken)), Compact(named.Registry.Text("inventory.public.customers-value")));
    }

    static string Compact(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);
}
