using CdcSync.Contract.Settings;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;

namespace CdcSync.Mdm.Suggest;

/// <summary>A proposal of rules, with the reasons.</summary>
/// <param name="Rules">Complete: fit for a matching as they are.</param>
/// <param name="Fields">The fields in the rules' order, each with its reason.</param>
/// <param name="Keys">The blocking keys in the rules' order, each with its reason.</param>
/// <param name="LeftOut">Columns that are not read, and why not.</param>
public sealed record RuleProposal(MatchRules Rules, IReadOnlyList<PlannedField> Fields, IReadOnlyList<(string Key, string Why)> Keys, IReadOnlyList<(string Column, string Why)> LeftOut);

/// <summary>Proposes rules from what columns are called and what stands in them.</summary>
public static class RuleSuggestion
{
    const int MostCompared = 16;

    static readonly string[] WeakestFirst =
        ["number", "year", "category", "region", "country", "pack", "text", "domain", "coordinates", "postcode", "town", "date", "part_number", "identifier", "person_name", "phone", "email"];

    /// <summary>Rules for records of these files together.</summary>
    /// <param name="tables">The files.</param>
    /// <param name="oneToOne">True when the user says that each file holds each thing once.</param>
    /// <param name="truth">Columns that hold the answer.</param>
    /// <exception cref="SettingsException">Nothing in the files can be compared.</exception>
    public static RuleProposal Of(IReadOnlyList<RawTable> tables, bool oneToOne = false, IReadOnlyCollection<string>? truth = null)
    {
        var plan = new FieldPlan(tables);
        var (id, source) = Identity.Take(plan, truth ?? []);
        var items = ThingFields.AreItems(plan);
        if (items) ThingFields.Names(plan);
        NameFields.Add(plan);
        AddressFields.Add(plan);
        ContactFields.Add(plan);
        ThingFields.Add(plan);
        foreach (var rest in plan.Left.ToList()) plan.LeaveOut(rest, "nothing is known of it");
        Limit(plan);
        if (plan.Fields.All(f => f.Rule.Compare == "none"))
            throw new SettingsException("", $"nothing in the columns {string.Join(", ", plan.All.Take(20).Select(g => g.Name))} can be compared; write the rules by hand (docs/matching.md)");
        var keys = new KeyPlan(plan, tables.Sum(t => t.Rows)).Make();
        var fields = plan.Fields.ToDictionary(f => f.Name, f => f.Rule, StringComparer.Ordinal);
        var rules = new MatchRules
        {
            Object = items ? "item" : plan.Any(Meaning.Latitude, Meaning.Coordinates) && !plan.Any(Meaning.Surname) ? "location" : "customer",
            Id = id,
            Source = source,
            Fields = fields,
            Blocking = [.. keys.Keys.Select(k => k.Key)],
            LargestBlock = keys.LargestBlock,
            Differ = [.. plan.Fields.Where(f => f.Rule.Kind == "gtin").Select(f => f.Name)],
            OneToOne = oneToOne,
        };
        rules.Validate();
        return new RuleProposal(rules, plan.Fields, keys.Keys, plan.LeftOut);
    }

    static void Limit(FieldPlan plan)
    {
        foreach (var kind in WeakestFirst)
            foreach (var field in plan.Fields.Where(f => f.Rule.Kind == kind && f.Rule.Compare != "none").Reverse().ToList())
            {
                if (plan.Fields.Count(f => f.Rule.Compare != "none") <= MostCompared) return;
                plan.DoNotCompare(field.Name, $"not compared: {MostCompared} fields are the most, and this tells least");
            }
    }
}
