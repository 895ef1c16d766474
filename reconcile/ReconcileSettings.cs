using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;

namespace CdcSync.Reconcile;

/// <summary>A comparison: one object of one source with what one sink's target holds of it.</summary>
public sealed record ReconcileSettings
{
    /// <summary>What people call it, unique: <c>shop_stock</c>; letters, digits, '_' and '-'. Names its reports and its history.</summary>
    public required string Name { get; init; }

    /// <summary>The canonical object: <c>inventory</c>.</summary>
    public required string Object { get; init; }

    /// <summary>The sink whose target is compared.</summary>
    public required string Sink { get; init; }

    /// <summary>The sources to read. Default: every source that has a mapping of the object.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Fields that may differ by so much, either way: <c>amount: 0.005</c>. Numbers only.</summary>
    public IReadOnlyDictionary<string, decimal> Tolerances { get; init; } = new Dictionary<string, decimal>();

    /// <summary>Fields that are not compared: what the target keeps for itself.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>How often a difference is read again before it counts. Default 5.</summary>
    public int Rereads { get; init; } = 5;

    /// <summary>Pause before each reading again. Default 2s.</summary>
    public TimeSpan RereadAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Differences that are examined and reported one by one; further ones are counted only. Default 10000.</summary>
    public int MaxDifferences { get; init; } = 10_000;

    /// <summary>When it runs by itself: cron, five fields (<c>0 5 * * 1-5</c>) or six with seconds. Default: only when asked.</summary>
    public string? Schedule { get; init; }

    /// <summary>Time zone of <see cref="Schedule"/>, by IANA name. Default UTC.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>A scheduled run that was missed (nothing ran then) is made up for at start. Default true.</summary>
    public bool MakeUp { get; init; } = true;

    /// <summary>Scheduled runs also repair. Default false.</summary>
    public bool Repair { get; init; }

    /// <summary>Repair refuses when a larger share of the records differs: then something else is wrong. 0 to 1. Default 0.1.</summary>
    public decimal MaxRepairShare { get; init; } = 0.1m;

    /// <summary>Repair removes what only the target has. Default true.</summary>
    public bool RemoveExtra { get; init; } = true;

    /// <summary>Folder of the report files. Default <c>reports</c>.</summary>
    public string Reports { get; init; } = "reports";

    /// <summary>How long runs and their report files are kept. Default 90 days.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Checks what types alone do not.</summary>
    /// <exception cref="SettingsException">A value cannot be.</exception>
    public void Validate()
    {
        Check(Name.Length is > 0 and <= 60 && Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'), "name", $"'{Name}' must be 1 to 60 letters, digits, '_' or '-'");
        Check(CanonicalCatalog.Find(Object) is not null, "object", $"there is no canonical object '{Object}'{NearestName.Hint(Object, CanonicalCatalog.All.Select(k => k.Name))}");
        Check(Sink.Length > 0, "sink", "is empty; name the sink whose target is compared");
        foreach (var (field, tolerance) in Tolerances) Check(tolerance >= 0, $"tolerances.{field}", $"{tolerance} must not be negative");
        Check(Rereads >= 1, "rereads", $"{Rereads} is too few: a difference is read again at least once before it counts");
        Check(RereadAfter >= TimeSpan.Zero, "reread_after", "must not be negative");
        Check(MaxDifferences is >= 1 and <= 1_000_000, "max_differences", $"{MaxDifferences} is not between 1 and 1000000");
        Check(MaxRepairShare is >= 0 and <= 1, "max_repair_share", $"{MaxRepairShare} is not between 0 and 1; 0.1 is ten per cent");
        Check(Keep > TimeSpan.Zero, "keep", "must be more than nothing");
        Check(Reports.Length > 0, "reports", "is empty; name a folder");
        Check(TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _), "time_zone", $"'{TimeZone}' is no time zone of this machine; write it as Europe/Berlin (Debian: package tzdata)");
        if (Schedule is not null) _ = new Scheduling.Schedule(Schedule, TimeZone);
    }

    static void Check(bool holds, string path, string message)
    {
        if (!holds) throw new SettingsException(path, message);
    }
}
