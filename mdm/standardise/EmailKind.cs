using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>E-mail addresses, one by one: lower case, without tag; the dots of Gmail do not count.</summary>
public sealed class EmailKind : IFieldKind
{
    static readonly FrozenSet<string> Freemail = (
        "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.com.au yahoo.co.in ymail.com rocketmail.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it "
        + "outlook.com outlook.de outlook.fr live.com live.co.uk live.com.au live.nl msn.com aol.com icloud.com me.com mac.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de arcor.de "
        + "1und1.de orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it tin.it telefonica.net terra.es mail.ru yandex.ru yandex.com rambler.ru bk.ru inbox.ru list.ru "
        + "wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz bigpond.com bigpond.net.au optusnet.com.au telstra.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net "
        + "earthlink.net btinternet.com btopenworld.com sky.com virginmedia.com ntlworld.com talktalk.net bluewin.ch hispeed.ch proton.me protonmail.com pm.me zoho.com mail.com qq.com 163.com 126.com "
        + "sina.com naver.com daum.net hanmail.net rediffmail.com uol.com.br bol.com.br terra.com.br ziggo.nl planet.nl hetnet.nl kpnmail.nl telenet.be skynet.be shaw.ca rogers.com sympatico.ca telus.net xtra.co.nz")
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public string Name => "email";

    public string Summary => "e-mail addresses, one by one: lower case, without +tag";

    public string Comparison => "email";

    public IEnumerable<FieldValue> Read(string raw, FieldReading reading)
    {
        if (CellText.Typed(raw, reading) is not { } text) return [];
        var values = new List<FieldValue>(1);
        foreach (var email in Emails.Of(text))
            if (Value(email, reading) is { } value && !values.Exists(v => v.Text == value.Text)) values.Add(value);
        if (values.Count == 0 && reading.Notes is not null) reading.Note("no e-mail address in it: missing");
        return values;
    }

    static FieldValue? Value(string email, FieldReading reading)
    {
        var at = email.IndexOf('@');
        var (local, domain) = (email[..at], email[(at + 1)..]);
        if (domain == "googlemail.com") domain = "gmail.com";
        var tag = local.IndexOf('+');
        if (tag > 0) local = local[..tag];
        if (domain == "gmail.com") local = local.Replace(".", "", StringComparison.Ordinal);
        // noreply+4711@ is nobody's as noreply@ is.
        if (local.Length == 0 || Emails.IsNobody(local)) return null;
        var text = $"{local}@{domain}";
        if (reading.Notes is not null && text != email) reading.Note($"'{email}' is the address {text}");
        return new FieldValue(text, [local, domain], new EmailAddress(local, domain, Freemail.Contains(domain)));
    }
}
