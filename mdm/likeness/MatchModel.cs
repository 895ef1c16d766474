using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Scoring;

namespace CdcSync.Mdm.Likeness;

/// <summary>
/// What matching by likeness goes by from one learning to the next: rules, weights, thresholds, and how common values are. While it stands, the score of two records
/// depends on the two alone.
/// </summary>
public sealed class MatchModel
{
    MatchModel(MatchRules rules, ModelWeights weights, IReadOnlyDictionary<string, FieldStatistics> statistics)
    {
        (Rules, Weights, Statistics) = (rules, weights, statistics);
        Keys = rules.Keys();
        Compared = [.. rules.Fields.Where(f => f.Value.Compare != "none").Select(f => f.Key)];
        var levels = Compared.Select(f => Comparison(f).Levels.Count).ToList();
        var groups = weights.Groups.Select(g => new FieldGroup(g.Name, g.Fields, levels)).ToList();
        Estimate = GivenWeights.Apply(rules, Compared, new Estimate(weights.M, weights.U, [], weights.Prior, groups, [.. weights.Groups.Select(g => g.Ratios)]));
    }

    /// <summary>The rule file it was learnt for.</summary>
    public MatchRules Rules { get; }

    /// <summary>What was learnt, as it is stored.</summary>
    public ModelWeights Weights { get; }

    /// <summary>How common the values of each field are.</summary>
    public IReadOnlyDictionary<string, FieldStatistics> Statistics { get; }

    /// <summary>The keys that bring records together.</summary>
    public IReadOnlyList<BlockingKey> Keys { get; }

    /// <summary>How many records may share the value of a key and still be compared for it.</summary>
    public int MostHolders(long key) => Weights.MostHolders[KeyHash.KeyOf(key)];

    /// <summary>The fields that are compared, in the order of their levels.</summary>
    public IReadOnlyList<string> Compared { get; }

    /// <summary>The weights.</summary>
    public Estimate Estimate { get; }

    /// <summary>How a field is compared.</summary>
    public IComparison Comparison(string field) => Rules.Fields[field].Comparison(field);

    /// <summary>Freezes what a matching learnt.</summary>
    public static MatchModel Of(MatchRules rules, MatchResult learnt)
    {
        var estimate = learnt.Estimate;
        var groups = estimate.Groups.Select((g, i) => new GroupWeights(g.Name, [.. g.Fields], estimate.Ratios[i])).ToList();
        var weights = new ModelWeights(learnt.Records.Count, estimate.Prior, learnt.MergeBits, learnt.ReviewBits, estimate.M, estimate.U, groups, [.. learnt.Candidates.Counts.Select(c => c.MostHolders)]);
        return new MatchModel(rules, weights, learnt.Records.Fields.ToDictionary(f => f.Name, FieldStatistics.Of));
    }

    /// <summary>The statistics as they are stored.</summary>
    public byte[] StatisticsBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var field in Rules.Fields.Keys) Statistics[field].Write(writer);
        return bytes.ToArray();
    }

    /// <summary>A rule file as it is stored with what was learnt for it: equal rules are equal texts.</summary>
    public static string Text(MatchRules rules) => JsonSerializer.Serialize(rules, ModelJson.Default.MatchRules);

    /// <summary>Changes when one of the rule files does.</summary>
    public static string Fingerprint(IReadOnlyDictionary<string, MatchRules> rules) =>
        string.Join(' ', rules.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(r.Value))))[..16]}"));

    /// <summary>The weights as they are stored.</summary>
    public string WeightsText() => JsonSerializer.Serialize(Weights, ModelJson.Default.ModelWeights);

    /// <summary>Puts together what was stored.</summary>
    public static MatchModel Read(string text, string weights, byte[] statistics)
    {
        var rules = JsonSerializer.Deserialize(text, ModelJson.Default.MatchRules)!;
        using var reader = new BinaryReader(new MemoryStream(statistics));
        return new MatchModel(rules, JsonSerializer.Deserialize(weights, ModelJson.Default.ModelWeights)!, rules.Fields.Keys.ToDictionary(f => f, _ => FieldStatistics.Read(reader)));
    }
}
