"""The CRM's location codes (tzlocation.locationCode) -> IANA zones.

A code is that of a country (ISO 3166-1), and for countries with several zones that of a part of one, as in `US-NY` (ISO
3166-2). A country alone is where its capital is, or most of its people are. The CRM keeps rules of its own for each of
its locations (tzstdrule, tzdstrule); calendars name IANA zones, whose rules are kept up by others, so that those count.
"""

from __future__ import annotations

from typing import Final

# Zone -> the countries that are told by it.
_COUNTRIES: Final[dict[str, str]] = {
    "Africa/Abidjan": "CI", "Africa/Accra": "GH", "Africa/Addis_Ababa": "ET", "Africa/Algiers": "DZ",
    "Africa/Asmara": "ER", "Africa/Bamako": "ML", "Africa/Bangui": "CF", "Africa/Banjul": "GM",
    "Africa/Bissau": "GW", "Africa/Blantyre": "MW", "Africa/Brazzaville": "CG", "Africa/Bujumbura": "BI",
    "Africa/Cairo": "EG", "Africa/Casablanca": "MA", "Africa/Conakry": "GN", "Africa/Dakar": "SN",
    "Africa/Dar_es_Salaam": "TZ", "Africa/Djibouti": "DJ", "Africa/Douala": "CM", "Africa/El_Aaiun": "EH",
    "Africa/Freetown": "SL", "Africa/Gaborone": "BW", "Africa/Harare": "ZW", "Africa/Johannesburg": "ZA",
    "Africa/Juba": "SS", "Africa/Kampala": "UG", "Africa/Khartoum": "SD", "Africa/Kigali": "RW",
    "Africa/Kinshasa": "CD", "Africa/Lagos": "NG", "Africa/Libreville": "GA", "Africa/Lome": "TG",
    "Africa/Luanda": "AO", "Africa/Lusaka": "ZM", "Africa/Malabo": "GQ", "Africa/Maputo": "MZ",
    "Africa/Maseru": "LS", "Africa/Mbabane": "SZ", "Africa/Mogadishu": "SO", "Africa/Monrovia": "LR",
    "Africa/Nairobi": "KE", "Africa/Ndjamena": "TD", "Africa/Niamey": "NE", "Africa/Nouakchott": "MR",
    "Africa/Ouagadougou": "BF", "Africa/Porto-Novo": "BJ", "Africa/Sao_Tome": "ST", "Africa/Tripoli": "LY",
    "Africa/Tunis": "TN", "Africa/Windhoek": "NA", "America/Anguilla": "AI", "America/Antigua": "AG",
    "America/Argentina/Buenos_Aires": "AR", "America/Aruba": "AW", "America/Asuncion": "PY",
    "America/Barbados": "BB", "America/Belize": "BZ", "America/Bogota": "CO", "America/Caracas": "VE",
    "America/Cayenne": "GF", "America/Cayman": "KY", "America/Costa_Rica": "CR", "America/Curacao": "CW",
    "America/Dominica": "DM", "America/El_Salvador": "SV", "America/Grand_Turk": "TC", "America/Grenada": "GD",
    "America/Guadeloupe": "GP", "America/Guatemala": "GT", "America/Guayaquil": "EC", "America/Guyana": "GY",
    "America/Havana": "CU", "America/Jamaica": "JM", "America/Kralendijk": "BQ", "America/La_Paz": "BO",
    "America/Lima": "PE", "America/Lower_Princes": "SX", "America/Managua": "NI", "America/Marigot": "MF",
    "America/Martinique": "MQ", "America/Mexico_City": "MX", "America/Miquelon": "PM", "America/Montevideo": "UY",
    "America/Montserrat": "MS", "America/Nassau": "BS", "America/New_York": "US", "America/Nuuk": "GL",
    "America/Panama": "PA", "America/Paramaribo": "SR", "America/Port-au-Prince": "HT",
    "America/Port_of_Spain": "TT", "America/Puerto_Rico": "PR", "America/Santiago": "CL",
    "America/Santo_Domingo": "DO", "America/Sao_Paulo": "BR", "America/St_Barthelemy": "BL",
    "America/St_Kitts": "KN", "America/St_Lucia": "LC", "America/St_Thomas": "VI", "America/St_Vincent": "VC",
    "America/Tegucigalpa": "HN", "America/Toronto": "CA", "America/Tortola": "VG", "Antarctica/McMurdo": "AQ",
    "Arctic/Longyearbyen": "SJ", "Asia/Aden": "YE", "Asia/Almaty": "KZ", "Asia/Amman": "JO", "Asia/Ashgabat": "TM",
    "Asia/Baghdad": "IQ", "Asia/Bahrain": "BH", "Asia/Baku": "AZ", "Asia/Bangkok": "TH", "Asia/Beirut": "LB",
    "Asia/Bishkek": "KG", "Asia/Brunei": "BN", "Asia/Colombo": "LK", "Asia/Damascus": "SY", "Asia/Dhaka": "BD",
    "Asia/Dili": "TL", "Asia/Dubai": "AE", "Asia/Dushanbe": "TJ", "Asia/Hebron": "PS", "Asia/Ho_Chi_Minh": "VN",
    "Asia/Hong_Kong": "HK", "Asia/Jakarta": "ID", "Asia/Jerusalem": "IL", "Asia/Kabul": "AF", "Asia/Karachi": "PK",
    "Asia/Kathmandu": "NP", "Asia/Kolkata": "IN", "Asia/Kuala_Lumpur": "MY", "Asia/Kuwait": "KW", "Asia/Macau": "MO",
    "Asia/Manila": "PH", "Asia/Muscat": "OM", "Asia/Nicosia": "CY", "Asia/Phnom_Penh": "KH", "Asia/Pyongyang": "KP",
    "Asia/Qatar": "QA", "Asia/Riyadh": "SA", "Asia/Seoul": "KR", "Asia/Shanghai": "CN", "Asia/Singapore": "SG",
    "Asia/Taipei": "TW", "Asia/Tashkent": "UZ", "Asia/Tbilisi": "GE", "Asia/Tehran": "IR", "Asia/Thimphu": "BT",
    "Asia/Tokyo": "JP", "Asia/Ulaanbaatar": "MN", "Asia/Vientiane": "LA", "Asia/Yangon": "MM", "Asia/Yerevan": "AM",
    "Atlantic/Bermuda": "BM", "Atlantic/Cape_Verde": "CV", "Atlantic/Faroe": "FO", "Atlantic/Reykjavik": "IS",
    "Atlantic/South_Georgia": "GS", "Atlantic/St_Helena": "SH", "Atlantic/Stanley": "FK", "Australia/Sydney": "AU",
    "Europe/Amsterdam": "NL", "Europe/Andorra": "AD", "Europe/Athens": "EL GR", "Europe/Belgrade": "RS XK",
    "Europe/Berlin": "DE", "Europe/Bratislava": "SK", "Europe/Brussels": "BE", "Europe/Bucharest": "RO",
    "Europe/Budapest": "HU", "Europe/Chisinau": "MD", "Europe/Copenhagen": "DK", "Europe/Dublin": "IE",
    "Europe/Gibraltar": "GI", "Europe/Guernsey": "GG", "Europe/Helsinki": "FI", "Europe/Isle_of_Man": "IM",
    "Europe/Istanbul": "TR", "Europe/Jersey": "JE", "Europe/Kyiv": "UA", "Europe/Lisbon": "PT",
    "Europe/Ljubljana": "SI", "Europe/London": "GB UK", "Europe/Luxembourg": "LU", "Europe/Madrid": "ES",
    "Europe/Malta": "MT", "Europe/Mariehamn": "AX", "Europe/Minsk": "BY", "Europe/Monaco": "MC",
    "Europe/Moscow": "RU", "Europe/Oslo": "BV NO", "Europe/Paris": "FR", "Europe/Podgorica": "ME",
    "Europe/Prague": "CZ", "Europe/Riga": "LV", "Europe/Rome": "IT", "Europe/San_Marino": "SM",
    "Europe/Sarajevo": "BA", "Europe/Skopje": "MK", "Europe/Sofia": "BG", "Europe/Stockholm": "SE",
    "Europe/Tallinn": "EE", "Europe/Tirane": "AL", "Europe/Vaduz": "LI", "Europe/Vatican": "VA",
    "Europe/Vienna": "AT", "Europe/Vilnius": "LT", "Europe/Warsaw": "PL", "Europe/Zagreb": "HR",
    "Europe/Zurich": "CH", "Indian/Antananarivo": "MG", "Indian/Chagos": "IO", "Indian/Christmas": "CX",
    "Indian/Cocos": "CC", "Indian/Comoro": "KM", "Indian/Kerguelen": "HM TF", "Indian/Mahe": "SC",
    "Indian/Maldives": "MV", "Indian/Mauritius": "MU", "Indian/Mayotte": "YT", "Indian/Reunion": "RE",
    "Pacific/Apia": "WS", "Pacific/Auckland": "NZ", "Pacific/Efate": "VU", "Pacific/Fakaofo": "TK",
    "Pacific/Fiji": "FJ", "Pacific/Funafuti": "TV", "Pacific/Guadalcanal": "SB", "Pacific/Guam": "GU",
    "Pacific/Majuro": "MH", "Pacific/Midway": "UM", "Pacific/Nauru": "NR", "Pacific/Niue": "NU",
    "Pacific/Norfolk": "NF", "Pacific/Noumea": "NC", "Pacific/Pago_Pago": "AS", "Pacific/Palau": "PW",
    "Pacific/Pitcairn": "PN", "Pacific/Pohnpei": "FM", "Pacific/Port_Moresby": "PG", "Pacific/Rarotonga": "CK",
    "Pacific/Saipan": "MP", "Pacific/Tahiti": "PF", "Pacific/Tarawa": "KI", "Pacific/Tongatapu": "TO",
    "Pacific/Wallis": "WF",
}  # fmt: skip

# Zone -> parts of countries.
_PARTS: Final[dict[str, str]] = {
    "Africa/Ceuta": "ES-CE ES-ML",
    "Africa/Lubumbashi": "CD-KE CD-KN CD-KS CD-LO CD-LU CD-MA CD-NK CD-SA CD-SK CD-TA CD-TO CD-TU",
    "America/Anchorage": "US-AK", "America/Araguaina": "BR-TO", "America/Bahia": "BR-BA",
    "America/Belem": "BR-AP BR-PA", "America/Boa_Vista": "BR-RR", "America/Boise": "US-ID",
    "America/Campo_Grande": "BR-MS", "America/Cancun": "MX-ROO",
    "America/Chicago":
        "US-AL US-AR US-IA US-IL US-KS US-LA US-MN US-MO US-MS US-ND US-NE US-OK US-SD US-TN "
        "US-TX US-WI",
    "America/Chihuahua": "MX-CHH", "America/Cuiaba": "BR-MT", "America/Denver": "US-CO US-MT US-NM US-UT US-WY",
    "America/Detroit": "US-MI", "America/Edmonton": "CA-AB", "America/Fortaleza": "BR-CE BR-MA BR-PB BR-PI BR-RN",
    "America/Halifax": "CA-NS CA-PE", "America/Hermosillo": "MX-SON", "America/Indiana/Indianapolis": "US-IN",
    "America/Iqaluit": "CA-NU", "America/Kentucky/Louisville": "US-KY",
    "America/Los_Angeles": "US-CA US-NV US-OR US-WA", "America/Maceio": "BR-AL BR-SE", "America/Manaus": "BR-AM",
    "America/Mazatlan": "MX-BCS MX-NAY MX-SIN", "America/Merida": "MX-CAM MX-CHP MX-TAB MX-YUC",
    "America/Mexico_City":
        "MX-AGU MX-CMX MX-COL MX-DIF MX-GRO MX-GUA MX-HID MX-JAL MX-MEX MX-MIC MX-MOR MX-OAX "
        "MX-PUE MX-QUE MX-SLP MX-TLA MX-VER MX-ZAC",
    "America/Moncton": "CA-NB", "America/Monterrey": "MX-COA MX-DUR MX-NLE MX-TAM",
    "America/New_York":
        "US-CT US-DC US-DE US-FL US-GA US-MA US-MD US-ME US-NC US-NH US-NJ US-NY US-OH US-PA "
        "US-RI US-SC US-VA US-VT US-WV",
    "America/Noronha": "BR-FN", "America/Nuuk": "GL-KU GL-QT GL-SM", "America/Phoenix": "US-AZ",
    "America/Porto_Velho": "BR-RO", "America/Puerto_Rico": "US-PR US-VI", "America/Punta_Arenas": "CL-MA",
    "America/Recife": "BR-PE", "America/Regina": "CA-SK", "America/Rio_Branco": "BR-AC",
    "America/Sao_Paulo": "BR-DF BR-ES BR-GO BR-MG BR-PR BR-RJ BR-RS BR-SC BR-SP", "America/St_Johns": "CA-NL",
    "America/Tijuana": "MX-BCN", "America/Toronto": "CA-ON CA-QC", "America/Vancouver": "CA-BC",
    "America/Whitehorse": "CA-YT", "America/Winnipeg": "CA-MB", "America/Yellowknife": "CA-NT",
    "Asia/Barnaul": "RU-AL RU-ALT", "Asia/Chita": "RU-ZAB", "Asia/Hovd": "MN-043 MN-046 MN-071",
    "Asia/Irkutsk": "RU-BU RU-IRK", "Asia/Jakarta": "ID-BT ID-JB ID-JI ID-JK ID-JT ID-YO",
    "Asia/Jayapura": "ID-MA ID-MU ID-PA ID-PB", "Asia/Kamchatka": "RU-CHU RU-KAM",
    "Asia/Krasnoyarsk": "RU-KK RU-KYA RU-TY", "Asia/Kuching": "MY-12 MY-13", "Asia/Magadan": "RU-MAG",
    "Asia/Makassar": "ID-BA ID-GO ID-KI ID-KS ID-KU ID-NB ID-NT ID-SA ID-SG ID-SN ID-SR ID-ST",
    "Asia/Novokuznetsk": "RU-KEM", "Asia/Novosibirsk": "RU-NVS", "Asia/Omsk": "RU-OMS",
    "Asia/Pontianak": "ID-KB ID-KT", "Asia/Sakhalin": "RU-SAK", "Asia/Tomsk": "RU-TOM", "Asia/Urumqi": "CN-XJ",
    "Asia/Vladivostok": "RU-KHA RU-PRI RU-YEV", "Asia/Yakutsk": "RU-AMU RU-SA",
    "Asia/Yekaterinburg": "RU-BA RU-CHE RU-KGN RU-KHM RU-ORE RU-PER RU-SVE RU-TYU RU-YAN",
    "Atlantic/Azores": "PT-20", "Atlantic/Canary": "ES-CN ES-GC ES-TF", "Atlantic/Madeira": "PT-30",
    "Australia/Adelaide": "AU-SA", "Australia/Brisbane": "AU-QLD", "Australia/Darwin": "AU-NT",
    "Australia/Hobart": "AU-TAS", "Australia/Melbourne": "AU-VIC", "Australia/Perth": "AU-WA",
    "Australia/Sydney": "AU-ACT AU-NSW", "Europe/Astrakhan": "RU-AST", "Europe/Kaliningrad": "RU-KGD",
    "Europe/Moscow": "RU-MOW RU-SPE", "Europe/Samara": "RU-SAM RU-UD", "Europe/Saratov": "RU-SAR",
    "Europe/Simferopol": "UA-43", "Europe/Ulyanovsk": "RU-ULY", "Europe/Volgograd": "RU-VGG",
    "Pacific/Bougainville": "PG-NSB", "Pacific/Chatham": "NZ-CIT", "Pacific/Easter": "CL-VS-IPC",
    "Pacific/Galapagos": "EC-W", "Pacific/Gambier": "PF-G", "Pacific/Guam": "US-GU US-MP",
    "Pacific/Honolulu": "US-HI", "Pacific/Kanton": "KI-P", "Pacific/Kiritimati": "KI-L", "Pacific/Marquesas": "PF-M",
    "Pacific/Pago_Pago": "US-AS",
}  # fmt: skip

ZONES: Final[dict[str, str]] = {
    code: zone for table in (_COUNTRIES, _PARTS) for zone, codes in table.items() for code in codes.split()
}


def zone_of(code: str, base: str) -> str:
    """Give the IANA zone of a location code, in either case, or the base zone where the code is not known.

    Of a part of a country that is not known the country counts.
    """
    told = code.strip().upper()
    return ZONES.get(told) or ZONES.get(told.partition("-")[0], base)


def known(code: str) -> bool:
    """Tell whether a location code says where it is."""
    told = code.strip().upper()
    return told in ZONES or told.partition("-")[0] in ZONES
