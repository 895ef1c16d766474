namespace CdcSync.Mdm.Suggest;

/// <summary>How they are reached and what registers call them: phone, e-mail, web site, numbers; birth dates and what else is told of people.</summary>
static class ContactFields
{
    public static void Add(FieldPlan plan)
    {
        Each(plan, "phone", "phone", Meaning.Phone);
        foreach (var fax in plan.Take(Meaning.Fax))
            if (fax.Shape.FilledShare < 0.02) plan.LeaveOut(fax, "is nearly empty");
            else plan.Add("fax", "phone", [fax], fax.Why);
        Each(plan, "email", "email", Meaning.Email);
        var sites = plan.Take(Meaning.Website);
        plan.Add("website", "domain", sites, "the registered domain is compared", each: true);
        if (sites.Count == 0 && plan.Rule("email") is { } email)
            plan.Add("domain", "domain", [.. plan.All.Where(g => email.From.Contains(g.Name))], "for keys alone: finds other mailboxes of the same company", each: true, compare: "none");
        foreach (var number in plan.Take(Meaning.TaxId)) plan.Add(plan.Has("tax_id") ? FieldNames.Of(number.Name) : "tax_id", "tax_id", [number], number.Why);
        foreach (var gln in plan.Take(Meaning.Gln)) plan.Add("gln", "gln", [gln], gln.Why);
        foreach (var number in plan.Take(Meaning.Identifier)) plan.Add(FieldNames.Of(number.Name), "identifier", [number], number.Why);
        Birth(plan);
        foreach (var gender in plan.Take(Meaning.Gender)) plan.Add("gender", "category", [gender], gender.Why);
    }

    static void Each(FieldPlan plan, string field, string kind, Meaning meaning)
    {
        var columns = plan.Take(meaning);
        plan.Add(field, kind, columns, columns.Count > 1 ? "several columns: any of them may agree" : columns.FirstOrDefault()?.Why ?? "", each: true);
    }

    static void Birth(FieldPlan plan)
    {
        var (birth, year, month, day, age) = (plan.Take(Meaning.Birth), plan.Take(Meaning.BirthYear), plan.Take(Meaning.BirthMonth), plan.Take(Meaning.BirthDay), plan.Take(Meaning.Age));
        if (birth.Count == 0 && year.Count > 0 && month.Count > 0)
            plan.Add("birth_date", "date", [.. year, .. month, .. day], "year, month and day are one date");
        else if (birth.Count == 0 && year.Count > 0) plan.Add("birth_year", "year", year, year[0].Why);
        else foreach (var part in year.Concat(month).Concat(day)) plan.LeaveOut(part, birth.Count > 0 ? "is said by the birth date" : "a part of a date without its year");
        plan.Add("birth_date", "date", birth, birth.FirstOrDefault()?.Why ?? "");
        var dates = plan.Take(Meaning.Date);
        foreach (var date in dates)
            // A person's only date is the birth date; beside one it is anything.
            if (plan.Has("birth_date") || dates.Count > 2) plan.LeaveOut(date, "some date; records of the same thing have different ones");
            else plan.Add(FieldNames.Of(date.Name), "date", [date], date.Why);
        foreach (var one in age)
            if (plan.Has("birth_date") || plan.Has("birth_year")) plan.LeaveOut(one, "is said by the birth date");
            else plan.Add("age", "number", [one], one.Why);
    }
}
