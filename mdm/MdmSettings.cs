using CdcSync.Contract.Settings;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Reviewing;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Survivorship;

namespace CdcSync.Mdm;

/// <summary>Settings of the golden records.</summary>
public sealed record MdmSettings
{
    IReadOnlyDictionary<string, MatchRules> _matchRules = new Dictionary<string, MatchRules>();

    /// <summary>Sources by trust, most trusted first: their values win in a golden record. Sources that are not named come last, the newest record first.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Which values golden records show, by object: <c>customer</c>, <c>item</c>, <c>location</c>. Without it the most trusted source's newest value that is not empty.</summary>
    public IReadOnlyDictionary<string, SurvivorshipSettings> Survivorship { get; init; } = new Dictionary<string, SurvivorshipSettings>();

    /// <summary>Sources that share one numbering of items: an equal item number is then the same item. Default none.</summary>
    public IReadOnlyList<string> SharedItemNumbers { get; init; } = [];

    /// <summary>Records that may share one match key; a key of more says nothing (a wholesaler's e-mail, a business park's address) and is not used. Default 50.</summary>
    public int MostPerKey { get; init; } = 50;

    /// <summary>
    /// The rule file by which records of an object are matched by likeness, by object: a file's path, <c>shipped</c> for the one that comes with CdcSync, <c>off</c> for matching
    /// by numbers and exact keys alone. Default <c>shipped</c> for each.
    /// </summary>
    public IReadOnlyDictionary<string, string> Rules { get; init; } = new Dictionary<string, string>();

    /// <summary>Records of an object there must be before matching by likeness learns what their likeness weighs, and begins; it learns again when they have doubled. Default 500.</summary>
    public int LearnFrom { get; init; } = 500;

    /// <summary>MiB of memory for records that were compared: the next to be compared with them need not read them again. Default an eighth of what the process may have.</summary>
    public int? LikenessMib { get; init; }

    /// <summary>Canonical records resolved in one transaction, at most. Default 1000.</summary>
    public int BatchRecords { get; init; } = 1000;

    /// <summary>How long to wait before a failed log or store is tried again. Default 5 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Partitions of the golden and xref topics when they are created. Default 1.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>What is asked of stewards first.</summary>
    public ReviewSettings Review { get; init; } = new();

    /// <summary><see cref="LikenessMib"/> in bytes, the default filled in.</summary>
    public long LikenessBytes() => LikenessMib is { } mib ? (long)mib << 20 : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8;

    /// <summary>The rule files that were read, by object.</summary>
    public IReadOnlyDictionary<string, MatchRules> MatchRules() => _matchRules;

    /// <summary>The same settings with the rule files that <see cref="Rules"/> names.</summary>
    public MdmSettings With(IReadOnlyDictionary<string, MatchRules> read) => this with { _matchRules = read };

    /// <summary>Checks what types cannot say.</summary>
    /// <exception cref="SettingsException">A value is out of its range.</exception>
    public void Validate()
    {
        Twice("sources", Sources);
        Twice("shared_item_numbers", SharedItemNumbers);
        if (SharedItemNumbers.Count == 1) throw new SettingsException("shared_item_numbers", "One source alone shares nothing: name two or more, or none");
        if (MostPerKey < 2) throw new SettingsException("most_per_key", $"{MostPerKey} is too few: two records must be able to share a key; 50 is usual");
        if (LearnFrom < 50) throw new SettingsException("learn_from", $"{LearnFrom} is too few to learn from: 500 is usual");
        if (LikenessMib is < 0) throw new SettingsException("likeness_mib", $"{LikenessMib} is no size: MiB of memory, 0 to keep nothing, left out for an eighth of what there is");
        foreach (var (name, _) in Rules)
            if (!GoldenIds.Kinds.Any(k => k.Name == name))
                throw new SettingsException($"rules.{name}", $"there are no golden records of '{name}'{NearestName.Hint(name, GoldenIds.Kinds.Select(k => k.Name))}");
        if (BatchRecords is < 1 or > 20_000) throw new SettingsException("batch_records", $"{BatchRecords} is not between 1 and 20000");
        if (RetryAfter <= TimeSpan.Zero) throw new SettingsException("retry_after", $"{RetryAfter} is not a time to wait; 5s is usual");
        foreach (var kind in Survivorship.Keys.Where(k => GoldenIds.Kinds.All(known => known.Name != k)))
            throw new SettingsException($"survivorship.{kind}", $"there are no golden records of '{kind}'{NearestName.Hint(kind, GoldenIds.Kinds.Select(k => k.Name))}");
        _ = new Survivors(this);
        if (Partitions is < 1 or > 1000) throw new SettingsException("partitions", $"{Partitions} is not between 1 and 1000");
    }

    /// <summary>The sources that survivorship names, each with where it stands.</summary>
    public IEnumerable<(string Path, string Source)> SurvivorshipSources() =>
        from kind in Survivorship
        from part in kind.Value.Attributes.Select(a => ($"attributes.{a.Key}", a.Value))
            .Concat(kind.Value.Groups.Select(g => ($"groups.{g.Key}", (AttributeSurvivorship)g.Value))).Prepend(("default", kind.Value.Default))
        from source in part.Item2.Sources
        select ($"survivorship.{kind.Key}.{part.Item1}.sources", source);

    static void Twice(string path, IReadOnlyList<string> sources)
    {
        if (sources.GroupBy(s => s, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new SettingsException(path, $"'{twice.Key}' stands there twice: name each source once");
    }
}
