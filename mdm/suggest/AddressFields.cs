namespace CdcSync.Mdm.Suggest;

/// <summary>Where things are: house number and street line as one street; a whole address in its parts; town, postcode, region and country.</summary>
static class AddressFields
{
    public static void Add(FieldPlan plan)
    {
        Whole(plan);
        Street(plan);
        OneOrEach(plan, "town", "town", Meaning.Town);
        OneOrEach(plan, "postcode", "postcode", Meaning.Postcode);
        foreach (var district in plan.Take(Meaning.District)) plan.Add(plan.Has("town") ? FieldNames.Of(district.Name) : "town", "town", [district], district.Why);
        var placed = plan.Has("town") || plan.Has("postcode") || plan.Has("address");
        Single(plan, "region", Meaning.Region, placed);
        Single(plan, "country", Meaning.Country, placed);
        Coordinates(plan);
    }

    // A column with the whole address: its parts are fields, unless others say them already.
    static void Whole(FieldPlan plan)
    {
        var whole = plan.Take(Meaning.Address);
        var lines = plan.Left.Where(g => g.Meaning is Meaning.StreetLine or Meaning.Street).ToList();
        var places = plan.Left.Where(g => g.Meaning is Meaning.Town or Meaning.Postcode).ToList();
        foreach (var line in lines.FindAll(_ => whole.Count == 0))
            if (places.Count == 0 && line.Shape is { Words: >= 5 } and ({ Commas: > 0.4 } or { Words: >= 6 }))
            {
                plan.Reinterpret(line, Meaning.Address, "holds whole addresses: long, and no column for town or postcode");
                whole = plan.Take(Meaning.Address);
                lines.Remove(line);
                break;
            }
        if (whole.Count == 0) return;
        var others = lines.Concat(places).ToList();
        if (others.Count > 0 && whole.TrueForAll(w => FieldPlan.Together(w, others) >= 0.5))
        {
            foreach (var said in whole) plan.LeaveOut(said, "is said by street, town and postcode");
            return;
        }
        if (others.Count > 0) Mixed(plan, whole);
        else
        {
            foreach (var part in (string[])["street", "town", "postcode"])
                plan.Add(part, "address", whole, "the part of a whole address", part: part);
            foreach (var region in plan.Take(Meaning.Region)) plan.LeaveOut(region, "is said by town and postcode");
        }
    }

    // Some records have the whole address in one column, others in several: all are read as one.
    static void Mixed(FieldPlan plan, List<ColumnGuess> whole)
    {
        List<ColumnGuess> all = [.. whole, .. plan.Take(Meaning.HouseNumber, Meaning.StreetLine, Meaning.Street, Meaning.Town, Meaning.Region, Meaning.Postcode, Meaning.Country)];
        plan.Add("address", "address", all, "some records have it in one column, others in several: read as one");
        foreach (var part in (string[])["street", "town", "postcode"])
            plan.Add(part, "address", all, "for keys alone: compared as part of the address", part: part, compare: "none");
    }

    static void Street(FieldPlan plan)
    {
        var (number, street, lines, units) = (plan.Take(Meaning.HouseNumber), plan.Take(Meaning.Street), plan.Take(Meaning.StreetLine), plan.Take(Meaning.Unit));
        if (street.Count == 0 && lines.Count > 0)
        {
            // The first line, and in other files what goes by another name there.
            street = lines.FindAll(l => l == lines[0] || FieldPlan.Together(l, [lines[0]]) == 0);
            lines.RemoveAll(street.Contains);
        }
        if (street.Count > 1 && street.Exists(s => FieldPlan.Together(s, [.. street.Where(o => o != s)]) > 0.3))
        {
            lines.InsertRange(0, street.Skip(1));
            street = [street[0]];
        }
        if (street.Count > 0)
            plan.Add("street", "street", [.. number, .. street, .. units.Where(u => u.Shape.FilledShare > 0.01)], number.Count > 0 ? "house number and street are one line" : street[0].Why);
        else if (number.Count > 0) plan.Add("house_number", "street", number, number[0].Why);
        foreach (var unit in units.Where(u => street.Count == 0 || u.Shape.FilledShare <= 0.01)) plan.LeaveOut(unit, "without a street it says nothing");
        foreach (var line in lines)
            if (line.Shape.FilledShare < 0.02) plan.LeaveOut(line, "is nearly empty");
            else plan.Add(FieldNames.Of(line.Name), line.Shape.StartsWithNumber > 0.3 ? "street" : "town", [line], "a further line of the address: not the street, so compared by itself");
    }

    static void OneOrEach(FieldPlan plan, string field, string kind, Meaning meaning)
    {
        var columns = plan.Take(meaning);
        plan.Add(field, kind, columns, columns.Count > 1 ? "several columns: any of them may agree" : columns.FirstOrDefault()?.Why ?? "", each: true);
    }

    // Town and postcode say the region and the country; to count them again would make neighbours the same.
    static void Single(FieldPlan plan, string field, Meaning meaning, bool said)
    {
        var columns = plan.Take(meaning);
        if (columns.Count == 0) return;
        var first = columns.MaxBy(c => (c.Shape.FilledShare, -c.Name.Length))!;
        var same = columns.FindAll(c => c == first || FieldPlan.Together(c, [first]) == 0);
        foreach (var other in columns.Except(same)) plan.LeaveOut(other, $"another {field}");
        if (said) plan.Add(field, field, same, "not compared: town and postcode say it", compare: "none");
        else plan.Add(field, field, same, first.Why);
    }

    static void Coordinates(FieldPlan plan)
    {
        var (latitude, longitude, points) = (plan.Take(Meaning.Latitude), plan.Take(Meaning.Longitude), plan.Take(Meaning.Coordinates));
        if (latitude.Count > 0 && longitude.Count > 0) plan.Add("coordinates", "coordinates", [.. latitude.Zip(longitude).SelectMany(p => new[] { p.First, p.Second })], "latitude and longitude");
        else foreach (var half in latitude.Concat(longitude)) plan.LeaveOut(half, "half of a place");
        plan.Add("coordinates", "coordinates", points, "latitude and longitude");
    }
}
