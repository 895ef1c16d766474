using CdcSync.Demo;

namespace CdcSync.Bench;

/// <summary>The database of orders that captures are measured on, and a server for the PostgreSQL log beside it.</summary>
sealed class OrdersSource : IAsyncDisposable
{
    OrdersSource(PrivatePostgres server, PrivatePostgres store, string orders) => (Server, Store, Orders) = (server, store, orders);

    public PrivatePostgres Server { get; }

    public PrivatePostgres Store { get; }

    /// <summary>The connection to the database; its table is empty.</summary>
    public string Orders { get; }

    public static async Task<OrdersSource> StartAsync(CancellationToken stop)
    {
        var server = await PrivatePostgres.StartAsync(stop);
        var source = new OrdersSource(server, await PrivatePostgres.StartAsync(stop), await server.CreateDatabaseAsync("orders", stop));
        await Sql.RunAsync(source.Orders, await File.ReadAllTextAsync(Shared.Path("bench", "orders.sql"), stop), stop);
        return source;
    }

    /// <summary>Where a worker is to put its records.</summary>
    public async Task<string> PlaceAsync(string log, string name, SharedKafka? kafka, CancellationToken stop) =>
        log switch { "kafka" => kafka!.Bootstrap, "postgres" => await Store.CreateDatabaseAsync($"store_{name}", stop), _ => "none" };

    /// <summary>A slot and a publication from here on, so that what follows is a backlog.</summary>
    public static async Task BeginAsync(string connection, string name, string tables, CancellationToken stop)
    {
        await Sql.RunAsync(connection, $"create publication cdcsync_{name} for table {tables} with (publish_via_partition_root = true)", stop);
        await Sql.RunAsync(connection, $"select pg_create_logical_replication_slot('cdcsync_{name}', 'pgoutput')", stop);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Server.DisposeAsync();
    }
}
