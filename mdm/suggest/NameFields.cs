namespace CdcSync.Mdm.Suggest;

/// <summary>Names of people and companies: one field, or given name and surname; several columns of which one is filled are one.</summary>
static class NameFields
{
    static readonly Meaning[] Whole = [Meaning.CompanyName, Meaning.Name, Meaning.PersonName];

    public static void Add(FieldPlan plan)
    {
        var (given, middle, surname) = (plan.Take(Meaning.Given), plan.Take(Meaning.Middle), plan.Take(Meaning.Surname));
        var whole = Several(plan, plan.Take(Whole));
        (given, surname) = Romance(given, surname, whole);
        var parts = given.Concat(surname).ToList();
        if (parts.Count > 0 && whole.FindAll(w => FieldPlan.Together(w, parts) < 0.5) is { Count: > 0 } instead)
        {
            whole.RemoveAll(instead.Contains);
            plan.Add("name", "party_name", [.. instead, .. given, .. middle, .. surname], "a company's name or a person's, whichever is there");
        }
        else
        {
            Persons(plan, given, middle, surname, whole);
        }
        Wholes(plan, whole, parts.Count > 0);
        foreach (var contact in plan.Take(Meaning.Contact)) plan.Add("contact", "person_name", [contact], contact.Why);
        foreach (var other in plan.Take(Meaning.OtherName))
            if (plan.Rule("name")?.Kind is "party_name" or "company_name" or "person_name") plan.AddAlso("name", [other.Name]);
            else if (other.Shape.FilledShare < 0.02) plan.LeaveOut(other, "another name, and nearly empty");
            else plan.Add(FieldNames.Of(other.Name), "party_name", [other], "another name of the same");
        foreach (var employer in plan.Take(Meaning.Employer)) plan.Add("employer", "company_name", [employer], employer.Why);
        foreach (var salutation in plan.Take(Meaning.Salutation)) plan.LeaveOut(salutation, "a form of address tells nobody apart");
    }

    static void Persons(FieldPlan plan, List<ColumnGuess> given, List<ColumnGuess> middle, List<ColumnGuess> surname, List<ColumnGuess> whole)
    {
        if (surname.Count == 0 && whole.Count == 0) (given, surname) = ([], given);      // a file with first names alone
        plan.Add("given_name", "given_name", Filled(plan, given), "by its name");
        plan.Add("surname", "surname", Filled(plan, surname), "by its name");
        foreach (var name in middle)
            if (name.Shape.FilledShare < 0.05) plan.LeaveOut(name, "is nearly empty");
            else plan.Add("middle_name", "given_name", [name], "by its name");
        if (given.Count == 0 || surname.Count == 0) return;
        var exchanged = Exchanged(given[0], surname[0]) > 0.3;
        plan.Add("full_name", "person_name", [.. Filled(plan, given, say: false), .. Filled(plan, surname, say: false)],
            exchanged ? "compared as well: many given names stand among the surnames, so they are exchanged now and then" : "for keys alone: finds given name and surname exchanged", compare: exchanged ? null : "none");
    }

    // How many surnames occur as given names too. Some do everywhere: James, Thomas, Martin.
    static double Exchanged(ColumnGuess given, ColumnGuess surname)
    {
        var names = given.Shape.Values.ToHashSet(StringComparer.OrdinalIgnoreCase);
        return surname.Shape.Share(names.Contains);
    }

    static List<ColumnGuess> Filled(FieldPlan plan, List<ColumnGuess> columns, bool say = true)
    {
        if (columns.Count < 2) return columns;
        foreach (var empty in columns.Where(c => say && c.Shape.FilledShare < 0.05).ToList()) plan.LeaveOut(empty, "is nearly empty");
        return columns.FindAll(c => c.Shape.FilledShare >= 0.05) is { Count: > 0 } filled ? filled : columns;
    }

    // nom beside prénom and nome beside cognome are the one and the other half.
    static (List<ColumnGuess> Given, List<ColumnGuess> Surname) Romance(List<ColumnGuess> given, List<ColumnGuess> surname, List<ColumnGuess> whole)
    {
        var name = whole.Find(w => w.Meaning == Meaning.Name && w.Shape.Words < 1.6);
        if (name is null || (given.Count > 0) == (surname.Count > 0)) return (given, surname);
        whole.Remove(name);
        return given.Count > 0 ? (given, [name]) : ([name], surname);
    }

    // The same name by two columns: what says less is left out.
    static List<ColumnGuess> Several(FieldPlan plan, List<ColumnGuess> whole)
    {
        foreach (var one in whole.ToList())
            if (whole.Exists(o => o != one && o.Meaning == one.Meaning && !Numbered(o, one) && (o.Shape.Filled, whole.IndexOf(one)).CompareTo((one.Shape.Filled, whole.IndexOf(o))) > 0
                && FieldPlan.Contains(o, one) > 0.5))
            {
                plan.LeaveOut(one, "says what another name column says");
                whole.Remove(one);
            }
        return whole;
    }

    static bool Numbered(ColumnGuess one, ColumnGuess other) => FieldNames.Stem(one.Name) == FieldNames.Stem(other.Name);

    static void Wholes(FieldPlan plan, List<ColumnGuess> whole, bool persons)
    {
        while (whole.Count > 0)
        {
            var first = whole[0];
            // What stands in other files, continues it (NAME1, NAME2) or is there when it is not is the same field.
            var same = whole.FindAll(w => w == first || Numbered(w, first) || FieldPlan.Together(w, [first]) < 0.3);
            whole.RemoveAll(same.Contains);
            if (persons && same.TrueForAll(w => w.Meaning != Meaning.CompanyName))
            {
                foreach (var name in same) plan.LeaveOut(name, "is said by given name and surname");
                continue;
            }
            var kind = Kind(plan, same);
            plan.Add(persons ? "company" : plan.Has("name") ? FieldNames.Of(first.Name) : "name", kind, same, same.Count > 1 ? "read as one: each goes on where the other ends, or is there when the other is not" : first.Why);
        }
    }

    static string Kind(FieldPlan plan, List<ColumnGuess> names)
    {
        if (names.TrueForAll(n => n.Meaning == Meaning.PersonName)) return "person_name";
        if (names.TrueForAll(n => n.Meaning == Meaning.CompanyName)) return "company_name";
        if (names.Exists(n => n.Meaning == Meaning.PersonName)) return "party_name";
        var values = names.SelectMany(n => n.Shape.Values).ToList();
        var people = values.Count(GivenNames.Starts) / Math.Max(1.0, values.Count);
        var companies = names.Max(n => n.Shape.LegalForms);
        return plan.Any(Meaning.Birth, Meaning.BirthYear, Meaning.Gender) && companies < 0.05 ? "person_name"
            : people < 0.2 || companies > 0.3 ? "company_name"
            : companies < 0.03 && people > 0.5 ? "person_name"
            : "party_name";
    }
}
