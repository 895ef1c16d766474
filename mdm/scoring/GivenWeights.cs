using CdcSync.Contract.Settings;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Scoring;

/// <summary>Weights that a rule file gives, in place of learnt ones.</summary>
public static class GivenWeights
{
    /// <summary>The estimate with the given weights in it.</summary>
    /// <param name="rules">The rule file.</param>
    /// <param name="fields">The compared fields, in the estimate's order.</param>
    /// <param name="estimate">What was learnt.</param>
    public static Estimate Apply(MatchRules rules, IReadOnlyList<string> fields, Estimate estimate)
    {
        if (rules.Weights.Count == 0) return estimate;
        double[] Shares(int f, Func<FieldWeights, IReadOnlyList<double>> of, double[] learnt) =>
            !rules.Weights.TryGetValue(fields[f], out var given) ? learnt : [.. of(given).Select(s => Math.Max(s, 1e-9) / of(given).Sum(o => Math.Max(o, 1e-9)))];
        return estimate with { M = [.. estimate.M.Select((m, f) => Shares(f, w => w.Same, m))], U = [.. estimate.U.Select((u, f) => Shares(f, w => w.Different, u))] };
    }

    /// <summary>Checks what a rule file gives.</summary>
    /// <exception cref="SettingsException">A field is not compared, or has other levels.</exception>
    public static void Validate(MatchRules rules)
    {
        foreach (var (name, given) in rules.Weights)
        {
            if (!rules.Fields.TryGetValue(name, out var field) || field.Compare == "none")
                throw new SettingsException($"weights.{name}", $"no such field is compared{NearestName.Hint(name, rules.Fields.Where(f => f.Value.Compare != "none").Select(f => f.Key))}");
            var levels = field.Comparison(name).Levels;
            foreach (var (list, shares) in new[] { ("same", given.Same), ("different", given.Different) })
            {
                if (shares.Count != levels.Count) throw new SettingsException($"weights.{name}.{list}", $"has {shares.Count} shares; there are {levels.Count} levels: {string.Join(", ", levels)}");
                if (shares.Any(s => s is not (>= 0 and <= 1)) || shares.Sum() <= 0) throw new SettingsException($"weights.{name}.{list}", "shares are numbers from 0 to 1, and one at least is above 0");
            }
        }
    }
}
