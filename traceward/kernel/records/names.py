"""Sort keys, so that Chinese names sort as people say them."""

from pypinyin import lazy_pinyin


def sort_key(name_zh: str, name_en: str) -> str:
    """Pinyin of the Chinese name, else the English name, in lower case; 400 characters at most."""
    text = " ".join(lazy_pinyin(name_zh)) if name_zh else name_en
    return text.lower()[:400]
