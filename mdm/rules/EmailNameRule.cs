using CdcSync.Contract.Canonical;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Rules;

/// <summary>The same e-mail address of any contact and the same name.</summary>
public sealed class EmailNameRule : IMatchRule
{
    public string Name => "email-name";

    public string Kind => "customer";

    public bool Decides => false;

    // A company's branches, and a wholesaler's customers of one name, may share an address.
    public bool GivesWay => true;

    public IEnumerable<string> Values(CanonicalObject value)
    {
        var customer = (Customer)value;
        return from email in customer.Contacts.SelectMany(c => Emails.Of(c.Email)).Distinct()
               from name in CustomerNames.Of(customer)
               select $"{email}|{name}";
    }
}
