using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Rules;

/// <summary>
/// A deterministic rule: two records of one kind that share any of the rule's match keys are the same. A new rule is one file here and one line in
/// <see cref="RuleBook"/>, where its place gives its strength.
/// </summary>
public interface IMatchRule
{
    /// <summary>Lower case, without colon: begins the rule's match keys, <c>name:value</c>, and names the rule in explanations.</summary>
    string Name { get; }

    /// <summary>The kind of object it looks at: <c>customer</c>.</summary>
    string Kind { get; }

    /// <summary>True when an equal key alone decides, whatever a veto says.</summary>
    bool Decides { get; }

    /// <summary>
    /// True when the rule only stands in until likeness is learnt: what it goes by is a field among others there, and weighs what it is worth. Scores then decide without it.
    /// </summary>
    bool GivesWay => false;

    /// <summary>The standardised values that make the record's match keys; none when what the rule needs is missing.</summary>
    IEnumerable<string> Values(CanonicalObject value);

    /// <summary>
    /// Names the register a value of this rule is unique in: two records with values of one register and none in common are different things, and no rule that does not
    /// decide may merge them. Null when different values prove nothing.
    /// </summary>
    string? Register(string value) => null;
}
