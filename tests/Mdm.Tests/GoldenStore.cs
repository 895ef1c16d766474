using CdcSync.Contract.Canonical;
using CdcSync.EventLog;
using CdcSync.EventLog.Store;
using CdcSync.Mdm.Resolution;
using CdcSync.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CdcSync.Mdm.Tests;

/// <summary>A store of one's own with golden records in it.</summary>
sealed class GoldenStore : IAsyncDisposable
{
    long _offset;

    GoldenStore(NpgsqlDataSource data, MdmSettings settings)
    {
        (Data, Settings) = (data, settings);
        Resolver = new GoldenResolver(data, settings, NullLogger.Instance);
        Directory = new GoldenDirectory(data, settings);
        Rebuild = new GoldenRebuild(data, settings, NullLogger.Instance);
    }

    public NpgsqlDataSource Data { get; }
    public MdmSettings Settings { get; }
    public GoldenResolver Resolver { get; }
    public GoldenDirectory Directory { get; }
    public GoldenRebuild Rebuild { get; }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<GoldenStore> NewAsync(TestPostgres postgres, MdmSettings? settings = null)
    {
        var data = StoreConnection.Open(await postgres.NewDatabaseAsync("mdm"), prepared: true);
        await StoreMigrations.ApplyAsync(data, typeof(MdmWorker).Assembly, Stop);
        return new GoldenStore(data, settings ?? new MdmSettings { Sources = ["erp", "wms"] });
    }

    /// <summary>Resolves records as one batch.</summary>
    public Task<Outcome> ResolveAsync(params IEnumerable<CanonicalRecord> records) => Resolver.ResolveAsync(Samples.Arrive(ref _offset, records), Stop);

    /// <summary>Somebody decides of two records; what they are in is resolved again.</summary>
    public async Task DecideAsync(string kind, string one, string other, bool same)
    {
        await TextsAsync(
            """
            with act as (insert into mdm.act (kind, verb, by_whom) values ($1, case when $6 then 'same' else 'distinct' end, 'somebody') returning id)
            insert into mdm.decided_pair (act_id, kind, source, source_id, other_source, other_id, same) select id, $1, $2, $3, $4, $5, $6 from act
            """, kind, Samples.Key(one).Source, Samples.Key(one).Id, Samples.Key(other).Source, Samples.Key(other).Id, same);
        await AgainAsync(kind, one, other);
    }

    /// <summary>What was decided last of two records is taken back.</summary>
    public async Task UndoAsync(string kind, string one, string other)
    {
        await TextsAsync(
            """
            with act as (insert into mdm.act (kind, verb, by_whom) values ($1, 'undo', 'somebody') returning id)
            update mdm.act a set undone_by = act.id from act
            where a.id = (select max(act_id) from mdm.decided_pair where kind = $1 and (source, source_id, other_source, other_id) = ($2, $3, $4, $5))
            """, kind, Samples.Key(one).Source, Samples.Key(one).Id, Samples.Key(other).Source, Samples.Key(other).Id);
        await AgainAsync(kind, one, other);
    }

    async Task AgainAsync(string kind, params string[] keys)
    {
        await using var connection = await Data.OpenConnectionAsync(Stop);
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        await Resolver.ResolveAgainAsync(connection, CanonicalCatalog.Find(kind)!, [.. keys.Select(Samples.Key)], new Cause(DateTimeOffset.UnixEpoch, "decided"), Stop);
        await transaction.CommitAsync(Stop);
    }

    public Task<string?> GoldenOfAsync(string kind, string key) => Directory.FindAsync(kind, Samples.Key(key), Stop);

    /// <summary>The clusters of a kind: the members' keys in order, joined; in order.</summary>
    public async Task<IReadOnlyList<string>> ClustersAsync(string kind) =>
        [.. (await TextsAsync("select string_agg(source || '/' || source_id, ' ' order by source, source_id) from mdm.record where kind = $1 and golden_id is not null group by golden_id", kind))
            .Order(StringComparer.Ordinal)];

    public async Task<List<string>> TextsAsync(string sql, params object[] parameters)
    {
        await using var command = Data.CreateCommand(sql);
        foreach (var value in parameters) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var rows = await command.ExecuteReaderAsync(Stop);
        var texts = new List<string>();
        while (await rows.ReadAsync(Stop)) texts.Add(rows.IsDBNull(0) ? "" : rows.GetValue(0).ToString()!);
        return texts;
    }

    /// <summary>What waits to be published, but for what only tells of what stands there: moves.</summary>
    public async Task<List<string>> TakeOutboxAsync() =>
        await TextsAsync("with taken as (delete from mdm.outbox returning *) select topic || ' ' || source || '/' || source_id || coalesce(' -> ' || (body->>'golden_id'), case when body is null then ' gone' else '' end) from taken where topic not like 'moves.%' order by id");

    public ValueTask DisposeAsync() => Data.DisposeAsync();
}
