using System.Text.Json.Serialization;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Likeness;

/// <summary>What was learnt from records, as it is stored.</summary>
/// <param name="Records">How many records it was learnt from.</param>
/// <param name="Prior">Equal records among all pairs that could be made.</param>
/// <param name="MergeBits">From which score records are merged without asking.</param>
/// <param name="ReviewBits">From which score a person is asked.</param>
/// <param name="M">By compared field and level, how often it occurs among equal records.</param>
/// <param name="U">How often among different ones.</param>
/// <param name="Groups">Fields that say the same thing again.</param>
/// <param name="MostHolders">By blocking key, how many records may share a value of it and still be compared for that.</param>
public sealed record ModelWeights(int Records, double Prior, double MergeBits, double ReviewBits, double[][] M, double[][] U, IReadOnlyList<GroupWeights> Groups, int[] MostHolders);

/// <summary>What fields that say the same thing again tell together.</summary>
/// <param name="Name">What they are about.</param>
/// <param name="Fields">Their places among the compared fields.</param>
/// <param name="Ratios">By pattern of agreement, what m / u of the fields is to be multiplied by.</param>
public sealed record GroupWeights(string Name, int[] Fields, double[] Ratios);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelWeights)), JsonSerializable(typeof(MatchRules))]
sealed partial class ModelJson : JsonSerializerContext;
