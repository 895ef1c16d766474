namespace CdcSync.Mdm.Suggest;

/// <summary>Products and works: names, descriptions, makers, numbers, prices; and whatever is left.</summary>
static class ThingFields
{
    /// <summary>True when the file is of goods: names mean products then.</summary>
    public static bool AreItems(FieldPlan plan) =>
        plan.Any(Meaning.Price, Meaning.Maker, Meaning.PartNumber, Meaning.Gtin, Meaning.Product, Meaning.Pack) && !plan.Any(Meaning.Street, Meaning.StreetLine, Meaning.Address, Meaning.Postcode, Meaning.Phone, Meaning.Birth, Meaning.Surname)
        || plan.Any(Meaning.Title, Meaning.Product);

    public static void Names(FieldPlan plan)
    {
        var works = plan.Any(Meaning.People) || plan.All.Any(g => ColumnWords.Words(g.Name) is [.., "VENUE" or "JOURNAL" or "ALBUM" or "ARTIST"]);
        var titles = plan.Take(Meaning.Product, Meaning.Title, Meaning.Name, Meaning.CompanyName);
        while (titles.Count > 0)
        {
            var same = titles.FindAll(t => t == titles[0] || FieldPlan.Together(t, [titles[0]]) == 0);
            titles.RemoveAll(same.Contains);
            var name = plan.Has("name") ? FieldNames.Of(same[0].Name) : "name";
            if (works) plan.Add(name, "text", same, "a work's title");
            else plan.Add(name, "product_name", same, "a product's name: its words, and the model numbers in it");
        }
    }

    public static void Add(FieldPlan plan)
    {
        Fields(plan, "brand", "company_name", Meaning.Maker);
        Fields(plan, "part_number", "part_number", Meaning.PartNumber);
        Fields(plan, "gtin", "gtin", Meaning.Gtin);
        Fields(plan, "description", "text", Meaning.Description);
        if (plan.Rule("name")?.Kind == "product_name")
            plan.AddAlso("name", plan.Fields.Where(f => f.Rule.Kind == "part_number" || f.Name.StartsWith("description", StringComparison.Ordinal)).SelectMany(f => f.Rule.From));
        Fields(plan, "price", "number", Meaning.Price);
        foreach (var pack in plan.Take(Meaning.Pack)) plan.Add(FieldNames.Of(pack.Name), pack.Shape.Numbers > 0.9 ? "number" : "pack", [pack], pack.Why);
        foreach (var people in plan.Take(Meaning.People)) plan.Add(FieldNames.Of(people.Name), "text", [people], "names, in any order");
        foreach (var year in plan.Take(Meaning.Year)) plan.Add(FieldNames.Of(year.Name), "year", [year], year.Why);
        foreach (var category in plan.Take(Meaning.Category))
            plan.Add(FieldNames.Of(category.Name), category.Shape.Words > 2.5 || category.Shape.DistinctShare > 0.3 ? "text" : "category", [category], category.Why);
        foreach (var text in plan.Take(Meaning.Text)) plan.Add(FieldNames.Of(text.Name), "text", [text], text.Why);
        foreach (var number in plan.Take(Meaning.Number)) plan.Add(FieldNames.Of(number.Name), "number", [number], number.Why);
        foreach (var number in plan.Take(Meaning.LocalNumber))
            if (Agreement.Of(number, plan) > 0.3) plan.Add(FieldNames.Of(number.Name), "identifier", [number], "records that share it agree elsewhere too");
            else plan.LeaveOut(number, "a number of one system: records that share it have little else in common");
    }

    static void Fields(FieldPlan plan, string name, string kind, Meaning meaning)
    {
        foreach (var column in plan.Take(meaning))
            if (column.Shape.FilledShare < 0.005) plan.LeaveOut(column, "is nearly empty");
            else plan.Add(plan.Has(name) ? FieldNames.Of(column.Name) : name, kind, [column], column.Why);
    }
}
