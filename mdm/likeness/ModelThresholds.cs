using System.Text.Json.Serialization;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Likeness;

/// <summary>What the thresholds of a model rest on.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ThresholdSource>))]
public enum ThresholdSource
{
    /// <summary>The learnt weights: the histogram of scores has a valley, or too few pairs to show one.</summary>
    Estimate,

    /// <summary>The learnt weights, though the histogram has no valley: the rule file wants it so.</summary>
    Rules,

    /// <summary>What people decided.</summary>
    Decisions,

    /// <summary>Nothing: scores merge none, they only ask.</summary>
    Nothing,
}

/// <summary>How a model came by its thresholds.</summary>
/// <param name="Source">What they rest on.</param>
/// <param name="EstimatedMerge">The merge score by the learnt weights alone.</param>
/// <param name="EstimatedReview">The review score likewise.</param>
/// <param name="Valley">What the histogram of scores shows.</param>
/// <param name="Calibration">What people's decisions tell.</param>
public sealed record ModelThresholds(ThresholdSource Source, double EstimatedMerge, double EstimatedReview, ScoreValley Valley, Calibration Calibration)
{
    // How far below the estimated score a person is asked at most: every bit more doubles the pairs that are not worth it.
    const double Deepest = 3;

    /// <summary>The thresholds that a model is frozen with.</summary>
    public static (double Merge, double Review, ModelThresholds Thresholds) Of(MatchRules rules, MatchResult learnt, Calibration calibration)
    {
        var source = calibration.Merge is not null ? ThresholdSource.Decisions
            : learnt.Valley.Shape != ScoreShape.NoValley ? ThresholdSource.Estimate
            : rules.MergeWithoutValley ? ThresholdSource.Rules : ThresholdSource.Nothing;
        var merge = source switch
        {
            ThresholdSource.Decisions => calibration.Merge!.Bits,
            ThresholdSource.Nothing => ILikeness.Decided,
            _ => learnt.MergeBits,
        };
        var review = calibration.Review is { } asked ? Math.Max(asked.Bits, learnt.ReviewBits - Deepest) : learnt.ReviewBits;
        return (merge, Math.Min(review, merge), new ModelThresholds(source, learnt.MergeBits, learnt.ReviewBits, learnt.Valley, calibration));
    }
}
