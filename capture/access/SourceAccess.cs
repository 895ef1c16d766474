using System.Data.Common;
using CdcSync.Capture.Mapping;

namespace CdcSync.Capture.Access;

/// <summary>Writes a source's script, and runs it for an administrator.</summary>
public sealed class SourceAccess
{
    readonly ISourceAccess _access;
    readonly SourceSettings _settings;
    readonly IReadOnlyList<MappingSettings> _mappings;

    internal SourceAccess(ISourceAccess access, SourceSettings settings, IEnumerable<MappingSettings> mappings) =>
        (_access, _settings, _mappings) = (access, settings, [.. mappings.Where(m => m.Source == settings.Name)]);

    /// <summary>The statements still missing, or with <paramref name="undo"/> those that take back what is there. Changes nothing.</summary>
    /// <param name="undo">Whether to take back.</param>
    /// <param name="administrator">Connection string to look with; null for the source's own.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="DbException">The source cannot be asked.</exception>
    public async Task<AccessScript> ScriptAsync(bool undo, string? administrator, CancellationToken stop)
    {
        await using var connection = _access.Connect(_settings, administrator);
        await connection.OpenAsync(stop);
        return undo ? await _access.DisableAsync(_settings, _mappings, connection, stop) : await _access.EnableAsync(_settings, _mappings, connection, stop);
    }

    /// <summary>Runs a script: neighbours in one transaction, all or nothing. Each statement is shown before it runs.</summary>
    /// <param name="script">What to run.</param>
    /// <param name="administrator">Connection string of somebody who may.</param>
    /// <param name="show">Told each statement.</param>
    /// <param name="stop">Gives up; the open transaction is rolled back.</param>
    /// <exception cref="SourceException">The server refused a statement: which one, and what has been done by then.</exception>
    public async Task ApplyAsync(AccessScript script, string administrator, Action<AccessStep> show, CancellationToken stop)
    {
        await using var connection = _access.Connect(_settings, administrator);
        await connection.OpenAsync(stop);
        DbTransaction? transaction = null;
        try
        {
            foreach (var step in script.Steps)
            {
                if (step.InTransaction) transaction ??= await connection.BeginTransactionAsync(stop);
                else transaction = await CommitAsync(transaction, stop);
                show(step);
                await RunAsync(connection, transaction, step, stop);
            }
            transaction = await CommitAsync(transaction, stop);
        }
        finally
        {
            if (transaction is not null) await transaction.DisposeAsync();
        }
    }

    async Task RunAsync(DbConnection connection, DbTransaction? transaction, AccessStep step, CancellationToken stop)
    {
        await using var command = connection.CreateCommand();
        (command.Transaction, command.CommandText, command.CommandTimeout) = (transaction, step.Hidden ?? step.Sql, 0);
        try
        {
            await command.ExecuteNonQueryAsync(stop);
        }
        catch (DbException refused)
        {
            var undone = transaction is null ? "What was run before it stays" : "Its whole transaction was rolled back";
            throw new SourceException($"{_settings.Name}: the server refused to {step.Why}: {refused.Message}. {undone}; mend that, and run the command again: it goes on with what is missing", refused);
        }
    }

    static async Task<DbTransaction?> CommitAsync(DbTransaction? transaction, CancellationToken stop)
    {
        if (transaction is null) return null;
        await transaction.CommitAsync(stop);
        await transaction.DisposeAsync();
        return null;
    }
}
