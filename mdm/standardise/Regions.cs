using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>States and provinces: from name to the code that addresses use.</summary>
static class Regions
{
    static readonly FrozenDictionary<string, string> ByName = SpellingTable.Read("""
        AL ALABAMA ALA
        AK ALASKA
        AZ ARIZONA ARIZ
        AR ARKANSAS ARK
        CA CALIFORNIA CALIF CAL
        CO COLORADO COLO
        CT CONNECTICUT CONN
        DE DELAWARE DEL
        DC DISTRICTOFCOLUMBIA WASHINGTONDC
        FL FLORIDA FLA
        GA GEORGIA
        HI HAWAII
        ID IDAHO
        IL ILLINOIS ILL
        IN INDIANA IND
        IA IOWA
        KS KANSAS KANS
        KY KENTUCKY
        LA LOUISIANA
        ME MAINE
        MD MARYLAND
        MA MASSACHUSETTS MASS
        MI MICHIGAN MICH
        MN MINNESOTA MINN
        MS MISSISSIPPI MISS
        MO MISSOURI
        MT MONTANA MONT
        NE NEBRASKA NEBR
        NV NEVADA NEV
        NH NEWHAMPSHIRE
        NJ NEWJERSEY
        NM NEWMEXICO
        NY NEWYORK NEWYORKSTATE
        NC NORTHCAROLINA
        ND NORTHDAKOTA
        OH OHIO
        OK OKLAHOMA OKLA
        OR OREGON ORE
        PA PENNSYLVANIA PENN PENNA
        RI RHODEISLAND
        SC SOUTHCAROLINA
        SD SOUTHDAKOTA
        TN TENNESSEE TENN
        TX TEXAS TEX
        UT UTAH
        VT VERMONT
        VA VIRGINIA
        WA WASHINGTON WASH WESTERNAUSTRALIA
        WV WESTVIRGINIA
        WI WISCONSIN WISC
        WY WYOMING
        PR PUERTORICO
        AB ALBERTA
        BC BRITISHCOLUMBIA
        MB MANITOBA
        NB NEWBRUNSWICK
        NL NEWFOUNDLANDANDLABRADOR NEWFOUNDLAND
        NS NOVASCOTIA
        NT NORTHWESTTERRITORIES NORTHERNTERRITORY
        NU NUNAVUT
        ON ONTARIO ONT
        PE PRINCEEDWARDISLAND PEI
        QC QUEBEC QUE PQ
        SK SASKATCHEWAN SASK
        YT YUKON
        NSW NEWSOUTHWALES
        VIC VICTORIA
        QLD QUEENSLAND
        SA SOUTHAUSTRALIA
        TAS TASMANIA
        ACT AUSTRALIANCAPITALTERRITORY
        BW BADENWURTTEMBERG BADENWUERTTEMBERG
        BY BAYERN BAVARIA
        BERLIN
        BB BRANDENBURG
        HE HESSEN HESSE
        MV MECKLENBURGVORPOMMERN
        NI NIEDERSACHSEN LOWERSAXONY
        NW NRW NORDRHEINWESTFALEN NORTHRHINEWESTPHALIA
        RP RHEINLANDPFALZ
        SN SACHSEN SAXONY
        ST SACHSENANHALT
        SH SCHLESWIGHOLSTEIN
        TH THURINGEN THUERINGEN
        ENG ENGLAND
        SCT SCOTLAND
        WLS WALES
        NIR NORTHERNIRELAND
        """);

    /// <summary>The code of a folded name or code; null when the table has none.</summary>
    public static string? Code(ReadOnlySpan<char> folded) => SpellingTable.Find(ByName, folded, longest: 40);
}
