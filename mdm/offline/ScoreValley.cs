using System.Text.Json.Serialization;

namespace CdcSync.Mdm.Offline;

/// <summary>What a histogram of scores shows.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScoreShape>))]
public enum ScoreShape
{
    /// <summary>Two hills with a valley between them: equal and different pairs are told apart.</summary>
    Valley,

    /// <summary>No valley: whichever score records are merged from is a guess.</summary>
    NoValley,

    /// <summary>Too few pairs are likelier the same than not: no hill could be seen, and little can go wrong.</summary>
    TooFew,
}

/// <summary>Whether the scores tell equal from different pairs by themselves.</summary>
/// <param name="Shape">What is seen.</param>
/// <param name="Bits">The middle of the valley; null where none is seen.</param>
/// <param name="Likely">Pairs from the review score on.</param>
public sealed record ScoreValley(ScoreShape Shape, double? Bits, double Likely)
{
    /// <summary>What to say to people; null where there is a valley.</summary>
    /// <param name="remedy">What they can do about it.</param>
    public string? Warning(string remedy) => Shape switch
    {
        ScoreShape.Valley => null,
        ScoreShape.TooFew when Likely == 0 => "No pair is even doubtful: either there are no duplicates, or the fields that would show them are not compared",
        ScoreShape.TooFew => $"Only {Likely:N0} pairs are likelier the same than not: too few to see whether the scores tell equal from different ones. Look at each",
        _ => $"The scores have no valley: between pairs that are surely the same and pairs that are surely not there are as many in doubt, and every threshold is a guess. {remedy}",
    };
}
