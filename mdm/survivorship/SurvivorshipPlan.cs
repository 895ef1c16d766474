using CdcSync.Contract.Settings;

namespace CdcSync.Mdm.Survivorship;

/// <summary>How all attributes of one kind are decided: the settings on top of what holds without any.</summary>
sealed class SurvivorshipPlan
{
    static readonly Dictionary<string, Dictionary<string, GroupSurvivorship>> Groups = new(StringComparer.Ordinal)
    {
        ["customer"] = new() { ["credit"] = new() { Of = ["credit_limit", "currency", "credit_hold", "payment_terms"], Fill = ["payment_terms"] } },
        // Factors are per base unit; a part number is its manufacturer's.
        ["item"] = new() { ["packing"] = new() { Of = ["units", "base_unit"] }, ["part"] = new() { Of = ["manufacturer_part", "manufacturer"], Fill = ["manufacturer"] } },
        ["location"] = [],
    };

    static readonly Dictionary<string, string[]> Telling = new(StringComparer.Ordinal) { ["customer"] = ["tax_ids", "credit_limit", "gln"], ["item"] = ["gtin"], ["location"] = ["gln"] };

    readonly string _kind;
    readonly string _path;
    readonly SurvivorshipSettings _settings;
    readonly IReadOnlyList<string> _trusted;

    /// <exception cref="SettingsException">The settings name what is not there, or contradict themselves.</exception>
    public SurvivorshipPlan(string kind, MdmSettings settings)
    {
        (_kind, _path, _trusted) = (kind, $"survivorship.{kind}", settings.Sources);
        _settings = settings.Survivorship.GetValueOrDefault(kind) ?? new();
        Check($"{_path}.default", _settings.Default);
        var groups = ReadGroups();
        foreach (var (name, own) in _settings.Attributes)
        {
            GoldenAttributes.Get(kind, name, $"{_path}.attributes.{name}");
            if (groups.Find(g => g.Attributes.Any(a => a.Name == name)) is { } group)
                throw new SettingsException($"{_path}.attributes.{name}", $"'{name}' is taken whole with the group '{group.Name}': set groups.{group.Name}, or give its 'of' without '{name}'");
            Check($"{_path}.attributes.{name}", own);
        }
        Parts = [.. groups, .. GoldenAttributes.Of(kind).Where(a => !groups.Exists(g => g.Attributes.Contains(a))).Select(Single)];
        Conflicts = [.. (_settings.Conflicts ?? Telling[kind]).Select((name, i) => GoldenAttributes.Get(kind, name, $"{_path}.conflicts"))];
    }

    /// <summary>Everything that is decided: each attribute of the kind stands in one.</summary>
    public IReadOnlyList<AttributePlan> Parts { get; }

    /// <summary>Attributes whose different values a person should see.</summary>
    public IReadOnlyList<GoldenAttribute> Conflicts { get; }

    // A group of the settings takes its attributes out of those that are there from the start.
    List<AttributePlan> ReadGroups()
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        var groups = new List<AttributePlan>();
        foreach (var (name, own) in _settings.Groups)
        {
            var path = $"{_path}.groups.{name}";
            if (GoldenAttributes.Find(_kind, name) is not null) throw new SettingsException(path, $"'{name}' is an attribute: give the group another name, or set attributes.{name}");
            Check(path, own);
            var of = own.Of.Count > 0 ? own.Of : Groups[_kind].GetValueOrDefault(name)?.Of ?? throw new SettingsException(path,
                $"'of' is missing: name the attributes that are taken together{(Groups[_kind].Count > 0 ? NearestName.Hint(name, Groups[_kind].Keys) : "")}");
            foreach (var attribute in of)
            {
                GoldenAttributes.Get(_kind, attribute, $"{path}.of");
                if (!taken.TryAdd(attribute, name)) throw new SettingsException($"{path}.of", $"'{attribute}' stands in the group '{taken[attribute]}' already: an attribute is in one group");
            }
            var fill = own.Fill ?? [.. (Groups[_kind].GetValueOrDefault(name)?.Fill ?? []).Where(of.Contains)];
            if (fill.FirstOrDefault(f => !of.Contains(f)) is { } stray) throw new SettingsException($"{path}.fill", $"'{stray}' is none of the group's attributes{NearestName.Hint(stray, of)}");
            groups.Add(Group(path, name, of, fill, own));
        }
        foreach (var (name, given) in Groups[_kind].Where(g => !_settings.Groups.ContainsKey(g.Key)))
            if (given.Of.Where(a => !taken.ContainsKey(a)).ToList() is { Count: > 0 } left) groups.Add(Group($"{_path}.default", name, left, given.Fill ?? [], given));
        return groups;
    }

    AttributePlan Group(string path, string name, IReadOnlyList<string> of, IReadOnlyList<string> fill, AttributeSurvivorship own)
    {
        var plan = Plan(path, name, [.. of.Select(a => GoldenAttributes.Find(_kind, a)!)], own);
        if (plan.Join is { } join) throw new SettingsException($"{path}.rules", $"'{join.Name}' joins lists of several records, and a group is taken from one");
        return plan with { IsGroup = true, Fill = fill };
    }

    AttributePlan Single(GoldenAttribute attribute)
    {
        var own = _settings.Attributes.GetValueOrDefault(attribute.Name);
        return Plan(own is null ? $"{_path}.default" : $"{_path}.attributes.{attribute.Name}", attribute.Name, [attribute], own ?? new());
    }

    AttributePlan Plan(string path, string name, IReadOnlyList<GoldenAttribute> attributes, AttributeSurvivorship own)
    {
        var rules = (own.Rules.Count > 0 ? own.Rules : _settings.Default.Rules is { Count: > 0 } common ? common : ["trust"]).Select(r => SurvivalRules.Get(r, $"{path}.rules")).ToList();
        if (rules.Find(r => !r.Takes(attributes[0])) is { } unfit) throw new SettingsException($"{path}.rules", $"'{unfit.Name}' cannot decide on '{attributes[0].Name}'; it takes {TakenBy(unfit)}");
        return new AttributePlan
        {
            Name = name,
            Attributes = attributes,
            Rules = [.. rules.OfType<IRankingRule>()],
            Join = rules.OfType<IJoiningRule>().FirstOrDefault(),
            Sources = own.Sources.Count > 0 ? own.Sources : _settings.Default.Sources.Count > 0 ? _settings.Default.Sources : _trusted,
            HalfLife = own.HalfLife ?? _settings.Default.HalfLife,
        };
    }

    void Check(string path, AttributeSurvivorship own)
    {
        var rules = own.Rules.Select(r => SurvivalRules.Get(r, $"{path}.rules")).ToList();
        if (Twice(own.Rules) is { } rule) throw new SettingsException($"{path}.rules", $"'{rule}' stands there twice: what it left open once it leaves open again");
        if (rules.FindIndex(r => r is IJoiningRule) is >= 0 and var place && place < rules.Count - 1)
            throw new SettingsException($"{path}.rules", $"'{rules[place].Name}' joins what the others have ranked: write it last");
        if (path.EndsWith(".default", StringComparison.Ordinal) && rules.Find(r => !GoldenAttributes.Of(_kind).All(r.Takes)) is { } special)
            throw new SettingsException($"{path}.rules", $"'{special.Name}' is not for every attribute: set it under attributes; it takes {TakenBy(special)}");
        if (Twice(own.Sources) is { } source) throw new SettingsException($"{path}.sources", $"'{source}' stands there twice: name each source once");
        if (own.HalfLife <= TimeSpan.Zero) throw new SettingsException($"{path}.half_life", $"{own.HalfLife} is no time in which trust halves; 365d is usual");
        if (own.HalfLife is not null && own.Rules.Count > 0 && !own.Rules.Contains("trust"))
            throw new SettingsException($"{path}.half_life", $"ages trust, which is none of the rules ({string.Join(", ", own.Rules)}): add 'trust', or leave it out");
    }

    string TakenBy(ISurvivalRule rule) => string.Join(", ", GoldenAttributes.Of(_kind).Where(rule.Takes).Select(a => a.Name)) is { Length: > 0 } names ? names : $"nothing of a {_kind}";

    static string? Twice(IReadOnlyList<string> names) => names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
}
