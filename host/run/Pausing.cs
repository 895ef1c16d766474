using System.Data.Common;
using CdcSync.Capture.Care;
using CdcSync.Contract.Settings;

namespace CdcSync.Host.Run;

/// <summary>A source or table that waits, as <c>status</c> shows it.</summary>
/// <param name="Source">The source.</param>
/// <param name="Table">The table; null for the whole source.</param>
/// <param name="By">Who wanted it; null for a table that goes on, whose held records are being given out.</param>
/// <param name="Since">Since when.</param>
/// <param name="Why">Why.</param>
/// <param name="Held">Records of the table that are held; null where none are yet, or for a source.</param>
public sealed record PauseLine(string Source, string? Table, string? By, DateTimeOffset? Since, string? Why, long? Held);

/// <summary>What may be paused, and what is.</summary>
public sealed class Pausing(Appliance appliance)
{
    /// <summary>Why this cannot be paused; null when it can.</summary>
    public async Task<string?> RefusedAsync(string source, string? table, CancellationToken stop)
    {
        var names = appliance.Settings.Sources.Select(s => s.Name).ToList();
        if (!names.Contains(source)) return $"there is no source '{source}'{NearestName.Hint(source, names)}";
        if (table is null) return null;
        await using var opened = appliance.Source(appliance.Settings.Sources.Single(s => s.Name == source));
        try
        {
            return await opened.ListTablesAsync(stop) is { } tables && !tables.Contains(table) ? $"{source} captures no table '{table}'{NearestName.Hint(table, tables)}" : null;
        }
        catch (DbException)
        {
            return null;    // a source that is away can be paused too; the name is taken at its word
        }
    }

    /// <summary>What waits, and what is being given out.</summary>
    /// <param name="source">Of this source.</param>
    /// <param name="wishes">What is wanted.</param>
    /// <param name="held">What the bookmark says.</param>
    public static IReadOnlyList<PauseLine> Lines(string source, IEnumerable<Pause> wishes, IReadOnlyList<HeldTable> held)
    {
        var wanted = wishes.Where(w => w.Source == source).ToList();
        long? Left(string? table) => held.FirstOrDefault(h => h.Table == table) is { } there ? there.Held - there.Given : null;
        return
        [
            .. wanted.Select(w => new PauseLine(source, w.Table, w.By, w.At, w.Why, Left(w.Table))),
            .. held.Where(h => wanted.All(w => w.Table != h.Table)).Select(h => new PauseLine(source, h.Table, null, null, null, h.Held - h.Given)),
        ];
    }
}
