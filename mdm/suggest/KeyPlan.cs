namespace CdcSync.Mdm.Suggest;

/// <summary>Which records are compared: those that share a number, or enough of a name and a place or date that the others are few.</summary>
sealed class KeyPlan(FieldPlan plan, int rows)
{
    readonly List<(string Key, string Why)> _keys = [];

    public IReadOnlyList<(string Key, string Why)> Keys => _keys;

    /// <summary>A rule of thumb: in a small file a common value is still few records.</summary>
    public int LargestBlock => rows <= 5_000 ? 400 : rows <= 50_000 ? 200 : 100;

    bool Small => rows <= 50_000;

    public KeyPlan Make()
    {
        Numbers();
        Persons();
        foreach (var name in Names("company_name", "party_name", "person_name")) Parties(name);
        foreach (var name in Names("product_name", "text")) Things(name);
        Places();
        if (_keys.Count < 3) Anything();
        return this;
    }

    void Numbers()
    {
        foreach (var field in plan.Fields)
            if (field.Rule.Kind is "tax_id" or "identifier" or "gtin" or "gln" or "part_number" or "phone" or "email" or "domain") Add("the same number or address", field.Name);
    }

    void Persons()
    {
        // Any of the names, whichever column it stands in: they are exchanged more often than one would think.
        var names = plan.Has("full_name") ? "full_name" : plan.Has("surname") ? "surname" : "given_name";
        Add("how the surname sounds, and how the given name begins", "surname.sound", "given_name.first3");
        Add("the same two names, in either order", "full_name.pair");
        foreach (var birth in plan.Fields.Where(f => f.Rule.Kind == "date").Select(f => f.Name))
        {
            Add("born on the same day, with a name or the place in common", birth, $"{names}.word");
            Add("", birth, "name.rare");
            Add("", birth, "postcode");
            Add("", birth, "town");
            if (Small) Add("few enough records for the date alone", birth);
        }
        Add("a name and the place", $"{names}.word", "postcode");
        Add("", $"{names}.sound", "town");
        Add("a name and a part of the mail address", $"{names}.word", "email.word");
        if (!Small) return;
        Add("few enough records for a part of the mail address, or one name", "email.word");
        Add("", $"{names}.word");
        if (rows <= 5_000) Add("", $"{names}.sound");
    }

    void Parties(string name)
    {
        Add("the two rarest words of the name", $"{name}.pair");
        Add("a rare word of the name, and the place", $"{name}.rare", "postcode");
        Add("", $"{name}.rare", "town");
        Add("how the name begins, and the place: a rare word may be misspelt", $"{name}.first5", "postcode");
        Add("", $"{name}.first5", "town");
        Add("a rare word of the name and a part of the mail address", $"{name}.rare", "email.word");
        if (Small) Add("few enough records for the rarest word alone", $"{name}.rarest");
    }

    void Things(string name)
    {
        Add("the two rarest words", $"{name}.pair");
        Add("a rare word and the maker", $"{name}.rare", "brand");
        Add("", $"{name}.rare", "year");
        if (Small) Add("few enough records for a rare word alone", $"{name}.rare");
        if (rows <= 5_000) Add("few enough records for any word that is not common", $"{name}.word");
    }

    void Places()
    {
        Add("the same street, number and place", "street", "postcode");
        Add("", "street", "town");
        if (!Small) return;
        Add("few enough records for the street alone, or a part of its name", "street");
        Add("", "street.rarest", "town");
    }

    // What little there is, one by one: nothing better can be said of a strange file.
    void Anything()
    {
        foreach (var field in plan.Fields.Where(f => f.Rule.Compare != "none"))
            Add("little else to go by", field.Rule.Kind is "company_name" or "party_name" or "person_name" or "product_name" or "text" or "town" or "address" ? $"{field.Name}.rare" : field.Name);
    }

    List<string> Names(params string[] kinds) => [.. plan.Fields.Where(f => kinds.Contains(f.Rule.Kind) && f.Rule.Compare != "none" && f.Name is not ("contact" or "brand")).Select(f => f.Name).Take(2)];

    void Add(string why, params string[] parts)
    {
        var key = string.Join(" + ", parts);
        if (parts.All(p => plan.Has(p.Split('.')[0])) && !_keys.Exists(k => k.Key == key)) _keys.Add((key, why));
    }
}
