"""Text of others in Markdown: shown, never obeyed."""


def code(text: str) -> str:
    """As code on one line: nothing in it is a link, a mention or the end of the code."""
    flat = " ".join(text.replace("`", "'").split())
    return f"`{flat}`" if flat else "` `"
