using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;
using CdcSync.Mdm.Resolution;

namespace CdcSync.Mdm.Tests;

/// <summary>Canonical records in short.</summary>
static class Samples
{
    static readonly DateTimeOffset Began = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static CanonicalRecord Customer(
        string key, int version, string name, string? vat = null, string? ein = null, string? email = null, string? postcode = null, string? street = null)
    {
        List<TaxId> taxIds = [];
        if (vat is not null) taxIds.Add(new TaxId { Scheme = "vat", Value = vat });
        if (ein is not null) taxIds.Add(new TaxId { Scheme = "ein", Value = ein });
        return Record(key, version, new Customer
        {
            Name = name,
            TaxIds = taxIds,
            Contacts = email is null ? [] : [new Contact { Email = email }],
            Addresses = street is null ? [] : [new Address { Street = street, PostalCode = postcode }],
        });
    }

    public static CanonicalRecord Item(string key, int version, string number, string? gtin = null, string? manufacturer = null, string? part = null, string name = "Thing") =>
        Record(key, version, new Item { Number = number, Gtin = gtin, Manufacturer = manufacturer, ManufacturerPart = part, Name = name });

    public static CanonicalRecord Location(string key, int version, string code, string name, string? gln = null, string kind = "warehouse") =>
        Record(key, version, new Location { Number = code, Name = name, Gln = gln, Kind = kind });

    public static CanonicalRecord Record(string key, int version, CanonicalObject value)
    {
        var (source, id) = (key.Split('/')[0], key.Split('/')[1]);
        value = value with { Source = source, SourceId = id, Version = Version(version).ToString(), CommittedAt = Began.AddSeconds(version), CorrelationId = $"{source}:{version}" };
        return new CanonicalRecord(CanonicalCatalog.Of(value.GetType()), value.Key, value.Position, value, value.CommittedAt, value.CorrelationId);
    }

    public static CanonicalRecord Gone<T>(string key, int version) where T : CanonicalObject =>
        new(CanonicalCatalog.Of(typeof(T)), Key(key), Version(version), null, Began.AddSeconds(version), $"gone:{version}");

    public static CanonicalKey Key(string key) => new(key.Split('/')[0], key.Split('/')[1]);

    static SourcePosition Version(int version) => new((UInt128)version, 0);

    /// <summary>The records as read from the log, at the next places of their topics.</summary>
    public static Arrival[] Arrive(ref long offset, params IEnumerable<CanonicalRecord> records)
    {
        var arrivals = new List<Arrival>();
        foreach (var record in records) arrivals.Add(new Arrival(new LogPlace(record.Kind.Topic, 0, offset++), record));
        return [.. arrivals];
    }
}
