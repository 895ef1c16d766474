using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>
/// The numbering plans of countries: calling code, trunk prefix, shortest and longest national number. The facts are those of the regulators, taken from libphonenumber's
/// metadata (see docs/third-party.md); the table is ours.
/// </summary>
static class PhonePlans
{
    // Country, calling code, trunk prefix, shortest and longest national significant number.
    const string Countries = """
        US 1 1 10 10, CA 1 1 10 10, GB 44 0 7 10, IE 353 0 7 10, AU 61 0 7 10, NZ 64 0 8 10, DE 49 0 5 15, AT 43 0 4 13,
        CH 41 0 9 9, FR 33 0 9 9, BE 32 0 8 9, NL 31 0 7 11, LU 352 - 4 11, IT 39 - 6 12, ES 34 - 9 9, PT 351 - 9 9,
        DK 45 - 8 8, NO 47 - 8 8, SE 46 0 6 9, FI 358 0 5 10, IS 354 - 7 9, PL 48 - 7 10, CZ 420 - 9 9, SK 421 0 6 9,
        HU 36 06 8 9, RO 40 0 6 9, BG 359 0 6 12, HR 385 0 7 9, SI 386 0 6 8, RS 381 0 6 12, BA 387 0 8 9, GR 30 - 10 12,
        CY 357 - 8 8, MT 356 - 8 8, EE 372 - 7 10, LV 371 - 8 8, LT 370 0 8 8, RU 7 8 10 14, UA 380 0 9 10, BY 375 8 6 11,
        KZ 7 8 10 14, TR 90 0 10 13, IL 972 0 7 12, AE 971 0 5 12, SA 966 0 9 10, QA 974 - 7 11, KW 965 - 7 8, EG 20 0 8 10,
        MA 212 0 9 9, TN 216 - 8 8, ZA 27 0 5 9, NG 234 0 10 14, KE 254 0 7 10, GH 233 0 8 9, IN 91 0 8 13, PK 92 0 8 11,
        BD 880 0 6 10, LK 94 0 9 9, CN 86 0 7 12, HK 852 - 8 9, TW 886 0 8 9, JP 81 0 8 17, KR 82 0 5 14, SG 65 - 8 11,
        MY 60 0 8 10, TH 66 0 8 13, ID 62 0 7 17, PH 63 0 6 13, VN 84 0 8 10, MX 52 - 10 10, BR 55 0 9 11, AR 54 0 10 11,
        CL 56 - 9 11, CO 57 0 8 11, PE 51 0 8 9, VE 58 0 10 10, EC 593 0 8 11, UY 598 0 6 13, CR 506 - 8 10, PA 507 - 7 11,
        GT 502 - 8 11, DO 1 1 10 10, PR 1 1 10 10
        """;

    // All calling codes, none of which begins another.
    const string Codes = """
        1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90
        91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248
        249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374
        375 376 377 378 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675
        676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968
        970 971 972 973 974 975 976 977 979 992 993 994 995 996 998
        """;

    static readonly FrozenDictionary<string, PhonePlan> ByCountry = Countries.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' '))
        .ToFrozenDictionary(p => p[0], p => new PhonePlan(p[1], p[2] == "-" ? "" : p[2], int.Parse(p[3]), int.Parse(p[4])), StringComparer.Ordinal);

    static readonly FrozenSet<string> CallingCodes = Codes.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The plan of a country, ISO alpha-2; null of one that is not in the table.</summary>
    public static PhonePlan? Of(string? country) => country is null ? null : ByCountry.GetValueOrDefault(country);

    /// <summary>The calling code that an international number begins with; null when there is none.</summary>
    public static string? CallingCode(string digits)
    {
        for (var length = 1; length <= 3 && length < digits.Length; length++)
            if (CallingCodes.Contains(digits[..length])) return digits[..length];
        return null;
    }
}

/// <summary>How a country's telephone numbers are made.</summary>
sealed record PhonePlan(string Code, string Trunk, int Shortest, int Longest);
