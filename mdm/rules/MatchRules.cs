using System.Text.RegularExpressions;
using CdcSync.Contract.Settings;
using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Scoring;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>The rule file of one object: which fields it has, which records are compared, and what their likeness weighs. Read from YAML.</summary>
public sealed partial record MatchRules
{
    /// <summary>The object the rules are for: <c>customer</c>, <c>item</c>, <c>location</c>, or any word for a file of another thing.</summary>
    public required string Object { get; init; }

    /// <summary>The field or column with the record's id in its source; default <c>id</c> when there is such a column, else the line number.</summary>
    public string? Id { get; init; }

    /// <summary>The column that names the record's source; default the name of the file.</summary>
    public string? Source { get; init; }

    /// <summary>The fields that are read, by name.</summary>
    public required IReadOnlyDictionary<string, FieldRule> Fields { get; init; }

    /// <summary>
    /// Which records are compared at all: those that share a value of any of these keys. A key is a field, or fields with <c>+</c> between them, each with a form if
    /// wanted: <c>tax_id</c>, <c>postcode + name.first5</c>, <c>name.rare + town</c>. The forms are those of <see cref="KeyForms"/>.
    /// </summary>
    public required IReadOnlyList<string> Blocking { get; init; }

    /// <summary>Records that may share one value of a blocking key; a more common value is not used by itself. Default 100.</summary>
    public int LargestBlock { get; init; } = 100;

    /// <summary>Equal values that decide: records that share one are the same, whatever else differs but a veto. Field names; each is a blocking key too.</summary>
    public IReadOnlyList<string> Same { get; init; } = [];

    /// <summary>Vetoes: records with different values of one of these fields are never merged by a score. Field names.</summary>
    public IReadOnlyList<string> Differ { get; init; } = [];

    /// <summary>True where each source holds each thing once: two records of one source are never merged, and a record goes with one record of another source at most.</summary>
    public bool OneToOne { get; init; }

    /// <summary>From which probability records are merged without asking. Default 0.99.</summary>
    public double Merge { get; init; } = 0.99;

    /// <summary>How many of all pairs that are merged without asking are to be right, at least: as long as they are, less sure pairs than <see cref="Merge"/> are merged too. Default 0.995.</summary>
    public double MergePrecision { get; init; } = 0.995;

    /// <summary>From which probability a person is asked. Default 0.5.</summary>
    public double Review { get; init; } = 0.5;

    /// <summary>
    /// Weights by field, in place of those that are learnt; a field that is not named keeps what is learnt. <c>cdcsync mdm weights OBJECT --yaml</c> prints the learnt ones in this form.
    /// </summary>
    public IReadOnlyDictionary<string, FieldWeights> Weights { get; init; } = new Dictionary<string, FieldWeights>();

    /// <summary>The keys that bring records together: those of <see cref="Blocking"/>, and the fields of <see cref="Same"/>.</summary>
    internal IReadOnlyList<BlockingKey> Keys() => [.. Blocking.Concat(Same).Distinct(StringComparer.Ordinal).Select((k, i) => BlockingKey.Parse(k, Fields, $"blocking[{i}]"))];

    /// <summary>Checks what types cannot say: unknown fields, kinds, comparisons and forms, thresholds.</summary>
    /// <exception cref="SettingsException">The file contradicts itself.</exception>
    public void Validate()
    {
        if (Fields.Count == 0) throw new SettingsException("fields", "there is none: name at least one field to compare");
        foreach (var (name, field) in Fields)
        {
            if (!Word().IsMatch(name)) throw new SettingsException($"fields.{name}", "is no name for a field: small letters, digits and _");
            FieldKinds.Get(field.Kind, $"fields.{name}.kind");
            if (field.Compare is { } comparison and not "none") ComparisonCatalog.Get(comparison, $"fields.{name}.compare");
            if (field.From.Count == 0) throw new SettingsException($"fields.{name}.from", "names no column");
        }
        if (Fields.Values.Count(f => f.Compare != "none") is > 16 and var many) throw new SettingsException("fields", $"{many} are compared; 16 is the most: set `compare: none` for the weakest");
        if (Blocking.Count == 0) throw new SettingsException("blocking", "there is none: every record would be compared with every other");
        if (Blocking.Count > KeyHash.MostKeys) throw new SettingsException("blocking", $"{Blocking.Count} keys are too many: {KeyHash.MostKeys} are the most, and each costs");
        for (var i = 0; i < Blocking.Count; i++) BlockingKey.Parse(Blocking[i], Fields, $"blocking[{i}]");
        foreach (var (list, names) in new[] { ("same", Same), ("differ", Differ) })
            foreach (var name in names)
                if (!Fields.ContainsKey(name)) throw new SettingsException(list, $"there is no field '{name}'{NearestName.Hint(name, Fields.Keys)}");
        GivenWeights.Validate(this);
        if (LargestBlock < 2) throw new SettingsException("largest_block", $"{LargestBlock} is too few: two records must be able to share a key; 100 is usual");
        if (Merge is not (> 0 and < 1)) throw new SettingsException("merge", $"{Merge} is not a probability between 0 and 1");
        if (MergePrecision is not (> 0 and <= 1)) throw new SettingsException("merge_precision", $"{MergePrecision} is no share between 0 and 1");
        if (Review is not (> 0 and < 1) || Review > Merge) throw new SettingsException("review", $"{Review} is not a probability between 0 and merge ({Merge})");
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*$", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}

/// <summary>The weights of one field. What a level tells is the binary logarithm of its share among equal records over that among different ones.</summary>
public sealed record FieldWeights
{
    /// <summary>How often each level of the field's comparison, most alike first, occurs among records that are the same.</summary>
    public required IReadOnlyList<double> Same { get; init; }

    /// <summary>How often each occurs among records that are not.</summary>
    public required IReadOnlyList<double> Different { get; init; }
}

/// <summary>How one field is read and compared.</summary>
public sealed record FieldRule
{
    /// <summary>What it is: one of <see cref="FieldKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The columns it comes from (for canonical objects the paths: <c>addresses[].postal_code</c>). Several are read as one text, with a space between them.</summary>
    public required IReadOnlyList<string> From { get; init; }

    /// <summary>True when each column of <see cref="From"/> holds a value of its own (two phone numbers): any of them may agree.</summary>
    public bool Each { get; init; }

    /// <summary>
    /// Columns that hold the same in another way: an alias of a name, any of which may agree; for <c>product_name</c> the texts in which a model number may stand (description, part number).
    /// </summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    /// <summary>The part wanted of a kind that has parts: <c>postcode</c> of an address.</summary>
    public string? Part { get; init; }

    /// <summary>The country where the record does not say one, ISO alpha-2.</summary>
    public string? Country { get; init; }

    /// <summary>The comparison, one of <see cref="ComparisonCatalog"/>; <c>none</c> for a field that only makes keys. Default the kind's.</summary>
    public string? Compare { get; init; }

    /// <summary>True when an equal rare value counts more than an equal common one. Default the kind's.</summary>
    public bool? Frequency { get; init; }

    internal IFieldKind FieldKind => FieldKinds.Get(Kind, "kind");

    /// <summary>How it is compared: as it says, or as its kind is.</summary>
    /// <param name="name">The field's name, for errors.</param>
    internal IComparison Comparison(string name) => ComparisonCatalog.Get(Compare ?? FieldKind.Comparison, $"fields.{name}.compare");
}
