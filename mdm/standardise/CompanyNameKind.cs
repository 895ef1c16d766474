namespace CdcSync.Mdm.Standardise;

/// <summary>The name of a company: its words in full, without legal form and remarks; the trading name as a value of its own.</summary>
public sealed class CompanyNameKind : IFieldKind
{
    public string Name => "company_name";

    public string Summary => "a company: without legal form and remarks, abbreviations in full; a trading name is a second value";

    public string Comparison => "name";

    public double MostDifferent => 0.2;

    public bool Frequency => true;

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading) => CompanyNames.Read(raw, reading);
}
