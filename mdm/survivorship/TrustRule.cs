namespace CdcSync.Mdm.Survivorship;

/// <summary>
/// The most trusted source. With a half-life trust ages: each place in the order of sources is worth one half-life. Both values of a pair age alike, so that their order
/// never changes with the clock, and the golden record stays a function of its records.
/// </summary>
public sealed class TrustRule : IRankingRule
{
    public string Name => "trust";

    public string Summary => "the most trusted source; with `half_life` a source one place down wins by a record that is newer by more than that";

    // log2 of a trust that is 1/2 a place and halves each half-life: -place - age/half_life, with the age counted to a fixed day instead of today.
    public IReadOnlyList<double> Marks(Contest contest) =>
        [.. contest.Candidates.Select(c => contest.Plan.HalfLife is { } half ? c.Time / (double)(half.Ticks / TimeSpan.TicksPerMicrosecond) - contest.Plan.Place(c.Key.Source) : -contest.Plan.Place(c.Key.Source))];

    public string Why(Contest contest, Candidate winner, Candidate loser) => contest.Plan.HalfLife is not { } half
        ? $"{winner.Key.Source} is trusted more than {loser.Key.Source}"
        : $"{winner.Key.Source} of {winner.Day} outweighs {loser.Key.Source} of {loser.Day}: a place in the order of sources is worth {half.TotalDays:0.##} days";
}
