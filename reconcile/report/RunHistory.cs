using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.EventLog.Store;
using Npgsql;
using NpgsqlTypes;

namespace CdcSync.Reconcile.Reporting;

/// <summary>How a comparison ended the last time.</summary>
/// <param name="Name">The comparison.</param>
/// <param name="FinishedAt">When.</param>
/// <param name="Outcome">How.</param>
/// <param name="Left">Differences that were left.</param>
/// <param name="Message">Why it could not compare; null when it could.</param>
public sealed record LastRun(string Name, DateTimeOffset FinishedAt, ReconcileOutcome Outcome, long Left, string? Message);

/// <summary>Runs and their differences in the store.</summary>
public sealed class RunHistory(NpgsqlDataSource store)
{
    const string Columns =
        "id, name, object, source, target, started_at, finished_at, outcome, message, source_records, target_records, equal, within_tolerance, settled, moving, unexamined, reports";

    /// <summary>Makes the tables.</summary>
    public Task PrepareAsync(CancellationToken stop) => StoreMigrations.ApplyAsync(store, typeof(RunHistory).Assembly, stop);

    /// <summary>The newest runs, without their differences.</summary>
    /// <param name="name">Of one comparison; null for all.</param>
    /// <param name="most">How many.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<IReadOnlyList<ReconcileRun>> NewestAsync(string? name, int most, CancellationToken stop)
    {
        await using var command = store.CreateCommand($"select {Columns} from reconcile.run where $1::text is null or name = $1 order by started_at desc limit $2");
        command.Parameters.Add(new() { Value = (object?)name ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = most });
        var runs = new List<ReconcileRun>();
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop)) runs.Add(Run(row));
        return runs;
    }

    /// <summary>The last run of each comparison.</summary>
    public async Task<IReadOnlyList<LastRun>> LastAsync(CancellationToken stop)
    {
        await using var command = store.CreateCommand("select distinct on (name) name, finished_at, outcome, left_over, message from reconcile.run order by name, started_at desc");
        var runs = new List<LastRun>();
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop)) runs.Add(new(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1), Enum.Parse<ReconcileOutcome>(row.GetString(2)), row.GetInt64(3), Text(row, 4)));
        return runs;
    }

    /// <summary>One run's differences, in key order.</summary>
    public async Task<IReadOnlyList<Difference>> DifferencesAsync(long run, CancellationToken stop)
    {
        await using var command = store.CreateCommand(
            "select key, origin_source, origin_id, kind, cause, reason, fields, repair, repaired from reconcile.difference where run = $1 order by key collate \"C\"");
        command.Parameters.Add(new() { Value = run });
        var differences = new List<Difference>();
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
            differences.Add(new Difference(row.GetString(0), row.IsDBNull(1) ? null : new CanonicalKey(row.GetString(1), row.GetString(2)), Enum.Parse<DifferenceKind>(row.GetString(3)),
                JsonSerializer.Deserialize(row.GetString(6), ReportJson.Default.IReadOnlyListFieldDifference)!)
            {
                Cause = Enum.Parse<DifferenceCause>(row.GetString(4)), Reason = Text(row, 5), Repair = Text(row, 7), Repaired = row.GetBoolean(8),
            });
        return differences;
    }

    internal async Task<ReconcileRun> AddAsync(ReconcileRun run, CancellationToken stop)
    {
        await using var connection = await store.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using var insert = new NpgsqlCommand("""
            insert into reconcile.run(name, object, source, target, started_at, finished_at, outcome, message, source_records, target_records, equal, within_tolerance, settled, moving,
                unexamined, left_over)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) returning id
            """, connection);
        object?[] values =
        [
            run.Name, run.Object, run.Source, run.Target, run.StartedAt, run.FinishedAt, run.Outcome.ToString(), run.Message, run.SourceRecords, run.TargetRecords, run.Equal,
            run.WithinTolerance, run.Settled, run.Moving, run.Unexamined, run.Left,
        ];
        foreach (var value in values) insert.Parameters.Add(new() { Value = value ?? DBNull.Value });
        run = run with { Id = (long)(await insert.ExecuteScalarAsync(stop))! };
        await CopyAsync(connection, run, stop);
        await transaction.CommitAsync(stop);
        return run;
    }

    static async Task CopyAsync(NpgsqlConnection connection, ReconcileRun run, CancellationToken stop)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy reconcile.difference(run, key, origin_source, origin_id, kind, cause, reason, fields, repair, repaired) from stdin (format binary)", stop);
        foreach (var difference in run.Differences)
        {
            await copy.StartRowAsync(stop);
            await copy.WriteAsync(run.Id, NpgsqlDbType.Bigint, stop);
            await copy.WriteAsync(difference.Key, NpgsqlDbType.Text, stop);
            await copy.WriteAsync(difference.Origin?.Source, NpgsqlDbType.Text, stop);
            await copy.WriteAsync(difference.Origin?.Id, NpgsqlDbType.Text, stop);
            await copy.WriteAsync(difference.Kind.ToString(), NpgsqlDbType.Text, stop);
            await copy.WriteAsync(difference.Cause.ToString(), NpgsqlDbType.Text, stop);
            await copy.WriteAsync(difference.Reason, NpgsqlDbType.Text, stop);
            await copy.WriteAsync(JsonSerializer.Serialize(difference.Fields, ReportJson.Default.IReadOnlyListFieldDifference), NpgsqlDbType.Jsonb, stop);
            await copy.WriteAsync(difference.Repair, NpgsqlDbType.Text, stop);
            await copy.WriteAsync(difference.Repaired, NpgsqlDbType.Boolean, stop);
        }
        await copy.CompleteAsync(stop);
    }

    internal async Task NoteReportsAsync(ReconcileRun run, CancellationToken stop)
    {
        await using var command = store.CreateCommand("update reconcile.run set reports = $2 where id = $1");
        command.Parameters.Add(new() { Value = run.Id });
        command.Parameters.Add(new() { Value = run.Reports.ToArray() });
        await command.ExecuteNonQueryAsync(stop);
    }

    internal async Task<IReadOnlyList<string>> ForgetAsync(string name, DateTimeOffset before, CancellationToken stop)
    {
        await using var command = store.CreateCommand("delete from reconcile.run where name = $1 and started_at < $2 returning reports");
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = before });
        var files = new List<string>();
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop)) files.AddRange(row.GetFieldValue<string[]>(0));
        return files;
    }

    static ReconcileRun Run(NpgsqlDataReader row) => new()
    {
        Id = row.GetInt64(0), Name = row.GetString(1), Object = row.GetString(2), Source = row.GetString(3), Target = row.GetString(4),
        StartedAt = row.GetFieldValue<DateTimeOffset>(5), FinishedAt = row.GetFieldValue<DateTimeOffset>(6), Outcome = Enum.Parse<ReconcileOutcome>(row.GetString(7)), Message = Text(row, 8),
        SourceRecords = row.GetInt64(9), TargetRecords = row.GetInt64(10), Equal = row.GetInt64(11), WithinTolerance = row.GetInt64(12), Settled = row.GetInt64(13),
        Moving = row.GetInt64(14), Unexamined = row.GetInt64(15), Reports = row.GetFieldValue<string[]>(16),
    };

    static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
