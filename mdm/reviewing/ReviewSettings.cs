using CdcSync.Contract.Settings;

namespace CdcSync.Mdm.Reviewing;

/// <summary>
/// What a wrong answer costs, so that the dearest questions are asked first. Each record of a question adds its part; what the question is worth is that sum, less the surer its
/// score is. The unit is one's own: only the order counts.
/// </summary>
public sealed record ReviewSettings
{
    /// <summary>For each record. Default 1.</summary>
    public decimal Record { get; init; } = 1;

    /// <summary>More for a record that is active. Default 4.</summary>
    public decimal Active { get; init; } = 4;

    /// <summary>More for a unit of a customer's credit limit, in whatever currency it has. Default 0.001: a limit of 100,000 weighs as much as 20 active customers without one.</summary>
    public decimal Credit { get; init; } = 0.001m;

    /// <summary>More for each open order (confirmed, held, shipped in part) that names the record. Default 2.</summary>
    public decimal Order { get; init; } = 2;

    /// <summary>More for each time the record came anew since it is known. Default 0.01.</summary>
    public decimal Traffic { get; init; } = 0.01m;

    /// <summary>How long a question stays with the steward who claimed it. Default 30 m.</summary>
    public TimeSpan Claim { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Checks what types cannot say.</summary>
    /// <exception cref="SettingsException">A value is out of its range.</exception>
    public void Validate()
    {
        foreach (var (path, weight) in new[] { ("record", Record), ("active", Active), ("credit", Credit), ("order", Order), ("traffic", Traffic) })
            if (weight is < 0 or > 1_000_000) throw new SettingsException(path, $"{weight} is not between 0 and 1000000");
        if (Record + Active + Credit + Order + Traffic == 0) throw new SettingsException("record", "no weight is above 0: nothing would be asked before anything else");
        if (Claim < TimeSpan.FromMinutes(1) || Claim > TimeSpan.FromDays(7)) throw new SettingsException("claim", $"{Claim} is not between 1m and 7d");
    }
}
