"""Code lists that a few application identifiers refer to, as sets of codes.

Sources: ISO 3166-1 (countries), ISO 4217 (currencies, numeric), UN/ECE Recommendation 21 with
the GS1 additions (package types), GS1 General Specifications (AIDC media types).
"""

from typing import Final


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _with_initial(initial: str, endings: str) -> set[str]:
    """Codes of two characters that share their first: each character of endings is a second."""
    return {initial + ending for ending in endings}


#: Second letters of the ISO 3166-1 alpha-2 codes, by first letter.
_ALPHA2_ENDINGS: Final = {
    "A": "DEFGILMOQRSTUWXZ",
    "B": "ABDEFGHIJLMNOQRSTVWYZ",
    "C": "ACDFGHIKLMNORUVWXYZ",
    "D": "EJKMOZ",
    "E": "CEGHRST",
    "F": "IJKMOR",
    "G": "ABDEFGHILMNPQRSTUWY",
    "H": "KMNRTU",
    "I": "DELMNOQRST",
    "J": "EMOP",
    "K": "EGHIMNPRWYZ",
    "L": "ABCIKRSTUVY",
    "M": "ACDEFGHKLMNOPQRSTUVWXYZ",
    "N": "ACEFGILOPRUZ",
    "O": "M",
    "P": "AEFGHKLMNRSTWY",
    "Q": "A",
    "R": "EOSUW",
    "S": "ABCDEGHIJKLMNORSTVXYZ",
    "T": "CDFGHJKLMNORTVWZ",
    "U": "AGMSYZ",
    "V": "ACEGINU",
    "W": "FS",
    "Y": "ET",
    "Z": "AMW",
}
COUNTRY_ALPHA2: Final = frozenset(
    code for initial, ends in _ALPHA2_ENDINGS.items() for code in _with_initial(initial, ends)
)

COUNTRY_NUMERIC: Final = _codes("""
    004 008 010 012 016 020 024 028 031 032 036 040 044 048 050 051 052 056 060 064 068 070 072
    074 076 084 086 090 092 096 100 104 108 112 116 120 124 132 136 140 144 148 152 156 158 162
    166 170 174 175 178 180 184 188 191 192 196 203 204 208 212 214 218 222 226 231 232 233 234
    238 239 242 246 248 250 254 258 260 262 266 268 270 275 276 288 292 296 300 304 308 312 316
    320 324 328 332 334 336 340 344 348 352 356 360 364 368 372 376 380 384 388 392 398 400 404
    408 410 414 417 418 422 426 428 430 434 438 440 442 446 450 454 458 462 466 470 474 478 480
    484 492 496 498 499 500 504 508 512 516 520 524 528 531 533 534 535 540 548 554 558 562 566
    570 574 578 580 581 583 584 585 586 591 598 600 604 608 612 616 620 624 626 630 634 638 642
    643 646 652 654 659 660 662 663 666 670 674 678 682 686 688 690 694 702 703 704 705 706 710
    716 724 728 729 732 740 744 748 752 756 760 762 764 768 772 776 780 784 788 792 795 796 798
    800 804 807 818 826 831 832 833 834 840 850 854 858 860 862 876 882 887 894
""")

CURRENCY_NUMERIC: Final = _codes("""
    008 012 032 036 044 048 050 051 052 060 064 068 072 084 090 096 104 108 116 124 132 136 144
    152 156 170 174 188 191 192 203 208 214 222 230 232 238 242 262 270 292 320 324 328 332 340
    344 348 352 356 360 364 368 376 388 392 398 400 404 408 410 414 417 418 422 426 430 434
    446 454 458 462 480 484 496 498 504 512 516 524 532 533 548 554 558 566 578 586 590 598 600
    604 608 634 643 646 654 682 690 694 702 704 706 710 728 748 752 756 760 764 776 780 784 788
    800 807 818 826 834 840 858 860 882 886 901 924 925 927 928 929 930 931 932 933 934 936 938
    940 941 943 944 946 947 948 949 950 951 952 953 955 956 957 958 959 960 961 962 963 964 965
    967 968 969 970 971 972 973 975 976 977 978 979 980 981 984 985 986 990 994 997 999
""")

#: Two-character package types, by first character; the second characters in a row.
_PACKAGE_ENDINGS: Final = {
    "1": "ABDFGW",
    "2": "C",
    "3": "AH",
    "4": "34ABCDFGH",
    "5": "HLM",
    "6": "HP",
    "7": "AB",
    "8": "ABC",
    "A": "ABCDFGHIJLMPTV",
    "B": "4BCDEFGHIJKLMNOPQRSTUVWXYZ",
    "C": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "D": "ABCGHIJKLMNPRSTUVWXY",
    "E": "123CDEFGHIN",
    "F": "BCDEILOPRTWX",
    "G": "BILRUYZ",
    "H": "ABCGNR",
    "I": "ABCDEFGHKLNZ",
    "J": "BCGRTY",
    "K": "GI",
    "L": "EGTUVZ",
    "M": "ABCERSTWX",
    "N": "AEFGSTUV",
    "O": "ABCDEFKTU",
    "P": "2ABCDEFGHIJKLNOPRTUVXYZ",
    "Q": "ABCDFGHJKLMNPQRS",
    "R": "DGJKLOTZ",
    "S": "1ABCDEHIKLMOPSTUVWXYZ",
    "T": "1BCDEGIKLNORSTUVWYZ",
    "U": "CN",
    "V": "AGIKLNOPQRSY",
    "W": "ABCDFGHJKLMNPQRSTUVWXYZ",
    "X": "3ABCDFGHJK",
    "Y": "ABCDFGHJKLMNPQRSTVWXYZ",
    "Z": "ABCDFGHJKLMNPQRSTUVWXYZ",
}
#: Package types of one or three characters (the latter are mostly GS1 additions).
_PACKAGE_OTHERS: Final = _codes("""
    8 9 200 201 202 203 204 205 206 210 211 212 APE BGE BME BRI CBL CCE DPE FOB FPE LAB MPE OPE
    PAE PLP POP PPE PUE RB1 RB2 RB3 RCB SEC STL TEV THE TRE TTE TWE UUE WRP X11 X12 X15 X16 X17
    X18 X19 X20
""")
PACKAGE_TYPES: Final = _PACKAGE_OTHERS | {
    code for initial, ends in _PACKAGE_ENDINGS.items() for code in _with_initial(initial, ends)
}

#: AIDC media types: 01-10 assigned, 80-99 for local and national use.
MEDIA_TYPES: Final = frozenset(f"{number:02}" for number in (*range(1, 11), *range(80, 100)))
