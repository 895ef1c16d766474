using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>
/// The words of street lines in their short form: types of street, directions, kinds of unit and box, in English, German, French, Spanish, Italian, Dutch and Portuguese.
/// The facts are those of the postal services, gathered with the help of libpostal's dictionaries (see docs/third-party.md); the table is ours.
/// </summary>
static class StreetWords
{
    static readonly FrozenDictionary<string, string> Standard = SpellingTable.Read("""
        ST STREET STR. STRT STREETS SAINT SANKT SAINTE SNT STRET SREET STEET
        RD ROAD ROADS RAOD
        AVE AVENUE AV AVEN AVENU AVN AVNUE AVENIDA AVDA AVD AVINGUDA AVENEU
        BLVD BOULEVARD BD BVD BLV BOUL BOULV BVLD BLVRD BULEVAR
        DR DRIVE DRV DRIV DRIVEWAY DRIVES
        LN LANE LANES LA.
        CT COURT CRT COURTS
        PL PLACE PLC PLATZ PLACES
        SQ SQUARE SQR SQU SQUARES
        HWY HIGHWAY HIWAY HWAY HWYS HIGHWY
        PKWY PARKWAY PKY PKWAY PARKWY PWY
        TER TERRACE TCE TERR TRCE
        CIR CIRCLE CIRC CIRCL CRCL
        CCT CIRCUIT CRCT CIRCT
        CRES CRESCENT CR CRESENT CRS CRST CRSNT CRSCNT
        CL CLOSE CLO
        TRL TRAIL TR TRLS
        TPKE TURNPIKE TPK TRNPK
        RTE ROUTE RT
        GDNS GARDENS GDN GARDEN GRDN GRDNS GRDS
        GR GROVE GRV GROV GVE
        PDE PARADE PARD
        PROM PROMENADE
        ESP ESPLANADE
        QY QUAY QUAYS
        EXPY EXPRESSWAY EXPWY EXPR
        FWY FREEWAY FRWY FWAY
        MWY MOTORWAY
        BYP BYPASS BYPA
        XING CROSSING CRSSNG
        CSWY CAUSEWAY CSEWY
        PASS PASSAGE PSGE
        WY WAY WAYE
        ALY ALLEY ALLEE ALLEES ALLY ALL
        PLZ PLAZA PLZA PZA PIAZZA PIAZZALE
        CTR CENTER CENTRE CNTR CENTR
        HTS HEIGHTS HGTS HGHTS
        HL HILL
        HLS HILLS
        IND INDUSTRIAL INDUST
        EST ESTATE ESTATES
        PK PARK PRK
        RDG RIDGE
        RISE RSE
        RUN
        GLN GLEN
        LOOP LP
        VW VIEW
        VLG VILLAGE VLGE
        VLY VALLEY
        MT MOUNT
        MTN MOUNTAIN
        FT FORT
        BR BRIDGE BRG BRDG
        BCH BEACH
        CRK CREEK
        IS ISLAND
        JCT JUNCTION JNCT
        MNR MANOR
        MEWS MWS
        ORCH ORCHARD
        PT POINT
        RET RETREAT
        ROW
        SPG SPRINGS SPRING SPGS
        STA STATION STN
        TRK TRACK
        WHF WHARF
        WLK WALK
        N NORTH NTH NORD NORTE NOORD
        S SOUTH STH SUD SUR ZUID
        E EAST OST ESTE OOST
        W WEST OESTE
        NE NORTHEAST NORDOST
        NW NORTHWEST NORDWEST
        SE SOUTHEAST SUDOST
        SW SOUTHWEST SUDWEST
        UPR UPPER
        LWR LOWER
        OLD
        STR STRASSE STRASZE STRAAT STRADA
        WG WEG
        G GASSE
        C CALLE CL/
        R RUE RUA
        CHEM CHEMIN CHE CHM
        IMP IMPASSE
        CRS/ COURS
        FBG FAUBOURG FG
        QU QUAI
        CTRA CARRETERA CRTA
        CAM CAMINO CMNO CAMI
        PSO PASEO PASSEIG
        TRAV TRAVESSA TRAVESIA TRAVERSE
        PCA PRACA
        VIA
        VLE VIALE
        CSO CORSO
        LGO LARGO
        VIC VICOLO
        APT APARTMENT APARTMENTS APPT APPARTEMENT APARTAMENTO APTMT APARTMNT APMT AP APPART WOHNUNG WHG
        STE SUITE SUIT STES
        UNIT UNT UNITS UNI
        FLAT FLT
        FL FLOOR FLR LEVEL LVL LEV ETAGE ETG STOCK OBERGESCHOSS OG STOREY PISO PIANO ETAJ VERDIEPING
        RM ROOM ZIMMER ZI BUREAU
        SHOP SHP STORE
        OFC OFFICE OFF OFFICES BURO
        BLDG BUILDING BLG BLD BATIMENT BAT GEBAUDE GEB EDIFICIO EDIF BUILD
        BLK BLOCK BLOQUE BLOC
        LOT ALLOTMENT
        DOOR DOCK PORTE PORTA PTA PUERTA
        TOP
        INT INTERNO INTERIOR
        BTE BUS BOITE
        STAIR STIEGE STG ESC ESCALERA SCALA
        HSE HOUSE HAUS
        NO NR NUM NUMBER NUMERO NBR NUMMER N° NMBR
        POBOX POSTBOX POSTFACH PF POSTBUS
        BOX CASILLA
        BETWEEN BETW BTWN BTW BTWEEN BET
        CNR CORNER
        OPP OPPOSITE
        1ST FIRST ERSTE
        2ND SECOND ZWEITE
        3RD THIRD
        4TH FOURTH
        5TH FIFTH
        6TH SIXTH
        7TH SEVENTH
        8TH EIGHTH EIGTH
        9TH NINTH
        10TH TENTH
        11TH ELEVENTH
        12TH TWELFTH
        13TH THIRTEENTH
        14TH FOURTEENTH
        15TH FIFTEENTH
        16TH SIXTEENTH
        17TH SEVENTEENTH
        18TH EIGHTEENTH
        19TH NINETEENTH
        20TH TWENTIETH
        30TH THIRTIETH
        MLK MARTINLUTHERKING
        CO COUNTY
        """);

    static readonly FrozenSet<string> Types =
        "ST RD AVE BLVD DR LN CT PL SQ PKWY TER CIR CCT CRES CL TRL TPKE GDNS GR PDE PROM ESP QY EXPY FWY MWY BYP XING CSWY PASS WY ALY PLZ HTS LOOP MEWS ROW WLK STR WG G R CHEM IMP VLE CSO LGO VIC VIA C CTRA CAM PSO TRAV PCA RISE VW PT HWY RTE"
            .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    // Long enough that a typing error leaves them recognisable.
    static readonly string[] Recognisable = ["STREET", "AVENUE", "CRESCENT", "CIRCUIT", "TERRACE", "BOULEVARD", "HIGHWAY", "PARKWAY"];

    static readonly FrozenSet<string> Units = "APT STE UNIT FLAT FL RM SHOP OFC BLDG BLK LOT DOOR TOP INT BTE STAIR HSE #".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Spans = Standard.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The word in its short form.</summary>
    public static string Short(ReadOnlySpan<char> word)
    {
        if (Spans.TryGetValue(word, out var standard)) return standard;
        if (word.Length > 7 && word.EndsWith("STRASSE")) return $"{word[..^4]}";
        if (word.Length > 7 && word.EndsWith("STRAAT")) return $"{word[..^3]}";
        if (word.Length > 7 && word.EndsWith("PLATZ")) return $"{word[..^3]}";
        return NameWords.PlainVowels(new string(word));
    }

    /// <summary>The type of street that a name's last word is with a typing error ("Tsreet"); null when it is none.</summary>
    public static string? Mistyped(string word)
    {
        if (word.Length < 5 || Types.Contains(word)) return null;
        foreach (var type in Recognisable)
            if ((word[0] == type[0] || word[^1] == type[^1]) && Edits.AtMostOne(word, type)) return Standard[type];
        return null;
    }

    /// <summary>True of a short form that is a type of street.</summary>
    public static bool IsType(string word) => Types.Contains(word);

    /// <summary>True of a short form that a unit's number follows.</summary>
    public static bool IsUnit(string word) => Units.Contains(word);
}
