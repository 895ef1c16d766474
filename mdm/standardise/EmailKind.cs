namespace CdcSync.Mdm.Standardise;

/// <summary>E-mail addresses.</summary>
public sealed class EmailKind : IFieldKind
{
    public string Name => "email";

    public string Summary => "e-mail addresses, one by one";

    public string Comparison => "email";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        return [.. Emails.Of(raw.Length > CellText.Longest ? raw[..CellText.Longest] : raw).Select(e => new FieldValue(e, e.Split('@'), new EmailAddress(e.Split('@')[0], e.Split('@')[1], false)))];
    }
}
