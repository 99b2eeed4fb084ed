"""Sort keys, so that Chinese names sort as people say them."""


def sort_key(name_zh: str, name_en: str) -> str:
    """Pinyin of the Chinese name, else the English name, in lower case; 400 characters at most."""
    # Late: its dictionary is a third of the start-up time, and few commands name something.
    from pypinyin import lazy_pinyin

    text = " ".join(lazy_pinyin(name_zh)) if name_zh else name_en
    return text.lower()[:400]
