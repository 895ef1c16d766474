using CdcSync.Contract.Settings;
using CdcSync.Mdm.Reviewing;

namespace CdcSync.Mdm;

/// <summary>Settings of the golden records.</summary>
public sealed record MdmSettings
{
    /// <summary>Sources by trust, most trusted first: their values win in a golden record. Sources that are not named come last, the newest record first.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Sources that share one numbering of items: an equal item number is then the same item. Default none.</summary>
    public IReadOnlyList<string> SharedItemNumbers { get; init; } = [];

    /// <summary>Records that may share one match key; a key of more says nothing (a wholesaler's e-mail, a business park's address) and is not used. Default 50.</summary>
    public int MostPerKey { get; init; } = 50;

    /// <summary>Canonical records resolved in one transaction, at most. Default 1000.</summary>
    public int BatchRecords { get; init; } = 1000;

    /// <summary>How long to wait before a failed log or store is tried again. Default 5 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Partitions of the golden and xref topics when they are created. Default 1.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>What is asked of stewards first.</summary>
    public ReviewSettings Review { get; init; } = new();

    /// <summary>Checks what types cannot say.</summary>
    /// <exception cref="SettingsException">A value is out of its range.</exception>
    public void Validate()
    {
        Twice("sources", Sources);
        Twice("shared_item_numbers", SharedItemNumbers);
        if (SharedItemNumbers.Count == 1) throw new SettingsException("shared_item_numbers", "One source alone shares nothing: name two or more, or none");
        if (MostPerKey < 2) throw new SettingsException("most_per_key", $"{MostPerKey} is too few: two records must be able to share a key; 50 is usual");
        if (BatchRecords is < 1 or > 20_000) throw new SettingsException("batch_records", $"{BatchRecords} is not between 1 and 20000");
        if (RetryAfter <= TimeSpan.Zero) throw new SettingsException("retry_after", $"{RetryAfter} is not a time to wait; 5s is usual");
        if (Partitions is < 1 or > 1000) throw new SettingsException("partitions", $"{Partitions} is not between 1 and 1000");
    }

    static void Twice(string path, IReadOnlyList<string> sources)
    {
        if (sources.GroupBy(s => s, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new SettingsException(path, $"'{twice.Key}' stands there twice: name each source once");
    }
}
