using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Survivorship;

/// <summary>What one attribute of a golden record became: merging takes the value, explaining the rest.</summary>
/// <param name="Attribute">The attribute.</param>
/// <param name="Contest">Who could have given it.</param>
/// <param name="Value">Its value.</param>
/// <param name="Winners">Whose value it is: several when lists were joined, none when a pin or nobody gave it.</param>
/// <param name="Group">The group it was decided with; null when by itself.</param>
sealed record Decision(GoldenAttribute Attribute, Contest Contest, object? Value, IReadOnlyList<Candidate> Winners, string? Group)
{
    /// <summary>True when the elements of several records may stand in it.</summary>
    public bool IsJoined { get; init; }

    /// <summary>The pin on it.</summary>
    public Pin? Pin { get; init; }

    /// <summary>Why the pin cannot be read.</summary>
    public string? PinRefused { get; init; }

    /// <summary>What a candidate says of this attribute.</summary>
    public object? Said(Candidate candidate) => candidate.Values[Contest.Plan.PlaceOf(Attribute)];

    /// <summary>The best record's value.</summary>
    public static Decision OfBest(GoldenAttribute attribute, Contest contest)
    {
        var (best, group) = (contest.Ranked[0], contest.Plan.IsGroup ? contest.Plan.Name : null);
        var said = best.Values[contest.Plan.PlaceOf(attribute)];
        // What must be there is a placeholder rather than nothing; a part of an address is better than none.
        var shows = Weigh.Of(attribute, said) == Worth.Real || !attribute.IsOptional || said is Address;
        return shows ? new Decision(attribute, contest, said, [best], group) : new Decision(attribute, contest, null, [], group);
    }

    /// <summary>The lists of all records, joined by the plan's rule; null when no record has a real element.</summary>
    public static Decision? OfAll(GoldenAttribute attribute, Contest contest)
    {
        var joined = contest.Plan.Join!.Join(contest.Ranked).ToList();
        if (joined.Count == 0) return null;
        var list = Array.CreateInstance(attribute.ItemType!, joined.Count);
        var hasDefault = false;
        foreach (var (place, (element, _)) in joined.Index())
        {
            // Each record has a default address of its own; the golden record has the best one's.
            list.SetValue(element is Address { IsDefault: true } address && hasDefault ? address with { IsDefault = false } : element, place);
            hasDefault |= element is Address { IsDefault: true };
        }
        return new Decision(attribute, contest, list, [.. joined.Select(j => j.From).Distinct()], null) { IsJoined = true };
    }

    /// <summary>The same under a pin. It was checked when it was made; one that a newer version cannot read any more holds nothing up, and the explanation tells it.</summary>
    public Decision Under(Pin? pin)
    {
        if (pin?.Value is null) return this;
        try
        {
            return this with { Value = PinValue.Read(Attribute, pin.Value), Winners = [], Pin = pin };
        }
        catch (InvalidPinException refused)
        {
            return this with { Pin = pin, PinRefused = refused.Message };
        }
    }
}
