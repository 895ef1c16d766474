using System.Text.Json;
using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Survivorship;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Mdm.Tests.Survivorship;

/// <summary>Any order of members and pins gives the same golden record, explanation and conflicts, under whatever rules.</summary>
public sealed class MergeOrderTests
{
    static readonly string[] Ranking = [.. SurvivalRules.All.OfType<IRankingRule>().Where(r => GoldenAttributes.Of("customer").All(r.Takes)).Select(r => r.Name)];

    sealed record Case(string[] Rules, string? Join, int? HalfLife, Customer[] Members, Pin[] Pins, int Shuffle);

    [Fact]
    public void The_order_of_arrival_plays_no_part() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Cases().ToArbitrary(), Holds));

    static void Holds(Case c)
    {
        var lists = new AttributeSurvivorship { Rules = [.. c.Rules, .. c.Join is null ? Array.Empty<string>() : [c.Join]] };
        var survivors = Merging.With("customer", new SurvivorshipSettings
        {
            Default = new AttributeSurvivorship { Rules = c.Rules, HalfLife = c.HalfLife is { } days && c.Rules.Contains("trust") ? TimeSpan.FromDays(days) : null },
            Attributes = new[] { "tax_ids", "addresses", "contacts" }.ToDictionary(a => a, _ => lists),
        });
        var before = Whole(survivors, c.Members, c.Pins);
        var (members, pins) = (c.Members.ToArray(), c.Pins.ToArray());
        new Random(c.Shuffle).Shuffle(members);
        new Random(c.Shuffle).Shuffle(pins);
        Assert.Equal(before, Whole(survivors, members, pins));
        // What is merged is what is explained.
        using var golden = JsonDocument.Parse(JsonSerializer.Serialize((Customer)survivors.Merge("C1", members, pins), CanonicalJson.Reading));
        Assert.All(survivors.Explain("C1", members, pins), why => Assert.Equal(golden.RootElement.GetProperty(why.Attribute).GetRawText(), why.Value.GetRawText()));
    }

    static string Whole(Survivors survivors, Customer[] members, Pin[] pins) => string.Join('\n',
        JsonSerializer.Serialize(survivors.Merge("C1", members, pins), typeof(Customer), CanonicalJson.Default), JsonSerializer.Serialize(survivors.Explain("C1", members, pins)),
        JsonSerializer.Serialize(survivors.Conflicts(members, pins)));

    static Gen<Case> Cases() =>
        from rules in Gen.Shuffle(Ranking)
        from some in Gen.Choose(1, rules.Length)
        from joining in Gen.Elements(null, "union", "per_type")
        from halfLife in Gen.Elements<int?>(null, 1, 365)
        from members in Member().NonEmptyListOf()
        from pins in PinOf().ListOf()
        from shuffle in Gen.Choose(0, int.MaxValue)
        select new Case([.. rules.Take(some)], joining, halfLife, [.. members.Take(8).Select((m, i) => m with { SourceId = $"{m.SourceId}{i}" })], [.. pins.Take(4).Select((p, i) => p with { Act = i + 1 })], shuffle);

    static Gen<Customer> Member() =>
        from source in Gen.Elements("erp", "wms", "crm")
        from id in Gen.Elements("a", "b")
        from day in Gen.Choose(0, 2)
        from name in Gen.Elements("Acme", "ACME", "Acme Ltd", "N/A", "")
        from language in Gen.Elements(null, "de", "en", "-")
        from limit in Gen.Elements<decimal?>(null, 0, 500, 500.00m)
        from currency in Gen.Elements(null, "EUR", "USD")
        from tax in Gen.Elements(null, "DE123456789", "de 123 456 789", "DE987654321", "000000")
        from scheme in Gen.Elements("vat", "VAT", "ein")
        from street in Gen.Elements(null, "Main Street 1", "main st 1", "Weg 2")
        from email in Gen.Elements(null, "a@x.com", "A@X.com")
        select Merging.Of($"{source}/{id}", day, new Customer
        {
            Name = name,
            Language = language,
            CreditLimit = limit,
            Currency = currency,
            TaxIds = tax is null ? [] : [new TaxId { Scheme = scheme, Value = tax }],
            Addresses = street is null ? [] : [new Address { Street = street, Type = day == 0 ? "bill" : "ship", IsDefault = true }],
            Contacts = email is null ? [] : [new Contact { Email = email }],
        });

    static Gen<Pin> PinOf() =>
        from source in Gen.Elements("erp", "wms")
        from id in Gen.Elements("a0", "b0", "a1")
        from pin in Gen.Elements(("name", "\"Pinned\""), ("credit_limit", "7"), ("credit_limit", "\"no number\""), ("language", "null"))
        select new Pin(0, new CanonicalKey(source, id), pin.Item1, pin.Item2, null, "ann", DateTimeOffset.UnixEpoch);
}
