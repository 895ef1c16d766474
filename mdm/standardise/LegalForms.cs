using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>
/// Legal forms of companies. A form is looked up by the words of a name's end (or beginning) written together without AND: <c>G m b H &amp; Co. KG</c> is GMBHCOKG. The
/// facts are those of the registers, gathered with the help of rigour's organisation types (see docs/third-party.md); the table is ours.
/// </summary>
static class LegalForms
{
    /// <summary>The longest form has so many words.</summary>
    public const int MostWords = 8;

    const int Longest = 64;

    // Standard form first. Forms that also begin a name ("OOO Gazprom") stand in Leading as well.
    static readonly FrozenDictionary<string, string> Standard = SpellingTable.Read("""
        INC INCORPORATED INCORP INCORPORATION COINC COINCORPORATED INCORPORATEDCOMPANY
        CORP CORPORATION CORPN CORPORATIONINC CORPINC
        CO COMPANY COMP CIA COMPANIA COMPAGNIE CIE COMPANHIA COMPAGNIA CDO
        LTD LIMITED LTDA LIMITADA LDA LMTD LIMITEDCOMPANY COLTD COLIMITED COMPANYLTD COMPANYLIMITED CYF CYFYNGEDIG LDT LTTD LTDD LLTD LTDF LTDCO PRIVATELIMITED PRIVATELTD PVTLTD PVTLIMITED PTELTD PTELIMITED PTE PVT PTYLTD PTYLIMITED PROPRIETARYLIMITED PROPRIETARYLTD PTY PROPLTD CORPORATIONLIMITED CORPLTD CORPORATIONLTD LTDSTI LIMITEDSIRKETI LIMITEDSTI LTDSIRKETI COPTYLTD COPVTLTD ULTD UNLTD UNLIMITED
        LLC LIMITEDLIABILITYCOMPANY LIMITEDLIABILITYCO LIMITEDLIABILITYCORPORATION LTDLIABILITYCO LTDLIABILITYCOMPANY LLCO LC PLLC WLL FZLLC DMCC FZE FZCO FZC FREEZONECOMPANY TOO OOO TOV TZOV OBSHCHESTVOSOGRANICHENNOJOTVETSTVENNOSTYU OBSHCHESTVOSOGRANICHENNOYOTVETSTVENNOSTYU OBSHCHESTVOSOGRANICHENNOIOTVETSTVENNOSTYU TOVARYSTVOZOBMEZHENOYUVIDPOVIDALNISTYU
        LLP LIMITEDLIABILITYPARTNERSHIP LLLP
        LP LIMITEDPARTNERSHIP
        GP GENERALPARTNERSHIP
        PLC PUBLICLIMITEDCOMPANY PUBLICLIMITED PUBLICLTDCO PUBLICLTDCOMPANY PUBLICCOMPANYLIMITED PUBLICCOLTD PCL PLCLTD
        NATIONALASSOCIATION
        GMBH GMHB GMBHH GBMH GESMBH GESELLSCHAFTMBH MBH GESELLSCHAFTMITBESCHRANKTERHAFTUNG GESELLSCHAFTMITBESCHRAENKTERHAFTUNG GGMBH
        UG UGHAFTUNGSBESCHRANKT UNTERNEHMERGESELLSCHAFT UNTERNEHMERGESELLSCHAFTHAFTUNGSBESCHRANKT HAFTUNGSBESCHRANKT
        GMBHCOKG GMBHCOMPKG GMBHCOKOMMANDITGESELLSCHAFT GMBHCO MBHCOKG UGCOKG AGCOKG SECOKG STIFTUNGCOKG GMBHCOKGAA SECOKGAA AGCOKGAA COKG GMBHCOOHG
        AG AKTIENGESELLSCHAFT AKTIENGESELSCHAFT
        KG KOMMANDITGESELLSCHAFT
        KGAA KOMMANDITGESELLSCHAFTAUFAKTIEN
        OHG OFFENEHANDELSGESELLSCHAFT OG OFFENEGESELLSCHAFT
        GBR GDBR GESELLSCHAFTBURGERLICHENRECHTS EGBR
        EK EKFM EKFR EINGETRAGENERKAUFMANN EINGETRAGENEKAUFFRAU
        EV EINGETRAGENERVEREIN
        EG EINGETRAGENEGENOSSENSCHAFT
        PARTG PARTGMBB PARTNERSCHAFTSGESELLSCHAFT
        SE SOCIETASEUROPAEA
        SA SOCIETEANONYME SOCIEDADANONIMA SOCIEDADEANONIMA SOCIETATEPEACTIUNI SPA SOCIETAPERAZIONI SAU SAD SACI SAIC SAICA SACIF SADECV SAPIDECV SABDECV SOCIEDADANONIMADECV SOCIEDADANONIMADECAPITALVARIABLE SAPI SAB
        SARL SOCIETEARESPONSABILITELIMITEE SARLAU SUARL
        SAS SOCIETEPARACTIONSSIMPLIFIEE SASU SOCIEDADPORACCIONESSIMPLIFICADA
        EURL ENTREPRISEUNIPERSONNELLEARESPONSABILITELIMITEE
        SNC SOCIETEENNOMCOLLECTIF SOCIETAINNOMECOLLETTIVO
        SCS SOCIETEENCOMMANDITESIMPLE
        SCA SOCIETEENCOMMANDITEPARACTIONS
        SCI SOCIETECIVILEIMMOBILIERE
        GIE GROUPEMENTDINTERETECONOMIQUE
        SRL SOCIETAARESPONSABILITALIMITATA SOCIEDADDERESPONSABILIDADLIMITADA SRLS SOCIETATECURASPUNDERELIMITATA SOCIETATEACURASPUNDERELIMITATA SDERLDECV SDERL SRLDECV SRLCV SDERLCV
        SL SOCIEDADLIMITADA SLU SLL SLNE SOCIEDADLIMITADAUNIPERSONAL
        SAPA SOCIETAINACCOMANDITAPERAZIONI
        SASDI SOCIETAINACCOMANDITASEMPLICE
        EIRELI EIRL
        ME
        EPP
        BV BESLOTENVENNOOTSCHAP BVBA SPRL BESLOTENVENNOOTSCHAPMETBEPERKTEAANSPRAKELIJKHEID
        NV NAAMLOZEVENNOOTSCHAP
        VOF VENNOOTSCHAPONDERFIRMA
        CV COMMANDITAIREVENNOOTSCHAP CVBA COMMVA
        VZW ASBL
        AS ASA AKSJESELSKAP AKTIESELSKAB AKCIOVASPOLECNOST AKCIOVASPOLOCNOST ALLMENNAKSJESELSKAP
        APS ANPARTSSELSKAB IVS
        IS KS
        AB AKTIEBOLAG ABPUBL AKTIEBOLAGET
        HB HANDELSBOLAG KB KOMMANDITBOLAG
        OY OSAKEYHTIO OYAB
        OYJ OYJABP JULKINENOSAKEYHTIO
        TMI
        EHF HF SF
        OU OSAUHING
        SIA SABIEDRIBAARIEROBEZOTUATBILDIBU
        UAB UZDAROJIAKCINEBENDROVE
        SPZOO SPOLKAZOO SPOLKAZOGRANICZONAODPOWIEDZIALNOSCIA SPZOOSPK SPZOOSPKOMANDYTOWA
        SPK SPJ SPKOMANDYTOWA SPOLKAJAWNA
        SPAKCYJNA SPOLKAAKCYJNA
        SRO SPOLSRO SPOLECNOSTSRUCENIMOMEZENYM SPOLOCNOSTSRUCENIMOBMEDZENYM
        KFT KORLATOLTFELELOSSEGUTARSASAG BT
        ZRT NYRT RT ZARTKORUENMUKODORESZVENYTARSASAG ZARTKORUMUKODORESZVENYTARSASAG NYILVANOSANMUKODORESZVENYTARSASAG RESZVENYTARSASAG
        DOO JDOO DRUSTVOSOGRANICENOMODGOVORNOSCU DRUSTVOSOGRANICENOMODGOVORNOSTI DRUZBAZOMEJENOODGOVORNOSTJO
        DD DIONICKODRUSTVO DELNISKADRUZBA
        EOOD OOD AD EAD
        JSC JOINTSTOCKCOMPANY JOINTSTOCKCO JOINTSTOCKCOMPAN AO AKTSIONERNOEOBSHCHESTVO AKTSIONERNOYEOBSHCHESTVO OJSC OPENJOINTSTOCKCOMPANY OPENJOINTSTOCKCO OAO OTKRYTOEAKTSIONERNOEOBSHCHESTVO PJSC PUBLICJOINTSTOCKCOMPANY PAO PUBLICHNOEAKTSIONERNOEOBSHCHESTVO CJSC CLOSEDJOINTSTOCKCOMPANY ZAO ZAKRYTOEAKTSIONERNOEOBSHCHESTVO PRAT PAT AT
        AE EPE OE EE IKE MEPE
        ANONIMSIRKETI ANONIMSIRKET ASTI
        KK KABUSHIKIKAISHA KABUSHIKIGAISHA 株式会社 株
        YK YUGENKAISHA 有限会社 有 GK GODOKAISHA 合同会社
        YOUXIANGONGSI 有限公司 有限责任公司 股份有限公司
        JUSIKHOESA
        SDNBHD SENDIRIANBERHAD SDN BHD BERHAD
        PTTBK TBK
        """);

    // Before the name as well as behind it.
    static readonly FrozenSet<string> Leading = new[]
    {
        "OOO", "OAO", "ZAO", "PAO", "AO", "TOO", "TOV", "PRAT", "PAT", "JSC", "OJSC", "PJSC", "CJSC", "LLC", "UAB", "SIA", "PT", "SRL", "SARL", "SAS", "SPA",
        "GMBH", "LIMITEDLIABILITYCOMPANY", "JOINTSTOCKCOMPANY", "OPENJOINTSTOCKCOMPANY", "CLOSEDJOINTSTOCKCOMPANY", "PUBLICJOINTSTOCKCOMPANY", "SOCIETATECURASPUNDERELIMITATA", "SOCIETATEACURASPUNDERELIMITATA",
        "OBSHCHESTVOSOGRANICHENNOJOTVETSTVENNOSTYU", "OBSHCHESTVOSOGRANICHENNOYOTVETSTVENNOSTYU", "OBSHCHESTVOSOGRANICHENNOIOTVETSTVENNOSTYU", "AKTSIONERNOEOBSHCHESTVO",
        "AKTSIONERNOYEOBSHCHESTVO", "OTKRYTOEAKTSIONERNOEOBSHCHESTVO", "PUBLICHNOEAKTSIONERNOEOBSHCHESTVO", "ZAKRYTOEAKTSIONERNOEOBSHCHESTVO",
        "TOVARYSTVOZOBMEZHENOYUVIDPOVIDALNISTYU", "SOCIETEANONYME", "SOCIEDADANONIMA", "株式会社", "株", "有限会社", "有", "合同会社", "JUSIKHOESA",
    }.ToFrozenSet(StringComparer.Ordinal);

    // Short words that are more than a legal form: taken as one only in these countries.
    static readonly FrozenDictionary<string, string> Where = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ME"] = "BR", ["EPP"] = "BR", ["IS"] = "DK", ["KS"] = "NO FI CZ SK", ["SF"] = "IS", ["HF"] = "IS", ["RT"] = "HU", ["BT"] = "HU", ["AT"] = "UA", ["AD"] = "BG RS ME MK",
        ["AE"] = "GR CY", ["OE"] = "GR", ["EE"] = "GR", ["GP"] = "US CA", ["OG"] = "AT", ["DD"] = "HR SI BA", ["OU"] = "EE", ["LC"] = "US", ["HB"] = "SE", ["KB"] = "SE",
        ["GIE"] = "FR MA SN", ["SL"] = "ES", ["CDO"] = "PL", ["FZE"] = "AE", ["PAT"] = "UA", ["PRAT"] = "UA", ["SCI"] = "FR BE LU", ["CIA"] = "ES MX BR PT AR CL PE CO EC", ["AO"] = "RU KZ", ["IKE"] = "GR",
        ["COMP"] = "", ["SAD"] = "BG", ["SAB"] = "MX", ["EG"] = "DE AT", ["EV"] = "DE AT", ["EK"] = "DE",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> ByText = Standard.GetAlternateLookup<ReadOnlySpan<char>>();

    static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Countries = Where.GetAlternateLookup<ReadOnlySpan<char>>();

    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> LeadingTexts = Leading.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The longest legal form that ends the words before <paramref name="end"/>, and how many words it takes: never all of them.</summary>
    public static (string? Form, int Words) AtEnd(List<string> words, int start, int end, string? country)
    {
        Span<char> together = stackalloc char[Longest];
        var (length, found) = (0, ((string?)null, 0));
        for (var i = end - 1; i > start && end - i <= MostWords; i--)
        {
            if (i < end - 1 && words[i] is "AND" or "UND" or "ET") continue;
            if (words[i].Length + length > Longest) break;
            words[i].CopyTo(together[(Longest - length - words[i].Length)..]);
            length += words[i].Length;
            if (ByText.TryGetValue(together[^length..], out var form) && IsTaken(together[^length..], country)) found = (form, end - i);
        }
        return found;
    }

    /// <summary>The longest legal form that begins the words, and how many words it takes: never all of them.</summary>
    public static (string? Form, int Words) AtStart(List<string> words, int start, int end, string? country)
    {
        Span<char> together = stackalloc char[Longest];
        var (length, found) = (0, ((string?)null, 0));
        for (var i = start; i < end - 1 && i - start < MostWords; i++)
        {
            if (words[i].Length + length > Longest) break;
            words[i].CopyTo(together[length..]);
            length += words[i].Length;
            if (LeadingTexts.TryGetValue(together[..length], out var leading) && IsTaken(leading, country)) found = (Standard.GetValueOrDefault(leading, leading), i - start + 1);
        }
        return found;
    }

    // Long enough that a typing error leaves them recognisable.
    static readonly string[] Recognisable = ["PTYLTD", "LIMITED", "COMPANY", "CORPORATION", "INCORPORATED", "AKTIENGESELLSCHAFT", "LIMITEDLIABILITYCOMPANY"];

    // What a field's length may cut off.
    static readonly string[] Cut = ["PTYLTD", "PTYLIMITED", "LIMITED", "GMBH", "CORPORATION", "COMPANY", "INCORPORATED"];

    /// <summary>A legal form with a typing error at the end of the words ("Pty Ldt", "Pt yLtd", "Limted"), or the beginning of one where a field was too short.</summary>
    public static (string? Form, int Words) NearEnd(List<string> words, int start, int end, bool cutOff)
    {
        Span<char> together = stackalloc char[Longest];
        var length = 0;
        for (var i = end - 1; i > start && end - i <= 3; i--)
        {
            if (words[i].Length + length > 24) break;
            words[i].CopyTo(together[(Longest - length - words[i].Length)..]);
            length += words[i].Length;
            var last = together[^length..];
            foreach (var form in Recognisable)
                if (length >= 5 && (last[0] == form[0] || last[^1] == form[^1]) && Edits.AtMostOne(last, form)) return (Standard[form], end - i);
            if (!cutOff || length < 2) continue;
            foreach (var form in Cut)
                if (form.StartsWith(last, StringComparison.Ordinal)) return (Standard[form], end - i);
        }
        return (null, 0);
    }

    static bool IsTaken(ReadOnlySpan<char> form, string? country) =>
        form.Length > 4 || !Countries.TryGetValue(form, out var where) || (country is { Length: 2 } && where.Contains(country, StringComparison.Ordinal));
}
